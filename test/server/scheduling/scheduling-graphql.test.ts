import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { testApp, type GraphQLAnswer, type TestApp } from '../../app.ts'
import { graphqlWith, signIn } from '../admin/admin-site.ts'
import { add, opamJob, scriptJob, writeTemplate } from './scheduling-site.ts'

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>
let app: TestApp
let asRoot: Ask

beforeAll(async () => {
  app = await testApp({ keep: true, env: { BUILDER_HUB_BUILDER_LISTEN: '0.0.0.0:4321' } })
  asRoot = graphqlWith(app, { Cookie: await signIn(app, 'root', 'ADMIN') })
})
afterAll(() => app.close())

const message = '__typename ... on Refusal { message }'

test('a schedule is added, shown, changed, paused, rescheduled and removed, and its history stays', async () => {
  const job = 'life'
  const work = { script: { platform: 'debian-12', script: '#!/bin/sh\necho one\n' } }
  const addQuery = `mutation ($job: String!, $work: WorkInput!, $options: ScheduleOptions) {
    scheduleJob(job: $job, work: $work, options: $options) { ${message} ... on ScheduleJobSuccess { jobName } } }`
  const options = { period: 'CRON', cron: '30 4 * * 1', timeZone: 'Europe/Berlin', reproduce: { times: 2 } }
  const added = await asRoot(addQuery, { job, work, options })
  expect(added.data.scheduleJob).toEqual({ __typename: 'ScheduleJobSuccess', jobName: job })
  const again = await asRoot(addQuery, { job, work })
  expect(again.data.scheduleJob).toEqual({
    __typename: 'JobNameUsedError',
    message: expect.stringMatching(/^the job \S+ has a schedule already: change that one/) as string,
  })
  const wrong = await asRoot(addQuery, {
    job: 'wrong',
    work,
    options: { period: 'CRON', cron: '61 * * * *' },
  })
  expect(wrong.data.scheduleJob.__typename).toBe('InvalidScheduleError')

  const shown = `query ($job: String!) { schedule(job: $job) { kind platforms opamPackage script period cron timeZone
    version isPaused nextAt reproduce { times anyPlatform platforms within } limits { allowsNetwork memoryBytes }
    currentRuns { state platformName cause } lastRun { uuid } job { name } } }`
  const one = await asRoot(shown, { job })
  expect(one.data.schedule).toMatchObject({
    ...{ kind: 'SCRIPT', platforms: ['debian-12'], opamPackage: null, script: '#!/bin/sh\necho one\n' },
    ...{ period: 'CRON', cron: '30 4 * * 1', timeZone: 'Europe/Berlin', version: 1, isPaused: false },
    reproduce: { times: 2, anyPlatform: true, platforms: null, within: '7d' },
    limits: { allowsNetwork: true, memoryBytes: null },
    currentRuns: [{ state: 'QUEUED', platformName: 'debian-12', cause: 'SCHEDULE' }],
    ...{ lastRun: null, job: null },
  })
  expect(new Date(one.data.schedule.nextAt as string).getUTCMinutes()).toBe(30)

  const change = `mutation ($job: String!) {
    updateSchedule(job: $job, work: { script: { platform: "debian-12", script: "#!/bin/sh\\necho two\\n" } },
      options: { period: DAILY, reproduce: null, limits: { memoryBytes: 1000000 } }) { ${message} }
    pauseSchedule(job: $job) { ${message} } }`
  const changed = await asRoot(change, { job })
  expect(changed.data).toEqual({
    updateSchedule: { __typename: 'UpdateScheduleSuccess' },
    pauseSchedule: { __typename: 'PauseScheduleSuccess' },
  })
  const two = await asRoot(shown, { job })
  expect(two.data.schedule).toMatchObject({
    ...{ script: '#!/bin/sh\necho two\n', period: 'DAILY', cron: null, reproduce: null, nextAt: null },
    ...{ isPaused: true, version: 2, limits: { memoryBytes: 1_000_000 } },
  })
  const rest = await asRoot(
    `mutation ($job: String!) { resumeSchedule(job: $job) { ${message} }
      reschedule(job: $job, nextAt: "2030-01-02T03:04:05Z", period: WEEKLY) { ${message} }
      runJob(job: $job, reason: " a fix ") { ${message} ... on RunJobSuccess { runs } } }`,
    { job },
  )
  expect(Object.values(rest.data as object).map(({ __typename }) => __typename as string)).toEqual([
    ...['ResumeScheduleSuccess', 'RescheduleSuccess', 'RunJobSuccess'],
  ])
  const rescheduled = await asRoot(shown, { job })
  expect(rescheduled.data.schedule).toMatchObject({ nextAt: '2030-01-02T03:04:05.000Z', period: 'WEEKLY' })

  const removed = await asRoot(`mutation ($job: String!) { removeSchedule(job: $job) { ${message} } }`, {
    job,
  })
  expect(removed.data.removeSchedule.__typename).toBe('RemoveScheduleSuccess')
  const history = await asRoot(
    `query ($job: String!) { schedule(job: $job) { version }
      scheduleVersions(job: $job, first: 10) { totalCount nodes { version changedBy isRemoval text
        changes { addedCount removedCount hunks { lines } } } } }`,
    { job },
  )
  expect(history.data.schedule).toBeNull()
  const versions = history.data.scheduleVersions.nodes as {
    version: number
    isRemoval: boolean
    changes: { hunks: { lines: string[] }[] }
  }[]
  expect(versions.map(({ version, isRemoval }) => [version, isRemoval])).toEqual([
    ...[[4, true], [3, false], [2, false], [1, false]], // prettier-ignore
  ])
  expect(versions[2]?.changes.hunks.flatMap(({ lines }) => lines)).toEqual(
    expect.arrayContaining(['-when: cron 30 4 * * 1 (Europe/Berlin)', '+when: every day', '+echo two']),
  )
  expect(history.data.scheduleVersions.nodes[0]).toMatchObject({ changedBy: 'root', text: null })
})

