import { Command } from 'commander'
import { BadConfigError, readConfig } from './config.ts'
import { addSettings, environmentOf } from './cli/settings.ts'
import { DataDirInUseError } from './data-dir-lock.ts'
import { findProjectDir } from './project-dir.ts'
import { startServer } from './start-server.ts'

const command = addSettings(
  new Command('builder-hub').description(
    'Serve Builder Hub: the web application, the GraphQL API, uploads and downloads.',
  ),
).parse()

try {
  const server = await startServer(readConfig(environmentOf(command)), findProjectDir())
  process.stdout.write(`Builder Hub is ready at ${server.url}\n`)
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
  const isOperators =
    error instanceof BadConfigError || error instanceof DataDirInUseError || isListenError(error)
  if (!isOperators) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** The address is in use, not local, or not permitted. The operator can correct this; it is not a bug. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen'
}
