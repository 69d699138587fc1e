import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { addSettings, environmentOf } from '../server/cli/settings.ts'
import { readConfig } from '../server/config.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { startServer, type RunningServer } from '../server/start-server.ts'
import { byServer } from '../server/audit/actor.ts'
import { addUser } from '../server/users/add-user.ts'
import { keepAndRemove } from './keep-and-remove.ts'
import { sampleBuilds } from './sample-builds.ts'
import { uploadRecord } from './upload-record.ts'

const password = 'demo'

const command = addSettings(
  new Command('demo').description('Start Builder Hub with sample builds in a temporary data directory.'),
  ['host', 'port', 'expiredJobsDays', 'logLevel'],
).parse()

// The configuration of a site of this machine is not for the demo.
process.env['BUILDER_HUB_CONFIG'] = ''

const dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-demo-'))
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))

const server = await start()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(0)))
}

const builds = [...sampleBuilds(new Date())]
const uploaders = new Set(builds.map(({ uploader }) => uploader))
for (const name of uploaders)
  await addUser(server.deps.writer, byServer(), { name, password, unrestricted: true })
process.stdout.write(`uploading ${builds.length} sample builds …\n`)
for (const { uploader, record } of builds)
  await uploadRecord(server.url, { name: uploader, password }, record)
await server.deps.runner.settled()
const { pinned, removed } = await keepAndRemove(server.deps, new Date())

const [uploader] = uploaders
process.stdout.write(`
Builder Hub with sample builds is ready at ${server.url}

  GraphQL API     ${server.url}/graphql
  pinned build    ${server.url}${pinned}
  removed build   ${server.url}${removed}
  send a build    curl --data-binary @full.der http://${uploader}:${password}@${new URL(server.url).host}/upload

It keeps its data in ${dataDir} until you stop it with Ctrl-C.
`)

/** On the wanted port, or, when it was not asked for and is taken, on any that is free. */
async function start(): Promise<RunningServer> {
  const env = {
    BUILDER_HUB_LOG_LEVEL: 'warn',
    ...environmentOf(command),
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_DATABASE_URL: '',
    BUILDER_HUB_CONFIG_DIR: join(dataDir, 'config'),
  }
  const config = readConfig(env)
  const projectDir = findProjectDir()
  try {
    return await startServer(config, projectDir)
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken || environmentOf(command)['BUILDER_HUB_PORT'] !== undefined) throw error
    return startServer({ ...config, port: 0 }, projectDir)
  }
}
