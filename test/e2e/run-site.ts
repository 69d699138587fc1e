// A server for the tests of pages of runs, with a worker that does what the tests say (IPC).
//
//   fork(testProgram('run-site'))
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadRecord } from '../../demo/upload-record.ts'
import { byServer } from '../../server/audit/actor.ts'
import { readConfig } from '../../server/config.ts'
import { runJob } from '../../server/scheduling/run-job.ts'
import { startServer } from '../../server/start-server.ts'
import { addUser } from '../../server/users/add-user.ts'
import { databasesDir } from '../databases-dir.ts'
import { sampleRecord } from '../record.ts'
import { add, scriptJob } from '../server/scheduling/scheduling-site.ts'
import { connect, exited, files } from '../server/scheduling/work.ts'
import { projectWithAxe } from './axe-path.ts'
import { uuids } from './samples.ts'

/** What the tests may ask for. The answer is a text: the UUID of a run or a try. */
export type RunSiteCommand =
  | { do: 'queue' | 'take'; job: string; platform: string }
  | { do: 'run'; job: string }
  | { do: 'takeAgain'; platform: string }
  | { do: 'print'; uuid: string; from: number; to: number }
  | { do: 'finish'; uuid: string; code: number }
  | { do: 'lose'; uuid: string; why: string }

const filesDir = mkdtempSync(join(tmpdir(), 'builder-hub-runs-'))
const dataDir = mkdtempSync(join(databasesDir, 'builder-hub-runs-'))
process.once('exit', () => {
  for (const dir of [dataDir, filesDir]) rmSync(dir, { recursive: true, force: true })
})
const config = readConfig({
  BUILDER_HUB_DATA_DIR: dataDir,
  BUILDER_HUB_CONFIG_DIR: join(filesDir, 'config'),
  BUILDER_HUB_PORT: '0',
  BUILDER_HUB_LOG_LEVEL: 'error',
})
const { deps, url } = await startServer(config, projectWithAxe(filesDir))
const user = { name: 'alice', password: 'secret' }
await addUser(deps.writer, byServer(), { name: 'planner', password: 'secret secret', role: 'ADMIN' })
await addUser(deps.writer, byServer(), { ...user, unrestricted: true })
await uploadRecord(url, user, sampleRecord({ job: 'steady', platform: 'debian-12', uuid: uuids.repeatable }))

const links = new Map<string, ReturnType<typeof connect>>()
const linkOf = (platform: string) => {
  const link = links.get(platform) ?? connect(deps, `worker-${platform}`, platform)
  links.set(platform, link)
  return link
}
const taken = new Map<string, Awaited<ReturnType<typeof linkOf>>>()

async function take(platform: string): Promise<string> {
  const link = await linkOf(platform)
  const { uuid } = await link.request(AbortSignal.timeout(60_000))
  await link.started(uuid)
  taken.set(uuid, link)
  return uuid
}

async function obey(command: RunSiteCommand): Promise<string> {
  switch (command.do) {
    case 'queue':
      return (await add(deps, scriptJob(command.job, command.platform))).runs[0] ?? ''
    case 'run':
      return (await runJob(deps, byServer(), { job: command.job }))[0] ?? ''
    case 'take':
      await add(deps, scriptJob(command.job, command.platform))
      return take(command.platform)
    case 'takeAgain':
      return take(command.platform)
    case 'print': {
      const { uuid, from, to } = command
      const lines = Array.from({ length: to - from }, (_, n) => ({
        deltaNs: BigInt(from + n) * 1_000_000n,
        text: Buffer.from(`\u001b[32mline\u001b[0m ${from + n + 1}`),
      }))
      await taken.get(uuid)?.console(uuid).append(lines)
      return uuid
    }
    case 'finish':
      await taken
        .get(command.uuid)
        ?.finish(command.uuid, exited(command.code), files({ 'bin/a': 'a unikernel' }))
      return command.uuid
    case 'lose':
      await taken.get(command.uuid)?.lost(command.uuid, command.why)
      return command.uuid
  }
}

process.on('message', (command: RunSiteCommand) => {
  obey(command).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ answer: url })