test('what a change does not name stays, also of the limits and of the policy', async () => {
  const job = 'policy'
  await add(app.deps, scriptJob(job, 'debian-12'))
  const change = (options: object) =>
    asRoot(
      `mutation ($job: String!, $options: ScheduleOptions) {
        updateSchedule(job: $job, options: $options) { ${message} } }`,
      { job, options },
    )
  await change({
    reproduce: { times: 3, platforms: ['netbsd-10'], within: '12h' },
    limits: { memoryBytes: 1_000_000, cpus: 1.5 },
  })
  await change({ reproduce: { times: 2 }, limits: { allowsNetwork: false, cpus: null } })
  const { data } = await asRoot(
    `query ($job: String!) { schedule(job: $job) { reproduce { times anyPlatform platforms within }
      limits { allowsNetwork memoryBytes diskBytes cpus } } }`,
    { job },
  )
  expect(data.schedule).toEqual({
    reproduce: { times: 2, anyPlatform: false, platforms: ['netbsd-10'], within: '12h' },
    limits: { allowsNetwork: false, memoryBytes: 1_000_000, diskBytes: null, cpus: null },
  })
})

test('scripts, templates, histories and addresses of workers are for those who may schedule', async () => {
  await add(app.deps, scriptJob('secret', 'debian-12', 'token=hunter2'))
  writeTemplate(app.deps, 'freebsd-14', 'token=hunter2')
  const at = new Date()
  await app.deps.writer.transact(['runs'], (tx) =>
    tx.buildWorker.create({
      data: {
        ...{ name: 'w1', platform: 'debian-12', address: '192.0.2.7', protocol: 'HUB', software: 'x' },
        ...{ slots: 1, connections: 1, connectedAt: at, lastSeenAt: at },
      },
    }),
  )
  const query = `{ schedule(job: "secret") { script } templates(first: 10) { nodes { platformName fileName content } }
    scheduleVersions(job: "secret") { totalCount } templateVersions(kind: BUILD, platform: "freebsd-14") { totalCount }
    workerListener { host port hasTls requiresToken }
    workers { nodes { name address isConnected currentRuns { uuid } } } }`
  const { data } = await asRoot(query)
  expect(JSON.stringify(data)).toContain('hunter2')
  expect(data.workerListener).toEqual({
    ...{ host: '0.0.0.0', port: 4321, hasTls: false, requiresToken: false },
  })
  expect(data.workers.nodes[0]).toMatchObject({ address: '192.0.2.7', isConnected: true, currentRuns: [] })
  const asUploader = graphqlWith(app, { Cookie: await signIn(app, 'uploader', 'UPLOADER') })
  for (const ask of [app.graphql, asUploader]) {
    const { data: seen } = await ask(query)
    expect(seen).toEqual({
      schedule: { script: null },
      templates: {
        nodes: [{ platformName: 'freebsd-14', fileName: 'orb-build.template.freebsd-14', content: null }],
      },
      ...{ scheduleVersions: null, templateVersions: null },
      workerListener: null,
      workers: { nodes: [{ name: 'w1', address: null, isConnected: true, currentRuns: [] }] },
    })
  }
  const { text } = await createToken(app.deps.writer, byServer(), {
    ...{ userName: 'root', name: 'x', scopes: ['schedule'] },
  })
  const { data: byToken } = await graphqlWith(app, { Authorization: `Bearer ${text}` })(query)
  expect(byToken).toEqual(data)
})

