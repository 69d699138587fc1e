import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ChangeKind } from '../../server/changes/change.ts'
import { systemClock, type Clock } from '../../server/clock.ts'
import { readConfig } from '../../server/config.ts'
import type { Deps } from '../../server/deps.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer } from '../../server/start-server.ts'
import { receiveBuild } from '../../server/uploads/receive-build.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, projectDir, temporaryDir, testApp, type TestApp } from '../app.ts'
import { emptyDatabase, freshDatabase, isSqlite } from '../database.ts'
import { builtProgram } from '../programs.ts'
import { file, sampleRecord } from '../record.ts'
import { sha256, uuidOf } from './graphql-site.ts'
import { gate } from './runner/task-site.ts'

const execute = promisify(execFile)

/** Two servers on one database and one store of files; each has its own connections, as in processes of their own. */
async function twoServers({ clock = systemClock } = {}): Promise<{ asked: TestApp; other: TestApp }> {
  const { openAgain, ...database } = await freshDatabase(temporaryDir())
  onTestFinished(database.closeDatabase)
  const ofOther = await openAgain()
  onTestFinished(ofOther.closeDatabase)
  const asked = await testApp({ database, clock })
  return { asked, other: await testApp({ database: ofOther, blobs: asked.deps.blobs }) }
}

async function receive({ deps }: { deps: Deps }, record: ExecRecord): Promise<void> {
  await receiveBuild(
    deps,
    await deps.authenticate({ kind: 'password', ...alice }, 'test'),
    encodeExecRecord(record),
  )
}

const record = (n: number) =>
  sampleRecord({
    uuid: uuidOf(n),
    startedAt: new Date(Date.UTC(2026, 10, n)),
    artifacts: [file('bin/hello.hvt', 'x'.repeat(n)), file('same', 'same')],
  })

const queryOf = (query: string) => `/graphql?query=${encodeURIComponent(query)}`
const json = { Accept: 'application/json' }

/** Everything that answers from memory, and what its answer has only after the changes of the test below. */
const doors: [name: string, path: string, tells: string, headers?: Record<string, string>][] = [
  ['GraphQL', queryOf('{ job(name: "hello") { newestBuild { uuid } } }'), uuidOf(2)],
  ['the home page', '/', 'second'],
  ['the page of a job', '/job/hello', uuidOf(2)],
  ['a feed', '/feed.atom', uuidOf(2)],
  ['a badge', '/job/hello/badge.svg?platform=debian-12', ', 2 B'],
  ['the latest build', '/job/hello/build/latest', uuidOf(2)],
  ['the build of an artifact', `/hash?sha256=${sha256('same')}`, uuidOf(2)],
  ['the main binary', `/job/hello/build/${uuidOf(1)}/main-binary`, '/f/bin/renamed'],
  ['JSON of all jobs', '/all-builds', 'second', json],
  ['JSON of a job', '/job/hello', uuidOf(2), json],
]

async function answerOf(
  app: { url: string },
  path: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const answer = await fetch(app.url + path, {
    headers: { Accept: path.startsWith('/graphql') ? json.Accept : 'text/html', ...headers },
    redirect: 'manual',
  })
  return `${answer.headers.get('location') ?? ''}\n${await answer.text()}`
}

/** Statements that read more than whether a name exists, which some doors ask before they look into their memory. */
const readsOf = (app: TestApp) => app.takeQueries().filter((sql) => /"(Build|Artifact)"/.test(sql))

/**
 * SQLite: the next answer. PostgreSQL: as soon as the server is notified, or its last look is too old; much sooner than
 * answers from memory expire.
 */
async function expectNext(name: string, ask: () => Promise<string>, tells: string): Promise<void> {
  if (isSqlite) expect(await ask(), name).toContain(tells)
  else await expect.poll(ask, { message: name }).toContain(tells)
}

