import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serverActor as actor, type Actor } from '../../../server/audit/actor.ts'
import type { Database } from '../../../server/database/connections.ts'
import { isNews } from '../../../server/event-log/is-news.ts'
import { factSite, removeAll, store, told, type Told } from '../facts/fact-site.ts'
import { uuidOf } from '../graphql-site.ts'

const day = (date: number) => new Date(Date.UTC(2026, 0, date))
const build = (startedAt: Date, more: Partial<Told> = {}): Told => ({
  ...{ job: 'one', platform: 'debian-12', failed: false, startedAt, durationMs: 5_000 },
  ...{ input: null, output: null, readme: null, opamSwitch: null },
  ...more,
})

const inputs = { input: 1, opamSwitch: 1 }

/** Stores builds one after the other. Returns the types of the events of each. */
async function eventsOf(builds: readonly Told[]) {
  const site = await factSite()
  const types: string[][] = []
  for (const [number, one] of builds.entries()) {
    const before = await site.db.event.count()
    await store(site, one, number, actor)
    const events = await site.db.event.findMany({ skip: before, orderBy: { id: 'asc' } })
    types.push(events.map(({ type, build }) => (build === uuidOf(number) ? type : `${type} of another`)))
  }
  return { site, types }
}

test('events tell changes of the result, and not that it stays', async () => {
  const { types } = await eventsOf([
    build(day(1), { failed: true }),
    build(day(2)),
    build(day(3)),
    build(day(4), { failed: true }),
    build(day(5), { failed: true }),
    build(day(5), { platform: 'freebsd-14', failed: true }),
    build(day(5)),
  ])
  expect(types).toEqual([
    ['build.stored', 'build.failed'],
    ['build.stored', 'build.fixed'],
    ['build.stored'],
    ['build.stored', 'build.failed', 'build.newly_failing'],
    ['build.stored', 'build.failed'],
    ['build.stored', 'build.failed'],
    ['build.stored', 'build.fixed'],
  ])
})

test('a build that arrives late changes no state', async () => {
  const { site, types } = await eventsOf([
    build(day(1), { output: 1 }),
    build(day(9), { output: 2 }),
    build(day(5), { output: 3, failed: true }),
    build(day(10), { output: 2, failed: true }),
    build(day(8), { output: 2 }),
  ])
  expect(types.map((one) => one.filter((type) => !/reproduc/.test(type)))).toEqual([
    ['build.stored'],
    ['build.stored', 'output.changed'],
    ['build.stored', 'build.failed'],
    ['build.stored', 'build.failed', 'build.newly_failing'],
    ['build.stored'],
  ])
  const late = await site.db.event.findFirstOrThrow({ where: { type: 'build.stored', build: uuidOf(2) } })
  expect(JSON.parse(late.data)).toMatchObject({ isLate: true, previous: { uuid: uuidOf(1) } })
})

test('events of verdicts name the build that showed it, and the earlier builds', async () => {
  const { site, types } = await eventsOf([
    build(day(1), { ...inputs, output: 1 }),
    build(day(2), { ...inputs, output: 1, job: 'two' }),
    build(day(3), { ...inputs, output: 1 }),
    build(day(4), { ...inputs, output: 2 }),
  ])
  expect(types).toEqual([
    ['build.stored'],
    ['build.stored', 'build.reproduced', 'build.reproduced of another'],
    ['build.stored', 'build.reproduced'],
    ['build.stored', 'output.changed', 'build.not_reproducible', 'build.not_reproducible of another'],
  ])
  const events = await site.db.event.findMany({
    where: { type: 'build.not_reproducible' },
    orderBy: { id: 'asc' },
  })
  expect(
    events.map(({ job, build: uuid, data }) => ({ ...(JSON.parse(data) as object), job, uuid })),
  ).toMatchObject([
    { job: 'one', uuid: uuidOf(3), changed: { count: 2, builds: [uuidOf(2), uuidOf(0)] } },
    {
      ...{ job: 'two', uuid: uuidOf(1), previousVerdict: 'REPRODUCED' },
      ...{ cause: { uuid: uuidOf(3), job: 'one' }, changed: { count: 1, builds: [uuidOf(1)] } },
    },
  ])
})

