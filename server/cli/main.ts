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
    .description(
      'Manage Builder Hub. The commands use the data directory and also work while the server runs.',
    )
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
  // An error that the operator can correct is printed as one line. Any other error is a bug, with its stack.
  if (!(error instanceof DomainError) && !(error instanceof BadConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
