import { Command } from 'commander'
import { readConfig } from './config.ts'
import { addSettings, dataDirOf, environmentOf } from './cli/settings.ts'
import { operatorMessage } from './operator-errors.ts'
import { findProjectDir } from './project-dir.ts'
import { readVersion } from './site/read-version.ts'
import { startServer } from './start-server.ts'

const command = addSettings(
  new Command('builder-hub')
    .description('Serve Builder Hub: the web application, the GraphQL API, uploads and downloads.')
    .version(readVersion()),
).parse()

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

try {
  const server = await startServer(readConfig(environmentOf(command)), findProjectDir())
  process.stdout.write(`Builder Hub is ready at ${server.url}\n`)
  void server.lost.then(() => process.exit(1))
  // The signal arrives more than once: the terminal sends it to every process, and npm forwards it.
  let stopping: Promise<void> | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping ??= server.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
} catch (error) {
  const message = operatorMessage(error, dataDirOf(environmentOf(command)))
  if (message === null) throw error
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
