import { Command } from 'commander'
import { operatorMessage } from '../operator-errors.ts'
import { addAccessCommands } from './access.ts'
import { addAnalysisCommands } from './analyse.ts'
import { addDiffCommand } from './diff.ts'
import { addSettings, dataDirOf, environmentOf } from './settings.ts'
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

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

try {
  await hub.parseAsync()
} catch (error) {
  // An error that the operator can correct is printed as one line. Any other error is a bug, with its stack.
  const message = operatorMessage(error, dataDirOf(environmentOf(hub)))
  if (message === null) throw error
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