test('the next answer of each door has what another server has stored', async () => {
  const { asked, other } = await twoServers()
  await receive(asked, record(1))
  const before = await Promise.all(doors.map(([, path, , headers]) => answerOf(asked, path, headers)))
  doors.forEach(([name, , tells], n) => expect(before[n], name).not.toContain(tells))
  asked.takeQueries()
  for (const [, path, , headers] of doors) await answerOf(asked, path, headers)
  expect(readsOf(asked)).toEqual([])
  await receive(other, record(2))
  await receive(other, { ...record(3), job: 'second', artifacts: [file('bin/x', 'y')] })
  await other.deps.writer.transact(['facts'], (tx) =>
    tx.artifact.updateMany({
      where: { build: { uuid: uuidOf(1) }, path: 'bin/hello.hvt' },
      data: { path: 'bin/renamed' },
    }),
  )
  for (const [name, path, tells, headers] of doors)
    await expectNext(name, () => answerOf(asked, path, headers), tells)
})

test('the next answer has what a command in a process of its own has corrected', async () => {
  const dataDir = temporaryDir()
  const database = isSqlite ? [] : ['--database-url', await emptyDatabase()]
  const [name = '', url = ''] = database
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
    ...(name === '' ? {} : { BUILDER_HUB_DATABASE_URL: url }),
  })
  const server = await startServer(config, projectDir)
  onTestFinished(server.stop)
  await server.deps.runner.settled()
  await addUser(server.deps.writer, byServer(), { ...alice, unrestricted: true })
  await receive(server, record(1))
  await server.deps.writer.transact([], (tx) => tx.build.updateMany({ data: { verdict: 'REPRODUCED' } }))
  const ask = () => answerOf(server, queryOf('{ builds { nodes { reproducibility { verdict } } } }'))
  expect(await ask()).toContain('"REPRODUCED"')
  const { stdout } = await execute(process.execPath, [
    ...[builtProgram('hub'), 'rebuild-facts', '--data-dir', dataDir],
    ...database,
  ])
  expect(stdout).toMatch(/[1-9]\d* rows? corrected/)
  await expectNext('GraphQL', ask, '"UNCONFIRMED"')
})

test('answers are remembered while tasks and analyses change', async () => {
  const { asked, other } = await twoServers()
  await receive(asked, record(1))
  const askAll = async () => {
    for (const [, path, , headers] of doors) await answerOf(asked, path, headers)
  }
  await askAll()
  asked.takeQueries()
  for (const changes of [['tasks'], ['analyses'], [], ['tasks', 'analyses']] satisfies ChangeKind[][])
    for (const { deps } of [asked, other])
      await deps.writer.transact(changes, (tx) =>
        tx.queuedTask.updateMany({ data: { priority: { increment: 1 } } }),
      )
  asked.takeQueries()
  await askAll()
  expect(readsOf(asked)).toEqual([])
})

