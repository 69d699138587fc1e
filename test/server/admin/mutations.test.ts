import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enqueue } from '../../../server/runner/enqueue.ts'
import { testApp, type GraphQLAnswer, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { graphqlWith, signIn } from './admin-site.ts'

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>

let app: TestApp
let ask: Ask

beforeAll(async () => {
  app = await testApp({ keep: true, env: { BUILDER_HUB_EXPIRED_JOBS: '36500' } })
  await receiveAll(app, [
    ...[1, 2, 3].map((number) =>
      sampleRecord({ job: 'hello', uuid: uuidOf(number), startedAt: new Date(Date.UTC(2026, 0, number)) }),
    ),
    sampleRecord({ job: 'other', uuid: uuidOf(4) }),
  ])
  ask = graphqlWith(app, { cookie: await signIn(app, 'root', 'ADMIN') })
})
afterAll(() => app.close())

/** The result of the one mutation of an operation: its type, its message, and what it returns. */
async function mutate(mutation: string, asked: Ask = ask) {
  const { data, errors } = await asked(
    `mutation { it: ${mutation} { __typename ... on Refusal { message } } }`,
  )
  expect(errors).toBeUndefined()
  return data.it as { __typename: string; message?: string }
}

/** What the audit log has gained since the last call. */
let seen = 0
async function newEntries() {
  const rows = await app.deps.db.auditEntry.findMany({ orderBy: { id: 'asc' }, skip: seen })
  seen += rows.length
  return rows.map(({ actor, action, target, via }) => `${actor} by ${via}: ${action} ${target}`)
}

const mutations = [
  'retryTask(id: "1")',
  'retryFailedAnalyses',
  'applyRetention',
  `pinBuild(uuid: "${uuidOf(1)}", reason: "")`,
  `unpinBuild(uuid: "${uuidOf(1)}")`,
  `removeBuild(uuid: "${uuidOf(1)}", reason: "")`,
  'updateJob(name: "hello", isHidden: true)',
  'removeJob(name: "hello", confirmation: "hello")',
]

test('who is no administrator changes nothing, and hears why', async () => {
  const askers: [string, Ask, string][] = [
    ['nobody', (query, variables) => app.graphql(query, variables), 'UNAUTHENTICATED'],
    ['an uploader', graphqlWith(app, { cookie: await signIn(app, 'up', 'UPLOADER') }), 'FORBIDDEN'],
  ]
  for (const [who, asker, code] of askers)
    for (const mutation of mutations) {
      const { data } = await asker(
        `mutation { it: ${mutation} { __typename ... on NotAuthorizedError { code } } }`,
      )
      expect(data.it, `${who}: ${mutation}`).toEqual({ __typename: 'NotAuthorizedError', code })
    }
  expect(await newEntries()).toEqual([])
  expect(await app.deps.db.build.count()).toBe(4)
})

test('a build is pinned, is not removed then, and is once it is unpinned', async () => {
  const uuid = uuidOf(1)
  expect(await mutate(`pinBuild(uuid: "${uuid}", reason: "runs on ns1")`)).toEqual({
    __typename: 'PinBuildSuccess',
  })
  const { data } = await ask(`{ admin { buildRemoval(uuid: "${uuid}") { buildCount pinnedCount bytes } } }`)
  expect(data.admin.buildRemoval).toMatchObject({ buildCount: 1, pinnedCount: 1 })
  expect(data.admin.buildRemoval.bytes).toBeGreaterThan(0)
  expect((await mutate(`removeBuild(uuid: "${uuid}", reason: "x")`)).__typename).toBe('BuildPinnedError')
  expect((await mutate('removeJob(name: "hello", confirmation: "hello")')).message).toContain(uuid)
  expect((await mutate(`unpinBuild(uuid: "${uuid}")`)).__typename).toBe('UnpinBuildSuccess')
  expect((await mutate(`removeBuild(uuid: "${uuid}", reason: "has a password")`)).__typename).toBe(
    'RemoveBuildSuccess',
  )
  expect(await app.deps.db.tombstone.findUnique({ where: { uuid } })).toMatchObject({
    reason: 'has a password',
  })
  expect((await mutate(`pinBuild(uuid: "${uuid}", reason: "")`)).__typename).toBe('BuildNotFoundError')
  expect(await newEntries()).toEqual([
    `root by session: build.pin ${uuid}`,
    `root by session: build.unpin ${uuid}`,
    `root by session: build.remove ${uuid}`,
  ])
})

test('a hidden job leaves the lists and keeps its pages; a section that is chosen counts', async () => {
  const listed = async () =>
    (await app.graphql('{ jobs { totalCount nodes { name section } } site { jobCount } }')).data
  expect(await mutate('updateJob(name: "other", isHidden: true, section: "Name servers")')).toEqual({
    __typename: 'UpdateJobSuccess',
  })
  expect((await listed()).jobs.nodes.map(({ name }: { name: string }) => name)).toEqual(['hello'])
  expect((await listed()).site.jobCount).toBe(1)
  const home = (await (await fetch(app.url, { headers: { Accept: 'application/json' } })).json()) as {
    jobs: { name: string }[]
  }
  expect(home.jobs.map(({ name }) => name)).not.toContain('other')
  expect((await app.graphql('{ job(name: "other") { section chosenSection isHidden } }')).data.job).toEqual({
    ...{ section: 'Name servers', chosenSection: 'Name servers', isHidden: true },
  })
  const { data } = await ask('{ admin { jobs(filter: { isHidden: true }) { totalCount nodes { name } } } }')
  expect(data.admin.jobs).toEqual({ totalCount: 1, nodes: [{ name: 'other' }] })
  await mutate('updateJob(name: "other", isHidden: false, section: "")')
  expect((await listed()).jobs.nodes).toContainEqual({ name: 'other', section: null })
  expect((await mutate('updateJob(name: "other", section: "a\\nb")')).__typename).toBe('BadSectionError')
  expect((await mutate('updateJob(name: "nowhere", isHidden: true)')).__typename).toBe('JobNotFoundError')
  // What changes nothing is no entry.
  await mutate('updateJob(name: "other", isHidden: false)')
  expect(await newEntries()).toEqual(Array(2).fill('root by session: job.update other'))
})

test('a task that has ended runs again, and no other', async () => {
  const { db, writer } = app.deps
  await writer.transact([], async (tx) => {
    await enqueue(
      tx,
      ['dead', 'waits'].map((key) => ({ kind: 'SOLO5', key, ifKnown: 'keep' as const })),
      new Date(),
    )
    await tx.queuedTask.updateMany({ where: { key: 'dead' }, data: { state: 'DEAD', error: 'no room' } })
  })
  const idOf = async (key: string) => (await db.queuedTask.findFirstOrThrow({ where: { key } })).id
  const dead = await idOf('dead')
  expect((await mutate(`retryTask(id: "${dead}")`)).__typename).toBe('RetryTaskSuccess')
  expect(await db.queuedTask.findUnique({ where: { id: dead } })).toMatchObject({
    ...{ state: 'PENDING', error: null, attempts: 0 },
  })
  expect((await mutate(`retryTask(id: "${await idOf('waits')}")`)).__typename).toBe('TaskNotEndedError')
  expect((await mutate('retryTask(id: "999999")')).__typename).toBe('TaskNotFoundError')
  await writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ where: { key: 'dead' }, data: { state: 'FAILED', error: 'no' } }),
  )
  expect((await mutate('retryFailedAnalyses')).__typename).toBe('RetryFailedAnalysesSuccess')
  expect(await db.queuedTask.findUnique({ where: { id: dead } })).toMatchObject({ state: 'PENDING' })
  expect(await newEntries()).toEqual([
    'root by session: task.retry SOLO5',
    'root by session: analysis.retry null',
  ])
})

