import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markForRebuild, rebuildNext } from '../../../server/facts/rebuild-facts.ts'
import type { Build } from '../../../server/generated/prisma/client.ts'
import type { BuildId } from '../../../server/ids.ts'
import { countFreedBytes } from '../../../server/retention/count-freed-bytes.ts'
import { judgeBuilds } from '../../../server/retention/judge-builds.ts'
import type { Keep, StayReason } from '../../../server/retention/keep.ts'
import { FactsUnknownError } from '../../../server/retention/known-facts.ts'
import { listPlaces } from '../../../server/retention/places.ts'
import { forecastVacuum, vacuum } from '../../../server/retention/vacuum.ts'
import { projectDir } from '../../app.ts'
import { isSqlite } from '../../database.ts'
import { definedFacts, storedFacts } from '../facts/defined-facts.ts'
import { factSite, store, told, type FactSite } from '../facts/fact-site.ts'

const now = new Date('2026-02-01T00:00:00Z')

/** A site with builds of two jobs on two platforms; every seventh is pinned. */
async function siteWithBuilds(count: number) {
  const site = await factSite()
  const [builds = []] = fc.sample(fc.array(told, { minLength: count, maxLength: count }), {
    seed: 5,
    numRuns: 1,
  })
  const ids: BuildId[] = []
  for (const [number, build] of builds.entries()) ids.push(await store(site, build, number))
  const pinned = ids.filter((_id, index) => index % 7 === 0)
  await site.writer.transact([], (tx) =>
    tx.pin.createMany({ data: pinned.map((buildId) => ({ buildId, pinnedAt: now, reason: '' })) }),
  )
  return { site, pinned: new Set(pinned) }
}

const newestFirst = (a: Build, b: Build) => b.startedAt.getTime() - a.startedAt.getTime() || b.id - a.id

/** What stays of the builds of one place, from all of them at once, in the plainest way. */
function definedReasons(builds: readonly Build[], keep: Keep, pinned: ReadonlySet<BuildId>) {
  const own = builds.toSorted(newestFirst)
  const withBinary = own.filter(({ mainBinarySha256 }) => mainBinarySha256 !== null)
  const succeeded = own.filter(({ status }) => status === 'SUCCEEDED')
  const within = (list: Build[], build: Build, count = 0) => list.slice(0, count).includes(build)
  const monthOf = ({ startedAt }: Build) => `${startedAt.getUTCFullYear()} ${startedAt.getUTCMonth()}`
  const nth = keep.sinceSuccessful === undefined ? undefined : withBinary[keep.sinceSuccessful - 1]
  const reasonOf = (build: Build): StayReason | null => {
    const same = withBinary.filter(({ mainBinarySha256: hash }) => hash === build.mainBinarySha256)
    const isOfRule =
      within(own, build, keep.newest) ||
      within(succeeded, build, keep.newestSuccessful) ||
      (keep.sinceSuccessful !== undefined && (!nth || newestFirst(build, nth) <= 0)) ||
      (keep.finishedAfter !== undefined && build.finishedAt > keep.finishedAfter) ||
      (keep.days !== undefined && build.startedAt.getTime() >= now.getTime() - keep.days * 86_400_000) ||
      within(
        withBinary.filter((one) => monthOf(one) === monthOf(build)),
        build,
        keep.perMonth,
      ) ||
      within(same, build, keep.perOutput)
    if (isOfRule) return 'rule'
    const { outputs = '' } = keep
    if (outputs.includes('first') && same.at(-1) === build) return 'output'
    if (outputs.includes('last') && same[0] === build) return 'output'
    if ([own[0], withBinary[0], succeeded[0]].includes(build)) return 'newest'
    return pinned.has(build.id) ? 'pinned' : null
  }
  return new Map(own.map((build) => [build.uuid, reasonOf(build)]))
}

const positive = fc.integer({ min: 1, max: 5 })
const instants = fc.constantFrom('2026-01-04T23:00:05Z', '2026-01-05T00:00:00Z', '1970-01-01T00:00:00Z')

const keeps = fc.record(
  {
    newest: positive,
    newestSuccessful: positive,
    sinceSuccessful: positive,
    finishedAfter: instants.map((text) => new Date(text)),
    days: fc.integer({ min: 0, max: 40 }),
    perMonth: fc.integer({ min: 1, max: 2 }),
    perOutput: fc.integer({ min: 1, max: 2 }),
    outputs: fc.constantFrom<('first' | 'last' | 'first-and-last')[]>('first', 'last', 'first-and-last'),
  },
  { requiredKeys: [] },
)

const single: Keep[] = [
  ...[{}, { newest: 3 }, { newestSuccessful: 2 }, { sinceSuccessful: 2 }, { sinceSuccessful: 99 }],
  ...[{ finishedAfter: new Date('2026-01-05T00:00:00Z') }, { days: 12 }, { perMonth: 1 }, { perOutput: 1 }],
  ...(['first', 'last', 'first-and-last'] as const).map((outputs) => ({ outputs })),
]

/** What each build is worth, page by page. */
async function reasonsOf({ db }: Pick<FactSite, 'db'>, keep: Keep) {
  const reasons = new Map<string, StayReason | null>()
  for (const place of await listPlaces(db))
    for await (const page of judgeBuilds(db, place, keep, now))
      for (const { uuid, stays } of page) reasons.set(uuid, stays)
  return reasons
}

