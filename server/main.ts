import { Command } from 'commander'
import { addConfigFile, addSettings, configOf, dataDirOf } from './cli/settings.ts'
import { operatorMessage } from './operator-errors.ts'
import { findProjectDir } from './project-dir.ts'
import { serveForSystemd } from './serve-for-systemd.ts'
import { reloadConfig } from './settings/reload.ts'
import { readVersion } from './site/read-version.ts'
import { startServer, type RunningServer } from './start-server.ts'

const command = addConfigFile(
  addSettings(
    new Command('builder-hub')
      .description('Serve Builder Hub: the web application, the GraphQL API, uploads and downloads.')
      .version(readVersion()),
  ),
).parse()

// Files of the data directory are for the user of the server alone.
process.umask(0o077)

let server: RunningServer | undefined
let systemd: { stopping: () => void } | undefined
let stopping: Promise<void> | undefined

/** Before the server is ready there is nothing that has to end in order: a start can be killed at any point. */
async function stop(): Promise<void> {
  systemd?.stopping()
  await server?.stop()
}

// A process with the id 1, as in a container, hears only signals that it handles. A signal arrives more than once: the
// terminal sends it to every process, and npm forwards it.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stopping ??= stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
// A terminal that is closed sends it, too: there it ends the server.
if (!process.stderr.isTTY) process.on('SIGHUP', () => void (server && reload(server)))

try {
  server = await startServer(configOf(command), findProjectDir())
  process.stdout.write(`Builder Hub is ready at ${server.url}\n`)
  systemd = serveForSystemd(server.deps, process.env)
  void server.lost.then(() => process.exit(1))
} catch (error) {
  const message = operatorMessage(error, dataDirOf(command))
  if (message === null) throw error
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}

/** A configuration with a fault changes nothing, and the server goes on. */
async function reload({ deps }: RunningServer): Promise<void> {
  try {
    const reloaded = await reloadConfig(deps, configOf(command))
    deps.log.info(reloaded, 'the configuration was read again')
  } catch (error) {
    deps.log.error({ err: error }, 'the configuration was read again and is not taken')
  }
}
