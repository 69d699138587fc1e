import type { Build } from '../../../server/generated/prisma/client.ts'
import type { Reader } from '../../../server/database/reader.ts'

/*
 * What each table of derived facts has to say, from all builds at once, in the plainest way; and what it does say, in
 * the same shape. Rows are named by jobs, platforms and UUIDs, so that two databases can be compared.
 */

type NamedBuild = Build & { job: { name: string }; platform: { name: string }; artifacts: { path: string }[] }
type Facts = Record<string, Record<string, unknown>>

const dayMs = 86_400_000

/** The first instant of the day, the week (from Monday) and the month of an instant, and that of the next one. */
function periods(at: Date): [unit: string, startsAt: Date, endsAt: Date][] {
  const midnight = (year: number, month: number, day: number) => {
    const date = new Date(0)
    date.setUTCFullYear(year, month, day)
    return date
  }
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  const today = midnight(year, month, day)
  let monday = today
  while (monday.getUTCDay() !== 1) monday = new Date(monday.getTime() - dayMs)
  return [
    ['DAY', today, new Date(today.getTime() + dayMs)],
    ['WEEK', monday, new Date(monday.getTime() + 7 * dayMs)],
    ['MONTH', midnight(year, month, 1), midnight(year, month + 1, 1)],
  ]
}

/** Oldest first; builds that started at the same time in the order of their arrival. */
const byStart = (a: Build, b: Build) => a.startedAt.getTime() - b.startedAt.getTime() || a.id - b.id

export async function definedFacts(db: Reader): Promise<Facts> {
  const builds: NamedBuild[] = await db.build.findMany({
    include: { job: true, platform: true, artifacts: true },
  })
  builds.sort(byStart)
  const withOutput = builds.filter((build) => build.mainBinarySha256 !== null)
  const isDenied = (build: Build) =>
    build.inputId !== null &&
    withOutput.some(
      (other) => other.inputId === build.inputId && other.mainBinarySha256 !== build.mainBinarySha256,
    )
  const verdictOf = (build: Build) => {
    if (build.mainBinarySha256 === null) return 'NO_OUTPUT'
    if (isDenied(build)) return 'NOT_REPRODUCIBLE'
    const same = withOutput.filter((other) => other.mainBinarySha256 === build.mainBinarySha256)
    return same.length > 1 ? 'REPRODUCED' : 'UNCONFIRMED'
  }
  const group = (keysOf: (build: NamedBuild) => string[], among = builds) => {
    const groups: Record<string, NamedBuild[]> = {}
    for (const build of among) for (const key of keysOf(build)) (groups[key] ??= []).push(build)
    return Object.entries(groups)
  }
  const count = (own: NamedBuild[], verdict: string) => own.filter((one) => verdictOf(one) === verdict).length
  const verdictCounts = (own: NamedBuild[]) => ({
    reproducedCount: count(own, 'REPRODUCED'),
    notReproducibleCount: count(own, 'NOT_REPRODUCIBLE'),
    unconfirmedCount: count(own, 'UNCONFIRMED'),
  })
  const facts = (rows: [string, unknown][]) => Object.fromEntries(rows)
  const last = (own: NamedBuild[], condition: (build: NamedBuild) => boolean) =>
    own.filter(condition).at(-1) ?? null
  const ends = <Value extends bigint | string>(values: Value[]): [Value | null, Value | null] => {
    const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return [sorted[0] ?? null, sorted.at(-1) ?? null]
  }
  return {
    verdicts: facts(builds.map((build) => [build.uuid, verdictOf(build)])),
    outputs: facts(
      group((build) => [String(build.mainBinarySha256)], withOutput).map(([sha256, own]) => [
        sha256,
        {
          buildCount: own.length,
          inputCount: new Set(own.flatMap(({ inputId }) => inputId ?? [])).size,
          hasOtherOutput: own.some(isDenied),
        },
      ]),
    ),
    platforms: facts(group((build) => [build.platform.name]).map(([name]) => [name, true])),
    jobs: facts(
      group((build) => [build.job.name]).map(([name, own]) => {
        const readme = last(own, (build) => build.readmeSha256 !== null)
        const opamSwitch = last(own, (build) => build.opamSwitchSha256 !== null)
        return [
          name,
          {
            newestSuccessAt:
              last(own, (build) => build.status === 'SUCCEEDED' || build.mainBinarySha256 !== null)
                ?.startedAt ?? null,
            readmeSha256: readme?.readmeSha256 ?? null,
            readmeAt: readme?.startedAt ?? null,
            // No test here reads it.
            pendingSwitchSha256: opamSwitch?.opamSwitchSha256 ?? null,
            switchAt: opamSwitch?.startedAt ?? null,
          },
        ]
      }),
    ),
    jobPlatforms: facts(
      group((build) => [`${build.job.name} ${build.platform.name}`]).map(([key, own]) => [
        key,
        {
          succeededCount: own.filter(({ status }) => status === 'SUCCEEDED').length,
          failedCount: own.filter(({ status }) => status === 'FAILED').length,
          ...verdictCounts(own),
          newestBuild: own.at(-1)?.uuid ?? null,
          newestSuccess: last(own, ({ status }) => status === 'SUCCEEDED')?.uuid ?? null,
          newestMainBinary: last(own, ({ mainBinarySha256 }) => mainBinarySha256 !== null)?.uuid ?? null,
        },
      ]),
    ),
    jobOutputs: facts(
      group(
        ({ job, platform, mainBinarySha256 }) =>
          [platform.name, 'all'].map((scope) => `${job.name} ${scope} ${mainBinarySha256}`),
        withOutput,
      ).map(([key, own]) => [
        key,
        {
          sizeBytes: own[0]?.mainBinarySizeBytes,
          buildCount: own.length,
          first: own[0]?.uuid,
          firstStartedAt: own[0]?.startedAt,
          last: own.at(-1)?.uuid,
          lastStartedAt: own.at(-1)?.startedAt,
        },
      ]),
    ),
    jobFiles: facts(
      group(({ job, artifacts }) => artifacts.map(({ path }) => `${job.name} ${path}`)).map(([key, own]) => [
        key,
        { buildCount: own.length, newest: own.at(-1)?.uuid, newestStartedAt: own.at(-1)?.startedAt },
      ]),
    ),
    jobPeriods: facts(
      group(({ job, platform, startedAt }) =>
        periods(startedAt).map(
          ([unit, from, to]) =>
            `${job.name} ${platform.name} ${unit} ${from.toISOString()} ${to.toISOString()}`,
        ),
      ).map(([key, own]) => {
        const durations = own
          .filter(({ status }) => status === 'SUCCEEDED')
          .map(({ startedAt, finishedAt }) => BigInt(finishedAt.getTime() - startedAt.getTime()))
        const [durationMinMs, durationMaxMs] = ends(durations)
        const [sizeMinBytes, sizeMaxBytes] = ends(own.flatMap((build) => build.mainBinarySizeBytes ?? []))
        const [sha256Min, sha256Max] = ends(own.flatMap((build) => build.mainBinarySha256 ?? []))
        return [
          key,
          {
            buildCount: own.length,
            failedCount: own.filter(({ status }) => status === 'FAILED').length,
            ...verdictCounts(own),
            durationSumMs: durations.reduce((sum, one) => sum + one, 0n),
            ...{ durationMinMs, durationMaxMs, sizeMinBytes, sizeMaxBytes, sha256Min, sha256Max },
          },
        ]
      }),
    ),
  }
}

