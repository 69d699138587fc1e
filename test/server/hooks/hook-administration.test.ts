import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkHooks } from '../../../server/doctor/check-hooks.ts'
import { pruneHookRunsHandler } from '../../../server/hooks/prune-hook-runs-handler.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { testApp, type GraphQLAnswer, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { graphqlWith, signIn } from '../admin/admin-site.ts'
import { testRemoval } from '../facts/fact-site.ts'
import { uuidOf } from '../graphql-site.ts'
import { endedRuns, hookSite } from './hook-site.ts'

let app: TestApp
let hooks: ReturnType<typeof hookSite>
let ask: (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>

beforeAll(async () => {
  const configDir = mkdtempSync(join(tmpdir(), 'builder-hub-hooks-'))
  app = await testApp({ keep: true, env: { BUILDER_HUB_CONFIG_DIR: configDir } })
  hooks = hookSite(configDir)
  hooks.install('bad.sh', 'echo "no key" >&2; exit 2')
  hooks.install('good.sh', 'echo "published $BUILDER_HUB_TEST"')
  hooks.install('mail.sh', 'exit 0', { event: 'FAILURE', mode: 0o644 })
  await app.deps.runner.start()
  for (const number of [1, 2]) await app.upload(sampleRecord({ uuid: uuidOf(number) }))
  await app.deps.runner.settled()
  ask = graphqlWith(app, { cookie: await signIn(app, 'root', 'ADMIN') })
})
afterAll(async () => {
  await app.close()
  hooks.remove()
})

const admin = async (fields: string) => {
  const { data, errors } = await ask(`{ admin { ${fields} } }`)
  expect(errors).toBeUndefined()
  return data.admin
}
const mutate = async (mutation: string) => {
  const { data } = await ask(`mutation { it: ${mutation} { __typename ... on Refusal { message } } }`)
  return data.it as { __typename: string; message?: string }
}
/** Those that read what the page shows, and whose page it is. The runner has its own meanwhile. */
const statements = () =>
  app.takeQueries().filter((sql) => /^\s*SELECT[^]*\b(HookRun|Session|User)\b/i.test(sql))

test('administrators see the hooks and how the last run of each ended, in few statements', async () => {
  await admin('mayChange')
  const before = statements().length
  expect(before).toBeGreaterThan(0)
  app.takeQueries()
  const { hooks: found } = await admin('hooks { event name isExecutable lastRun { state error buildUuid } }')
  expect(statements().length).toBeLessThanOrEqual(before + 2)
  expect(found).toEqual([
    {
      ...{ event: 'UPLOAD', name: 'bad.sh', isExecutable: true },
      lastRun: { state: 'FAILED', error: 'it exited with status 2', buildUuid: uuidOf(2) },
    },
    {
      ...{ event: 'UPLOAD', name: 'good.sh', isExecutable: true },
      lastRun: { state: 'SUCCEEDED', error: null, buildUuid: uuidOf(2) },
    },
    { event: 'FAILURE', name: 'mail.sh', isExecutable: false, lastRun: null },
  ])
})

test('runs are listed in pages, by state, hook and build, and each has its output', async () => {
  const list = async (args: string) =>
    (
      await admin(
        `hookRuns(${args}) { totalCount nodes { hook buildUuid state exitStatus job platform event isTest } }`,
      )
    ).hookRuns
  expect((await list('first: 3')).nodes).toHaveLength(3)
  expect(await list('filter: { state: FAILED }')).toMatchObject({ totalCount: 2 })
  expect(await list(`filter: { hook: "good.sh", build: "${uuidOf(1)}" }`)).toEqual({
    totalCount: 1,
    nodes: [
      {
        ...{ hook: 'good.sh', buildUuid: uuidOf(1), state: 'SUCCEEDED', exitStatus: 0 },
        ...{ job: 'hello', platform: 'debian-12', event: 'UPLOAD', isTest: false },
      },
    ],
  })
  const { id } = await app.deps.db.hookRun.findFirstOrThrow({ where: { hook: 'bad.sh' } })
  app.takeQueries()
  const { hookRun } = await admin(
    `hookRun(id: "${id}") { output printedBytes attempts signal eventId createdAt startedAt finishedAt canBeRetried verdict }`,
  )
  expect(statements().length).toBeLessThanOrEqual(4)
  expect(hookRun).toMatchObject({
    ...{ output: 'no key\n', printedBytes: 7, attempts: 1, signal: null, canBeRetried: true, verdict: null },
  })
  expect((await admin('hookRun(id: "999999") { id }')).hookRun).toBeNull()
})

test('a folder that cannot be read is named, and the hooks of the others are there', async () => {
  const folder = dirname(hooks.pathOf('any.sh', 'VERDICT'))
  // Who runs the tests may read every folder, but none with such a name.
  symlinkSync('x'.repeat(300), folder)
  const found = await admin('hooks { name } unreadHookFolders { folder problem }')
  rmSync(folder)
  expect(found.hooks).toHaveLength(3)
  expect(found.unreadHookFolders).toEqual([
    { folder, problem: expect.stringContaining('ENAMETOOLONG') as string },
  ])
  expect((await admin('unreadHookFolders { folder }')).unreadHookFolders).toEqual([])
})

test('nobody else sees them', async () => {
  const { data } = await app.graphql('{ admin { hookRuns { totalCount } } }')
  expect(data.admin).toBeNull()
})

test('an administrator runs a hook again, and the audit log says so', async () => {
  const { db } = app.deps
  const { id, eventId } = await db.hookRun.findFirstOrThrow({ where: { hook: 'bad.sh' } })
  expect(await mutate(`retryHookRun(id: "${id}")`)).toEqual({ __typename: 'RetryHookRunSuccess' })
  await endedRuns(app)
  expect(await db.hookRun.findUnique({ where: { id } })).toMatchObject({
    attempts: 2,
    eventId,
    state: 'FAILED',
  })
  const entries = await db.auditEntry.findMany({
    where: { target: 'bad.sh' },
    orderBy: { id: 'desc' },
    take: 2,
  })
  expect(entries.map(({ action, actor, result }) => [action, actor, result])).toEqual([
    ['hook.run', null, 'FAILED'],
    ['hook.retry', 'root', 'DONE'],
  ])
  expect((await mutate('retryHookRun(id: "999999")')).__typename).toBe('HookRunNotFoundError')
})

test('a hook is tried with a build that has arrived already', async () => {
  expect(await mutate('testHook(event: UPLOAD, name: "good.sh")')).toEqual({ __typename: 'TestHookSuccess' })
  const runs = await endedRuns(app)
  const { id } = runs.at(-1)!
  const { hookRun } = await admin(`hookRun(id: "${id}") { isTest output buildUuid }`)
  expect(hookRun).toEqual({ isTest: true, output: 'published 1\n', buildUuid: uuidOf(2) })
  expect(await mutate('testHook(event: FAILURE, name: "mail.sh")')).toMatchObject({
    ...{ __typename: 'HookNotFoundError', message: expect.stringContaining('failure-hooks') as string },
  })
  expect((await mutate(`testHook(event: UPLOAD, name: "good.sh", build: "${uuidOf(9)}")`)).message).toBe(
    `there is no build ${uuidOf(9)} that has a main binary`,
  )
})

test('the doctor names hooks that fail, that cannot run, and that others can change', async () => {
  const check = async () =>
    (await checkHooks(app.deps.db, app.deps.config, new Date())).map(({ level, text }) => [level, text])
  expect(await check()).toEqual([
    ['warning', expect.stringContaining('mail.sh is not executable')],
    ['warning', expect.stringMatching('the hook bad.sh failed 2 times within a week: "hub hooks show ')],
  ])
  chmodSync(dirname(hooks.pathOf('good.sh')), 0o777)
  chmodSync(hooks.pathOf('good.sh'), 0o757)
  expect((await check()).filter(([level]) => level === 'problem')).toEqual([
    ['problem', expect.stringContaining('every user can add hooks to ')],
    ['problem', expect.stringContaining('good.sh, which the server runs')],
  ])
  const { overview } = await admin('overview { warnings { text resourcePath } }')
  expect(overview.warnings).toContainEqual({
    text: expect.stringContaining('the hook bad.sh failed') as string,
    resourcePath: '/admin/hooks',
  })
})

test('runs stay when their build is removed, but do not run again; old ones are forgotten', async () => {
  const { clock, config, db, writer } = app.deps
  const build = await db.build.findUniqueOrThrow({ where: { uuid: uuidOf(1) }, select: { id: true } })
  await writer.transact([], (tx) => removeBuild(tx, build.id, testRemoval))
  const { id } = await db.hookRun.findFirstOrThrow({ where: { buildUuid: uuidOf(1), hook: 'good.sh' } })
  await mutate(`retryHookRun(id: "${id}")`)
  await endedRuns(app)
  expect(await db.hookRun.findUnique({ where: { id } })).toMatchObject({
    ...{ state: 'SKIPPED', error: 'the build was removed', outputSha256: null },
  })
  const later = { ...clock, now: () => new Date(Date.now() + 91 * 86_400_000) }
  const prune = pruneHookRunsHandler({ clock: later, config, writer })
  await prune.run(
    { id: 1 as never, kind: '', key: '', attempts: 1, claims: 1, payload: null, progress: null },
    new AbortController().signal,
  )
  expect(await db.hookRun.count()).toBe(0)
  expect(await db.queuedTask.count({ where: { kind: 'HOOK' } })).toBe(0)
})