test('events outlive their build, and a build that is uploaded again has no second ones', async () => {
  const site = await factSite()
  const id = await store(site, build(day(1)), 1, actor)
  await removeAll(site, [id])
  expect(await site.db.event.count()).toBe(1)
  await store(site, build(day(1)), 1, actor)
  expect(await site.db.event.count()).toBe(1)
})

test('copies of old builds have no events, copies of fresh ones have', async () => {
  const receivedAt = day(20)
  expect(isNews({ finishedAt: day(2), receivedAt }, actor)).toBe(true)
  expect(isNews({ finishedAt: day(2), receivedAt }, null)).toBe(false)
  expect(isNews({ finishedAt: day(15), receivedAt }, null)).toBe(true)
  const site = await factSite()
  await store(site, build(day(1)), 1)
  expect(await site.db.event.count()).toBe(0)
})

test('an upload has two statements more for its events', async () => {
  const site = await factSite()
  const one = build(day(1), { input: 1, output: 1 })
  const statementsOf = async (number: number, by: Actor | null) => {
    site.takeStatements()
    await store(site, one, number, by)
    // The audit log has statements of its own.
    return site.takeStatements().filter((sql) => !sql.includes('AuditEntry')).length
  }
  for (const number of [1, 2, 3]) await statementsOf(number, null)
  const without = await statementsOf(4, null)
  expect(await statementsOf(5, actor)).toBe(without + 2)
})

/** Result of the newest build and the newest main binary, by job and platform. */
async function statesOf({ db }: Pick<Database, 'db'>) {
  const rows = await db.jobPlatform.findMany({
    include: { job: true, platform: true, newestBuild: true, newestMainBinary: true },
  })
  return new Map(
    rows.map(({ job, platform, newestBuild, newestMainBinary }) => [
      `${job.name} ${platform.name}`,
      { status: newestBuild.status, sha256: newestMainBinary?.mainBinarySha256 ?? null },
    ]),
  )
}

test('for builds in any order, events of changes are the differences of states', async () => {
  const site = await factSite()
  const arbitrary = fc.array(told, { minLength: 30, maxLength: 30 })
  const [builds = []] = fc.sample(arbitrary, { seed: 31, numRuns: 1 })
  const seen = new Set<string>()
  let before = await statesOf(site)
  let verdicts = new Map<string, string>()
  for (const [number, one] of builds.entries()) {
    const last = await site.db.event.count()
    await store(site, one, number, actor)
    const events = await site.db.event.findMany({ skip: last, orderBy: { id: 'asc' } })
    const after = await statesOf(site)
    const place = `${one.job} ${one.platform}`
    const [was, is] = [before.get(place), after.get(place)]
    const expected = [
      ...(was?.status === 'SUCCEEDED' && is?.status === 'FAILED' ? ['build.newly_failing'] : []),
      ...(was?.status === 'FAILED' && is?.status === 'SUCCEEDED' ? ['build.fixed'] : []),
      ...(was?.sha256 != null && was.sha256 !== is?.sha256 ? ['output.changed'] : []),
    ]
    const types = events.map(({ type }) => type)
    expect(types.filter((type) => /newly|fixed|changed/.test(type))).toEqual(expected)

    const rows = await site.db.build.findMany({ include: { job: true, platform: true } })
    const turned = rows.filter(
      ({ uuid, verdict }) => /REPRODUC/.test(verdict) && verdicts.get(uuid) !== verdict,
    )
    const places = new Set(
      turned.map(({ job, platform, verdict }) => `${job.name} ${platform.name} ${verdict}`),
    )
    expect(types.filter((type) => /reproduc/.test(type))).toHaveLength(places.size)
    verdicts = new Map(rows.map(({ uuid, verdict }) => [uuid, verdict]))
    before = after
    for (const type of types) seen.add(type)
  }
  expect([...seen].sort()).toEqual(
    [
      ...['build.failed', 'build.fixed', 'build.newly_failing', 'build.not_reproducible'],
      ...['build.reproduced', 'build.stored', 'output.changed'],
    ].sort(),
  )
})