test('queues, templates and runs do what they are told', async () => {
  await add(app.deps, scriptJob('told', 'debian-13'))
  const { data } = await asRoot(`mutation {
    pauseQueue(platform: "debian-13") { ${message} }
    unknown: pauseQueue(platform: "plan9") { ${message} }
    runJob(job: "told", platforms: ["debian-12"]) { ${message} }
    setTemplate(kind: BUILD, platform: "debian-13", content: "orb %%OPAM_PACKAGE%%") { ${message} }
    nothing: removeTemplate(kind: REBUILD, platform: "debian-13") { ${message} }
    rebuildBuild(build: "00000000-0000-4000-8000-000000000000") { ${message} }
    retryRun(run: "00000000-0000-4000-8000-000000000000") { ${message} }
    set: setSectionPolicy(section: "Unikernels", reproduce: { times: 3, onAllPlatforms: true }) { ${message} }
    more: setSectionPolicy(section: "Unikernels", reproduce: { within: "12h" }) { ${message} }
    bad: setSectionPolicy(section: "Unikernels", reproduce: { times: 11 }) { ${message} }
    other: setSectionPolicy(section: "Tools", reproduce: { times: 2 }) { ${message} }
    removeSectionPolicy(section: "Tools") { ${message} }
    missing: removeSectionPolicy(section: "Tools") { ${message} } }`)
  expect(data).toMatchObject({
    pauseQueue: { __typename: 'PauseQueueSuccess' },
    unknown: {
      __typename: 'UnknownPlatformError',
      message: 'the platform plan9 has no queue: it gets one with its first worker',
    },
    runJob: {
      __typename: 'CannotRunError',
      message: expect.stringMatching(/^the job \S+ is built on debian-13 alone$/) as string,
    },
    setTemplate: { __typename: 'SetTemplateSuccess' },
    nothing: { __typename: 'TemplateNotFoundError' },
    rebuildBuild: { __typename: 'BuildNotFoundError' },
    retryRun: { __typename: 'RunNotFoundError' },
    set: { __typename: 'SetSectionPolicySuccess' },
    more: { __typename: 'SetSectionPolicySuccess' },
    bad: {
      __typename: 'InvalidScheduleError',
      message: 'times: it must be an integer from 1 to 10',
    },
    removeSectionPolicy: { __typename: 'RemoveSectionPolicySuccess' },
    missing: { __typename: 'SectionPolicyNotFoundError', message: 'the section Tools has no policy' },
  })
  const { queue: one } = (
    await app.graphql(
      '{ queue(platform: "debian-13") { isPaused } none: queue(platform: "plan9") { isPaused } }',
    )
  ).data
  expect(one).toEqual({ isPaused: true })
  const { sectionPolicies } = (
    await app.graphql('{ sectionPolicies { section reproduce { times anyPlatform platforms within } } }')
  ).data
  expect(sectionPolicies).toEqual([
    { section: 'Unikernels', reproduce: { times: 3, anyPlatform: false, platforms: null, within: '12h' } },
  ])
  const queue =
    await app.graphql(`{ queues { nodes { platformName isPaused waitingCount runningCount slotCount
    firstWaiting { uuid jobName waiting { reason } } } }
    templates { nodes { platformName source } } }`)
  const [own] = (
    queue.data.queues.nodes as { platformName: string; firstWaiting: { uuid: string }[] }[]
  ).filter(({ platformName }) => platformName === 'debian-13')
  expect(own).toMatchObject({
    ...{ isPaused: true, waitingCount: 1, runningCount: 0, slotCount: 0 },
    firstWaiting: [{ jobName: 'told', waiting: { reason: 'QUEUE_PAUSED' } }],
  })
  expect(queue.data.templates.nodes).toContainEqual({ platformName: 'debian-13', source: 'DATABASE' })
  const run = own?.firstWaiting[0]?.uuid
  const cancelled = await asRoot(
    `mutation ($run: UUID!) { cancelRun(run: $run, reason: "wrong branch") { ${message} }
      retryRun(run: $run) { ${message} ... on RetryRunSuccess { run } } }`,
    { run },
  )
  expect(cancelled.data.retryRun.__typename).toBe('RetryRunSuccess')
  const listed = await app.graphql(
    '{ runs(filter: { job: "told", states: [CANCELLED] }) { totalCount nodes { uuid error } } }',
  )
  expect(listed.data.runs).toEqual({
    totalCount: 1,
    nodes: [{ uuid: run, error: 'cancelled by root: wrong branch' }],
  })
  const rest = await asRoot(`mutation {
    resumeQueue(platform: "debian-13") { ${message} } removeTemplate(kind: BUILD, platform: "debian-13") { ${message} }
    dropPlatform(platform: "debian-13") { ${message} } undropPlatform(platform: "debian-13") { ${message} } }`)
  expect(Object.values(rest.data as object).map(({ __typename }) => __typename as string)).toEqual([
    ...['ResumeQueueSuccess', 'RemoveTemplateSuccess', 'DropPlatformSuccess', 'UndropPlatformSuccess'],
  ])
  const times = await asRoot(`{ daily: nextTimes(period: DAILY) { ... on NextTimesSuccess { times } }
    wrong: nextTimes(period: CRON, cron: "x") { ${message} } }`)
  expect(times.data.daily.times).toHaveLength(5)
  expect(times.data.wrong.__typename).toBe('InvalidScheduleError')
})

