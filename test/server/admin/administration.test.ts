import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enqueue } from '../../../server/runner/enqueue.ts'
import { testApp, type GraphQLAnswer, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { graphqlWith, signIn } from './admin-site.ts'

let app: TestApp
let ask: (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>

beforeAll(async () => {
  app = await testApp({
    keep: true,
    env: { BUILDER_HUB_PUBLIC_URL: 'https://hub.example.org', BUILDER_HUB_TRUSTED_PROXIES: '1' },
  })
  await receiveAll(
    app,
    [1, 2, 3].map((number) =>
      sampleRecord({ uuid: uuidOf(number), startedAt: new Date(Date.UTC(2026, 0, number)) }),
    ),
  )
  await app.deps.writer.transact([], async (tx) => {
    // Those that the uploads have asked for.
    await tx.queuedTask.deleteMany()
    await enqueue(
      tx,
      Array.from({ length: 120 }, (_, number) => ({
        kind: 'SOLO5',
        key: `key ${number}`,
        ifKnown: 'keep' as const,
      })),
      new Date('2026-01-01T00:00:00Z'),
    )
    await tx.queuedTask.updateMany({
      where: { key: { in: ['key 3', 'key 5'] } },
      data: { state: 'DEAD', error: 'no room', attempts: 3 },
    })
  })
  ask = graphqlWith(app, { cookie: await signIn(app, 'root', 'ADMIN') })
})
afterAll(() => app.close())

const statements = () => app.takeQueries().filter((sql) => /^SELECT/i.test(sql.trim()))

test.each([
  ['nobody', null, 'UNAUTHENTICATED'],
  ['an uploader', 'UPLOADER', 'FORBIDDEN'],
  ['a reader', 'READER', 'FORBIDDEN'],
] as const)('%s sees nothing of it', async (name, role, code) => {
  const headers: Record<string, string> = role ? { cookie: await signIn(app, name, role) } : {}
  const { data, errors } = await graphqlWith(
    app,
    headers,
  )('{ admin { overview { version } configuration { value } } }')
  expect([data.admin, errors?.[0]?.extensions?.['code']]).toEqual([null, code])
})

test('the overview says how the site is, in few statements', async () => {
  app.takeQueries()
  const { data, errors } = await ask(`{ admin { mayChange overview { version nodeVersion startedAt engine
    disk { freeBytes sizeBytes } databaseBytes content { bytes }
    queues { kind waitingCount runningCount failedCount deadCount oldestDueAt }
    lastUploadAt warnings { level text resourcePath } } } }`)
  expect(errors).toBeUndefined()
  // The session with its user, then what the overview counts.
  expect(statements().length).toBeLessThanOrEqual(12)
  const { overview, mayChange } = data.admin
  expect(mayChange).toBe(true)
  expect(overview).toMatchObject({ nodeVersion: process.version, content: null })
  expect(overview.disk.freeBytes).toBeLessThanOrEqual(overview.disk.sizeBytes as number)
  expect(overview.queues).toContainEqual({
    ...{ kind: 'SOLO5', waitingCount: 118, runningCount: 0, failedCount: 0, deadCount: 2 },
    oldestDueAt: '2026-01-01T00:00:00.000Z',
  })
  expect(overview.warnings).toContainEqual({
    level: 'WARNING',
    text: '2 tasks of the kind SOLO5 are dead: "hub tasks status" says why',
    resourcePath: '/admin/tasks',
  })
})

test('tasks are listed by kind and state, the newest first, in pages', async () => {
  const list = (args: string) =>
    ask(`{ admin { tasks(${args}) { totalCount
    nodes { id kind key state attempts error canBeRetried } pageInfo { hasNextPage endCursor } } } }`)
  const dead = (await list('filter: { state: DEAD }')).data.admin.tasks
  expect(dead.totalCount).toBe(2)
  expect(dead.nodes.map(({ key }: { key: string }) => key)).toEqual(['key 5', 'key 3'])
  expect(dead.nodes[0]).toMatchObject({ state: 'DEAD', attempts: 3, error: 'no room', canBeRetried: true })
  app.takeQueries()
  const first = (await list('filter: { kind: "SOLO5" }, first: 100')).data.admin.tasks
  expect(statements().length).toBeLessThanOrEqual(4)
  expect([first.nodes.length, first.totalCount]).toEqual([100, 120])
  const rest = (await list(`filter: { kind: "SOLO5" }, first: 100, after: "${first.pageInfo.endCursor}"`))
    .data.admin.tasks
  const keys = [...first.nodes, ...rest.nodes].map(({ key }: { key: string }) => key)
  expect(keys).toEqual(Array.from({ length: 120 }, (_, n) => `key ${119 - n}`))
  const last = (await list('filter: { kind: "SOLO5" }, last: 2')).data.admin.tasks
  expect(last.nodes.map(({ key }: { key: string }) => key)).toEqual(['key 1', 'key 0'])
})

test('analyses and their reasons of failure', async () => {
  const { data } = await ask(
    '{ admin { analyses { kinds { kind pendingCount failedCount } failures { kind reason count } } } }',
  )
  expect(data.admin.analyses.kinds).toContainEqual({ kind: 'SOLO5', pendingCount: 118, failedCount: 2 })
  expect(data.admin.analyses.failures).toEqual([{ kind: 'SOLO5', reason: 'no room', count: 2 }])
})

test('settings have a value and a source, and no password', async () => {
  const before = app.deps.config.databaseUrl
  app.deps.config.databaseUrl = 'postgresql://hub:hunter2@127.0.0.1/hub?password=hunter2'
  const { data } = await ask('{ admin { configuration { name variable value source isReloadable } } }')
  app.deps.config.databaseUrl = before
  expect(JSON.stringify(data)).not.toContain('hunter2')
  const of = (name: string) => data.admin.configuration.find((one: { name: string }) => one.name === name)
  expect(of('--database-url').value).toBe('postgresql://hub@127.0.0.1/hub')
  expect(of('--trusted-proxies')).toEqual({
    ...{ name: '--trusted-proxies', variable: 'BUILDER_HUB_TRUSTED_PROXIES', value: '1' },
    ...{ source: 'ENVIRONMENT', isReloadable: true },
  })
  expect(of('--host')).toMatchObject({ source: 'DEFAULT', value: '127.0.0.1' })
})

test('retention: without a policy, with one, and with a fault in it', async () => {
  const query = `{ admin { retention { file policy fault nextRunAt lastRunAt forecast { removedCount freedBytes
    jobCount unknownBecause jobs { jobName buildCount removedCount freedBytes } } } } }`
  const ofFile = async (text: string | null) => {
    const file = text === null ? '' : join(app.deps.config.stagingDir, 'retention.json')
    if (text !== null) writeFileSync(file, text)
    app.deps.config.retentionFile = file
    return (await ask(query)).data.admin.retention
  }
  expect(await ofFile(null)).toMatchObject({ file: null, policy: null, fault: null, forecast: null })
  expect((await ofFile('{ "rules": [{ "keep": {} }] }')).fault).toContain('rules[0].keep')
  const { forecast } = await ofFile('{ "rules": [{ "jobs": "*", "keep": { "newest": 1 } }] }')
  expect(forecast).toMatchObject({ removedCount: 2, jobCount: 1, unknownBecause: null })
  expect(forecast.jobs).toHaveLength(1)
  expect(forecast.jobs[0]).toMatchObject({ buildCount: 3, removedCount: 2 })
  expect(await app.deps.db.build.count()).toBe(3)
  app.deps.config.retentionFile = ''
})