async function definedOf({ db }: Pick<FactSite, 'db'>, keep: Keep, pinned: ReadonlySet<BuildId>) {
  const builds = await db.build.findMany()
  return new Map(
    (await listPlaces(db)).flatMap(({ jobId, platformId }) => {
      const own = builds.filter((build) => build.jobId === jobId && build.platformId === platformId)
      return [...definedReasons(own, keep, pinned)]
    }),
  )
}

test('what stays is as defined, and what goes is counted: for each rule alone, and for any together', async () => {
  const { site, pinned } = await siteWithBuilds(50)
  const seen = new Set<StayReason | null>()
  for (const keep of [...single, ...fc.sample(keeps, { seed: 11, numRuns: 6 })]) {
    const reasons = await reasonsOf(site, keep)
    expect(reasons, JSON.stringify(keep)).toEqual(await definedOf(site, keep, pinned))
    for (const reason of reasons.values()) seen.add(reason)
  }
  expect(seen).toEqual(new Set(['rule', 'output', 'newest', 'pinned', null]))

  const keep: Keep = { outputs: 'first' }
  const reasons = await reasonsOf(site, keep)
  const builds = await site.db.build.findMany({ include: { artifacts: true } })
  const contentOf = (list: typeof builds) =>
    new Map(
      list.flatMap((build) => [
        ...build.artifacts.map(({ sha256, sizeBytes }) => [sha256, Number(sizeBytes)] as const),
        [build.scriptSha256, Number(build.scriptSizeBytes)] as const,
        [build.consoleSha256, Number(build.consoleSizeBytes)] as const,
      ]),
    )
  const stays = contentOf(builds.filter(({ uuid }) => reasons.get(uuid) !== null))
  const goes = contentOf(builds.filter(({ uuid }) => reasons.get(uuid) === null))
  const freed = [...goes].filter(([hash]) => !stays.has(hash)).reduce((sum, [, size]) => sum + size, 0)
  const plan = (await listPlaces(site.db)).map((place) => ({ place, keep, reason: '' }))
  expect(freed).toBeGreaterThan(0)
  expect(await countFreedBytes(site.db, plan, now)).toBe(freed)
})

test.runIf(isSqlite)(
  'a vacuum that is killed in any transaction goes on, and comes to the same end',
  async () => {
    const { site, pinned } = await siteWithBuilds(30)
    const keep = { newest: 2 }
    const defined = await definedOf(site, keep, pinned)
    const staying = [...defined].flatMap(([uuid, reason]) => (reason === null ? [] : [uuid])).sort()
    const leaving = defined.size - staying.length
    expect(leaving).toBeGreaterThan(6)
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(projectDir, 'test/server/retention/killed-vacuum.ts'), site.file, '4'],
      { cwd: projectDir, stdio: ['ignore', 'ignore', 'inherit'] },
    )
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
    // What the last transaction did is undone.
    expect(await site.db.tombstone.count()).toBe(3)

    const plan = (await listPlaces(site.db)).map((place) => ({ place, keep, reason: 'vacuum' }))
    const run = async () => {
      let removed = 0
      for await (const step of vacuum(site, plan, { now, restMs: () => 0 })) removed += step.removedCount
      return removed
    }
    expect(await run()).toBe(leaving - 3)
    const builds = await site.db.build.findMany({ select: { uuid: true }, orderBy: { uuid: 'asc' } })
    expect(builds.map(({ uuid }) => uuid)).toEqual(staying)
    expect(await storedFacts(site.db)).toEqual(await definedFacts(site.db))
    const reasons = await site.db.tombstone.groupBy({
      by: ['reason'],
      _count: true,
      orderBy: { reason: 'asc' },
    })
    expect(reasons.map(({ reason, _count }) => [reason, _count])).toEqual([
      ['killed', 3],
      ['vacuum', leaving - 3],
    ])
    expect(await run()).toBe(0)
  },
)

test('while newest builds are computed anew nothing is removed, whatever was decided before', async () => {
  const { site } = await siteWithBuilds(12)
  const mark = (rule: string) => site.writer.transact([], (tx) => markForRebuild(tx, [rule]))
  const plan = (await listPlaces(site.db)).map((place) => ({ place, keep: { newest: 1 }, reason: '' }))
  const options = { now, transactionMs: 0 }
  for (const rule of ['job-platforms', 'job-outputs', 'verdicts']) {
    await mark(rule)
    await expect(vacuum(site, plan, options).next(), rule).rejects.toThrow(FactsUnknownError)
    await expect(forecastVacuum(site, plan, now).next(), rule).rejects.toThrow('hub rebuild-facts')
    await site.writer.transact([], (tx) => tx.factRebuild.deleteMany({}))
  }
  // These do not say which builds stay.
  await mark('job-periods')
  const steps = vacuum(site, plan, options)
  let removedCount = 0
  while (removedCount === 0) removedCount = (await steps.next()).value?.removedCount ?? 0
  await mark('job-platforms')
  await expect(steps.next()).rejects.toThrow(FactsUnknownError)
  expect(await site.db.build.count()).toBe(12 - removedCount)
  while (await rebuildNext(site)) {
    // Until no rule is marked.
  }
  for await (const step of vacuum(site, plan, options)) removedCount += step.removedCount
  expect(await site.db.build.count()).toBe(12 - removedCount)
  expect(removedCount).toBeGreaterThan(1)
})
