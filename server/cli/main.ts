import { Command } from 'commander'
import { BadConfigError } from '../config.ts'
import { DomainError } from '../errors.ts'
import { addAccessCommands } from './access.ts'
import { addAnalysisCommands } from './analyse.ts'
import { addDiffCommand } from './diff.ts'
import { addSettings } from './settings.ts'
import { addUserCommands } from './user.ts'

const hub = addSettings(
  new Command('hub')
    .description('Manage a Builder Hub. Works on the data directory, also while the server runs.')
    .configureHelp({ showGlobalOptions: true }),
  ['dataDir', 'logLevel'],
)
addUserCommands(hub)
addAccessCommands(hub)
addDiffCommand(hub)
addAnalysisCommands(hub)

try {
  await hub.parseAsync()
} catch (error) {
  // What the operator can mend is one line; anything else is a bug, with its stack.
  if (!(error instanceof DomainError) && !(error instanceof BadConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