test('retention is applied now only with a policy that is right', async () => {
  const { config, db } = app.deps
  expect((await mutate('applyRetention')).__typename).toBe('RetentionPolicyError')
  config.retentionFile = join(config.stagingDir, 'retention.json')
  writeFileSync(config.retentionFile, '{ "rules": 1 }')
  expect((await mutate('applyRetention')).__typename).toBe('RetentionPolicyError')
  expect(await newEntries()).toEqual([])
  writeFileSync(config.retentionFile, '{ "rules": [] }')
  expect((await mutate('applyRetention')).__typename).toBe('ApplyRetentionSuccess')
  expect(await db.queuedTask.count({ where: { kind: 'APPLY_RETENTION', state: 'PENDING' } })).toBe(1)
  expect(await newEntries()).toEqual([`root by session: retention.apply ${config.retentionFile}`])
  config.retentionFile = ''
})

test('a job is removed by who repeats its name', async () => {
  const { data } = await ask('{ admin { jobRemoval(name: "hello") { buildCount pinnedCount } } }')
  expect(data.admin.jobRemoval).toEqual({ buildCount: 2, pinnedCount: 0 })
  expect((await mutate('removeJob(name: "hello", confirmation: "Hello")')).__typename).toBe(
    'NotConfirmedError',
  )
  expect(await app.deps.db.build.count({ where: { job: { name: 'hello' } } })).toBe(2)
  const removed = await ask(
    'mutation { removeJob(name: "hello", confirmation: "hello") { ... on RemoveJobSuccess { leftCount } } }',
  )
  expect(removed.data.removeJob).toEqual({ leftCount: 0 })
  expect(await app.deps.db.job.count({ where: { name: 'hello' } })).toBe(0)
  expect(await newEntries()).toEqual(['root by session: job.remove hello'])
  expect((await mutate('removeJob(name: "never", confirmation: "never")')).__typename).toBe(
    'JobNotFoundError',
  )
})
