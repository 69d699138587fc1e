import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { readConfig } from '../../../server/config.ts'
import { cancelRun, findRun } from '../../../server/scheduling/runs.ts'
import { startServer, type RunningServer } from '../../../server/start-server.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { projectDir } from '../../app.ts'
import { isInstalled } from '../../programs.ts'
import { copyTemplate } from '../../template.ts'
import { selfSigned } from '../builder-protocol/self-signed.ts'
import { actAt, add, scriptJob } from '../scheduling/scheduling-site.ts'
import { isRunning } from './script-site.ts'
import { platform, testWorker } from './worker-site.ts'

let dir: string
/** The address of the first start, for those that follow. */
let listen = '127.0.0.1:0'
let server: RunningServer

const startHub = (env: Record<string, string> = {}) =>
  startServer(
    readConfig({
      ...{ BUILDER_HUB_DATA_DIR: join(dir, 'data'), BUILDER_HUB_PORT: '0', BUILDER_HUB_LOG_LEVEL: 'silent' },
      ...{ BUILDER_HUB_BUILDER_LISTEN: listen, ...env },
    }),
    projectDir,
  )

async function restart(env: Record<string, string> = {}): Promise<void> {
  await server.stop()
  server = await startHub(env)
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  mkdirSync(join(dir, 'data'))
  copyTemplate(join(dir, 'data/builder-hub.sqlite3'))
  server = await startHub()
  listen = server.builderAddress ?? ''
})

afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true })
})

const portOf = () => Number(listen.split(':').at(-1))

/** Queues a script, and returns the UUID of its run. */
async function queue(job: string, text: string): Promise<string> {
  const { runs } = await add(server.deps, scriptJob(job, platform, text), actAt(new Date()))
  return runs[0] ?? ''
}

const stateOf = async (uuid: string) => (await findRun(server.deps.db, uuid))?.state

const buildOf = (uuid: string) =>
  server.deps.db.build.findUniqueOrThrow({
    where: { uuid },
    include: { artifacts: { select: { path: true, sizeBytes: true }, orderBy: { path: 'asc' } } },
  })

test('a scheduled script runs on a worker and becomes a build, and so does the next one', async () => {
  await testWorker(portOf())
  for (const job of ['first', 'second']) {
    const uuid = await queue(job, `echo hello; mkdir bin; echo ${job} > bin/${job}; : > empty`)
    await expect.poll(() => stateOf(uuid)).toBe('DONE')
    expect((await buildOf(uuid)).artifacts).toEqual([
      { path: `bin/${job}`, sizeBytes: BigInt(job.length + 1) },
      { path: 'empty', sizeBytes: 0n },
    ])
  }
})

test('a run goes on while the hub restarts, and is stored with all its lines, in one try', async () => {
  await testWorker(portOf())
  const uuid = await queue(
    'restarted',
    'i=0; while [ $i -lt 150 ]; do echo $i; i=$((i+1)); sleep 0.01; done; echo x > file',
  )
  await expect.poll(() => server.deps.consoles.find(uuid)?.lineCount ?? 0).toBeGreaterThan(10)
  await restart()
  await expect.poll(() => stateOf(uuid)).toBe('DONE')
  const run = await findRun(server.deps.db, uuid)
  expect(run?.tries.map(({ ending }) => ending)).toEqual(['STORED'])
  const console = await (await fetch(`${server.url}/job/restarted/build/${uuid}/console`)).text()
  const numbers = console
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split(':').at(-1)))
  expect(numbers).toEqual(Array.from({ length: 150 }, (_, n) => n))
})

test('a run that is cancelled ends on the worker, which takes the next', async () => {
  await testWorker(portOf())
  const mark = `92${process.pid}`
  const uuid = await queue('cancelled', `echo begin; sleep ${mark}`)
  await expect.poll(() => server.deps.consoles.find(uuid)?.lineCount ?? 0).toBe(1)
  await cancelRun(server.deps, actAt(new Date()), { uuid })
  await expect.poll(() => isRunning(`sleep ${mark}`)).toBe(false)
  const next = await queue('after', 'exit 3')
  await expect.poll(() => stateOf(next)).toBe('FAILED')
})

test.skipIf(!isInstalled('openssl'))('with TLS and a token', async () => {
  const { cert, key } = selfSigned(dir)
  await restart({
    BUILDER_HUB_BUILDER_TLS_CERT: cert,
    BUILDER_HUB_BUILDER_TLS_KEY: key,
    BUILDER_HUB_BUILDER_TOKEN_REQUIRED: 'true',
  })
  await addUser(server.deps.writer, byServer(), { name: 'root', password: null, role: 'ADMIN' })
  const { text } = await createToken(server.deps.writer, byServer(), {
    ...{ userName: 'root', name: 'worker', scopes: ['work'] },
  })
  const uuid = await queue('secret', 'echo hello')
  await testWorker(portOf(), {
    server: { host: '127.0.0.1', port: portOf(), tls: { caFile: cert } },
    readToken: async () => text,
  })
  await expect.poll(() => stateOf(uuid)).toBe('DONE')
})