export async function storedFacts(db: Reader): Promise<Facts> {
  const builds = await db.build.findMany()
  const outputs = await db.output.findMany()
  const platforms = await db.platform.findMany()
  const jobs = await db.job.findMany()
  const jobPlatforms = await db.jobPlatform.findMany({
    include: { job: true, platform: true, newestBuild: true, newestSuccess: true, newestMainBinary: true },
  })
  const jobOutputs = await db.jobOutput.findMany({
    include: { job: true, firstBuild: true, lastBuild: true },
  })
  const jobFiles = await db.jobFile.findMany({ include: { job: true } })
  const uuids = new Map<number, string>(builds.map(({ id, uuid }) => [id, uuid]))
  const jobPeriods = await db.jobPeriod.findMany({ include: { job: true } })
  const platformName = new Map<number, string>(platforms.map(({ id, name }) => [id, name]))
  platformName.set(0, 'all')
  return {
    verdicts: Object.fromEntries(builds.map(({ uuid, verdict }) => [uuid, verdict])),
    outputs: Object.fromEntries(
      outputs.map(({ sha256, buildCount, inputCount, hasOtherOutput }) => [
        sha256,
        { buildCount, inputCount, hasOtherOutput },
      ]),
    ),
    platforms: Object.fromEntries(platforms.map(({ name }) => [name, true])),
    jobs: Object.fromEntries(
      jobs.map(({ name, newestSuccessAt, readmeSha256, readmeAt, pendingSwitchSha256, switchAt }) => [
        name,
        { newestSuccessAt, readmeSha256, readmeAt, pendingSwitchSha256, switchAt },
      ]),
    ),
    jobPlatforms: Object.fromEntries(
      jobPlatforms.map((row) => [
        `${row.job.name} ${row.platform.name}`,
        {
          succeededCount: row.succeededCount,
          failedCount: row.failedCount,
          reproducedCount: row.reproducedCount,
          notReproducibleCount: row.notReproducibleCount,
          unconfirmedCount: row.unconfirmedCount,
          newestBuild: row.newestBuild.uuid,
          newestSuccess: row.newestSuccess?.uuid ?? null,
          newestMainBinary: row.newestMainBinary?.uuid ?? null,
        },
      ]),
    ),
    jobOutputs: Object.fromEntries(
      jobOutputs.map(({ job, scope, sha256, sizeBytes, buildCount, firstBuild, lastBuild, ...row }) => [
        `${job.name} ${platformName.get(scope)} ${sha256}`,
        {
          ...{ sizeBytes, buildCount },
          ...{ first: firstBuild.uuid, firstStartedAt: row.firstStartedAt },
          ...{ last: lastBuild.uuid, lastStartedAt: row.lastStartedAt },
        },
      ]),
    ),
    jobFiles: Object.fromEntries(
      jobFiles.map(({ job, path, buildCount, newestBuildId, newestStartedAt }) => [
        `${job.name} ${path}`,
        { buildCount, newest: uuids.get(newestBuildId), newestStartedAt },
      ]),
    ),
    jobPeriods: Object.fromEntries(
      jobPeriods.map(({ job, jobId: _job, platformId, unit, startsAt, endsAt, ...sums }) => [
        `${job.name} ${platformName.get(platformId)} ${unit} ${startsAt.toISOString()} ${endsAt.toISOString()}`,
        sums,
      ]),
    ),
  }
}