test('the largest pages take a fixed number of statements', async () => {
  await addMany(120)
  const count = async (query: string) => {
    app.takeQueries()
    const { data, errors } = await app.graphql(query)
    expect(errors).toBeUndefined()
    return [
      Object.values(data as object).map(({ nodes }) => (nodes as unknown[]).length),
      app.takeQueries().length,
    ]
  }
  const run = 'uuid jobName platformName state cause startedAt endedAt error'
  expect(
    await count(`{ schedules(first: 100) { totalCount nodes { jobName kind period nextAt isPaused platforms job { name }
      lastRun { ${run} } currentRuns { ${run} } } } }`),
  ).toEqual([[100], 6])
  expect(await count(`{ runs(first: 100) { totalCount nodes { ${run} tries { workerName } } } }`)).toEqual([
    ...[[100], 3],
  ])
  expect(
    await count(`{ queues(first: 50) { totalCount nodes { platformName waitingCount runningCount slotCount
      firstWaiting(count: 5) { ${run} } } } }`),
  ).toEqual([[50], 6])
  expect(await count(`{ workers(first: 100) { totalCount nodes { name currentRuns { ${run} } } } }`)).toEqual(
    [...[[1], 3]],
  )
})

/** So many schedules and queues, each with a run that waits. */
async function addMany(count: number): Promise<void> {
  const { db, writer } = app.deps
  await add(app.deps, opamJob('many'))
  await add(app.deps, scriptJob('many-runs', 'many'))
  const { id: _, ...schedule } = await db.schedule.findUniqueOrThrow({ where: { job: 'many' } })
  const { id: _id, ...run } = await db.run.findFirstOrThrow({ where: { job: 'many-runs' } })
  const numbers = Array.from({ length: count }, (_one, number) => `many-${number}`)
  await writer.transact(['schedule', 'runs'], async (tx) => {
    await tx.schedule.createMany({ data: numbers.map((job) => ({ ...schedule, job })) })
    await tx.platformQueue.createMany({
      data: numbers.map((platform) => ({ platform, createdAt: run.queuedAt })),
    })
    for (const job of numbers)
      await tx.run.create({
        data: { ...run, job, platform: job, uuid: randomUUID(), queueKey: null, scheduleId: null },
        select: { id: true },
      })
  })
}