test('a transaction that is rolled back is no change', async () => {
  const { deps } = await testApp()
  let count = 0
  deps.changes.on(['builds'], () => count++)
  const failing = deps.writer.transact(['builds'], () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  await deps.changes.look()
  expect(count).toBe(0)
  expect(await deps.db.changeCount.findMany()).toEqual([])
})

test('the result of a transaction says what has changed', async () => {
  const { deps } = await testApp()
  let count = 0
  deps.changes.on(['facts'], () => count++)
  for (const rows of [0, 3, 0])
    await deps.writer.transact(
      (found) => (found > 0 ? ['facts'] : []),
      () => Promise.resolve(rows),
    )
  await deps.changes.look()
  expect(count).toBe(1)
  expect(await deps.db.changeCount.findMany()).toEqual([{ kind: 'facts', value: 1n }])
})

test('an upload is one transaction with one statement for the changes', async () => {
  const app = await testApp()
  await receive(app, record(1))
  app.takeQueries()
  await receive(app, record(2))
  const statements = app.takeQueries()
  expect(statements.filter((sql) => sql.includes('ChangeCount'))).toHaveLength(1)
  expect(statements.filter((sql) => /^COMMIT/.test(sql)).length).toBeLessThanOrEqual(1)
})

test('listeners hear of changes of other processes without any request; one that throws hurts nobody', async () => {
  const { asked, other } = await twoServers()
  const heard: string[] = []
  asked.deps.changes.on(['builds'], () => {
    throw new Error('deaf')
  })
  asked.deps.changes.on(['builds', 'facts'], () => heard.push('builds'))
  const stop = asked.deps.changes.on(['tasks'], () => heard.push('tasks'))
  await receive(other, record(1))
  await expect.poll(() => heard).toEqual(['builds'])
  await other.deps.writer.transact(['tasks'], () => Promise.resolve())
  await expect.poll(() => heard).toEqual(['builds', 'tasks'])
  stop()
  expect(asked.deps.changes.listenerCount('tasks')).toBe(0)
})

test('a runner runs what another process has enqueued without waiting for its next look', async () => {
  // The pause of an upload ends, but the time of the next look never comes.
  const after: Clock['after'] = (ms, action) => (ms < 1_000 ? systemClock.after(ms, action) : () => {})
  const { asked, other } = await twoServers({ clock: { ...systemClock, after } })
  await asked.deps.runner.start()
  await asked.deps.runner.settled()
  await receive(other, record(1))
  await expect
    .poll(() => asked.deps.db.queuedTask.count({ where: { state: 'PENDING', dueAt: { lte: new Date() } } }))
    .toBe(0)
})

test.skipIf(isSqlite)('a notification that is lost is made up for by the next look', async () => {
  const { asked, other } = await twoServers()
  await receive(asked, record(1))
  const ask = () => answerOf(asked, '/job/hello/build/latest')
  expect(await ask()).toContain(uuidOf(1))
  // Stores without notifying anybody.
  await other.deps.writer.transact([], async (tx) => {
    await tx.artifact.updateMany({ where: { path: 'bin/hello.hvt' }, data: { path: 'x' } })
    await tx.build.update({ where: { uuid: uuidOf(1) }, data: { uuid: uuidOf(9) } })
    await tx.changeCount.updateMany({ data: { value: { increment: 1 } } })
  })
  // A look is at most 100 ms old.
  await sleep(150)
  expect(await ask()).toContain(uuidOf(9))
})

test.skipIf(isSqlite)('who joins a look that began long ago waits for a newer one', async () => {
  const { asked, other } = await twoServers()
  const [read, goOn] = [gate(), gate()]
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
  let isHeld = false
  async function hold(answer: unknown, sql: unknown): Promise<unknown> {
    await answer
    if (isHeld || !String(sql).includes('FROM "ChangeCount"')) return answer
    isHeld = true
    read.open()
    await goOn.opened
    return answer
  }
  function held(this: pg.Client, ...args: unknown[]): unknown {
    return hold(query.apply(this, args), args[0])
  }
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(held)
  onTestFinished(() => spy.mockRestore())
  await sleep(150)
  const slow = asked.deps.changes.look()
  await read.opened
  let heard = 0
  asked.deps.changes.on(['facts'], () => heard++)
  // A change that notifies nobody.
  await other.deps.writer.transact([], (tx) =>
    tx.changeCount.upsert({
      where: { kind: 'facts' },
      create: { kind: 'facts', value: 1 },
      update: { value: { increment: 1 } },
    }),
  )
  await sleep(150)
  const joined = asked.deps.changes.look()
  goOn.open()
  await slow
  await joined
  expect(heard).toBe(1)
})

test.skipIf(isSqlite)(
  'a listening connection that is ended is replaced, and nothing old is given meanwhile',
  async () => {
    const { asked, other } = await twoServers()
    await receive(asked, record(1))
    const ask = () => answerOf(asked, '/job/hello/build/latest')
    expect(await ask()).toContain(uuidOf(1))
    await other.deps.db.$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
    WHERE application_name = 'builder-hub changes' AND datname = current_database()`
    await receive(other, record(2))
    await expect.poll(ask).toContain(uuidOf(2))
    let heard = 0
    asked.deps.changes.on(['facts'], () => heard++)
    await expect
      .poll(async () => {
        await other.deps.writer.transact(['facts'], () => Promise.resolve())
        return heard
      })
      .toBeGreaterThan(1)
  },
)
