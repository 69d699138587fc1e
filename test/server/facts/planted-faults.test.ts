import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Difference } from '../../../server/facts/fact-rule.ts'
import { storedFacts } from './defined-facts.ts'
import { differences, factSite, rebuildAll, store, told, type FactSite } from './fact-site.ts'

async function filledSite(): Promise<FactSite> {
  const site = await factSite()
  const arbitrary = fc.array(told, { minLength: 30, maxLength: 30 })
  const [builds = []] = fc.sample(arbitrary, { seed: 11, numRuns: 1 })
  for (const [number, build] of builds.entries()) await store(site, build, number)
  // A job that no switch describes.
  const [first] = builds
  if (first) await store(site, { ...first, job: 'three', opamSwitch: null, output: 9, readme: 1 }, 1_000)
  return site
}

const execute = ({ writer }: FactSite, sql: string) => writer.transact([], (tx) => tx.$executeRawUnsafe(sql))

const keys: Record<string, string[]> = {
  // What the policy says is no fact of builds alone.
  Output: ['sha256', 'confirmedBy', 'disputedBy'],
  JobPlatform: ['jobId', 'platformId'],
  JobFile: ['id', 'jobId', 'path'],
  JobOutput: ['jobId', 'scope', 'sha256'],
  JobPeriod: ['jobId', 'platformId', 'unit', 'startsAt'],
}

/** Another value of a column than the one that it has. */
function otherValue(column: string): string {
  if (column === 'verdict') return `CASE verdict WHEN 'UNCONFIRMED' THEN 'REPRODUCED' ELSE 'UNCONFIRMED' END`
  if (/^(has)/.test(column)) return `NOT "${column}"`
  if (/(Count|Bytes|Ms)$/.test(column)) return `COALESCE("${column}", 0) + 1`
  if (/At$/.test(column)) return `COALESCE("${column}", 0) + 60000`
  if (/Id$/.test(column)) return `(SELECT b.id FROM "Build" b WHERE b.id <> COALESCE("${column}", 0) LIMIT 1)`
  if (/sha256/i.test(column)) return `unhex('${'5a'.repeat(32)}')`
  return `'planted'`
}

async function columnsOf({ db }: FactSite, table: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ name: string }[]>`SELECT name FROM pragma_table_info(${table})`
  return rows.map(({ name }) => name).filter((name) => !keys[table]?.includes(name))
}

const hasColumn = (found: Difference[], table: string, column: string) =>
  found.some((one) => one.table === table && one.expected !== null && column in one.expected)

test('a wrong value in any column of any table of facts is found, and a rebuild corrects it', async () => {
  const site = await filledSite()
  expect(await differences(site)).toEqual([])
  const before = await storedFacts(site.db)
  const faults = [
    ['Build', 'verdict'],
    ...['newestSuccessAt', 'readmeSha256', 'readmeAt', 'pendingSwitchSha256', 'switchAt'].map((c) => [
      'Job',
      c,
    ]),
    ...['section', 'synopsis', 'description'].map((column) => ['Job', column]),
  ]
  for (const table of Object.keys(keys))
    for (const column of await columnsOf(site, table)) faults.push([table, column])
  expect(faults.length).toBeGreaterThan(35)
  for (const [table = '', column = ''] of faults) {
    await execute(
      site,
      `UPDATE "${table}" SET "${column}" = ${otherValue(column)}
       WHERE rowid = (SELECT MAX(rowid) FROM "${table}"
         ${table === 'Build' ? 'WHERE "mainBinarySha256" IS NOT NULL' : ''})`,
    )
    expect(hasColumn(await differences(site), table, column), `${table}.${column}`).toBe(true)
    expect(await rebuildAll(site), `${table}.${column}`).toBeGreaterThan(0)
    expect(await storedFacts(site.db), `${table}.${column}`).toEqual(before)
    expect(await differences(site)).toEqual([])
  }
})

test('a row that is missing, and one that belongs to nothing, is found and corrected', async () => {
  const site = await filledSite()
  const before = await storedFacts(site.db)
  for (const table of Object.keys(keys)) {
    await execute(site, `DELETE FROM "${table}" WHERE rowid = (SELECT MAX(rowid) FROM "${table}")`)
    const found = await differences(site)
    expect(found.filter((one) => one.table === table && one.found === null)).toHaveLength(1)
    expect(found).toHaveLength(1)
    await rebuildAll(site)
    expect(await storedFacts(site.db)).toEqual(before)
  }
  const { id: jobId } = await site.db.job.findFirstOrThrow()
  const build = await site.db.build.findFirstOrThrow()
  await execute(site, `INSERT INTO "Platform" (name) VALUES ('of no build')`)
  const { id: platformId } = await site.db.platform.findFirstOrThrow({ where: { name: 'of no build' } })
  const extra = {
    Output: `INSERT INTO "Output" VALUES (unhex('${'5a'.repeat(32)}'), 1, 1, false, NULL, NULL)`,
    Job: `INSERT INTO "Job" (name) VALUES ('of no build')`,
    JobPlatform: `INSERT INTO "JobPlatform" ("jobId", "platformId", "newestBuildId")
      VALUES (${jobId}, ${platformId}, ${build.id})`,
    JobFile: `INSERT INTO "JobFile" ("jobId", path, "buildCount", "newestBuildId", "newestStartedAt")
      VALUES (${jobId}, 'bin/nothing', 1, ${build.id}, 0)`,
    JobOutput: `INSERT INTO "JobOutput" VALUES (${jobId}, 0, unhex('${'5a'.repeat(32)}'), 1, 1, ${build.id}, 0, ${build.id}, 0)`,
    JobPeriod: `INSERT INTO "JobPeriod" ("jobId", "platformId", unit, "startsAt", "endsAt", "buildCount", "failedCount",
        "reproducedCount", "notReproducibleCount", "unconfirmedCount", "durationSumMs")
      VALUES (${jobId}, ${platformId}, 'DAY', 0, 1, 1, 0, 0, 0, 0, 0)`,
  }
  for (const sql of Object.values(extra)) await execute(site, sql)
  const found = await differences(site)
  expect(found.every(({ expected }) => expected === null)).toBe(true)
  expect(found.map(({ table }) => table).sort()).toEqual(['Platform', ...Object.keys(extra)].sort())
  await rebuildAll(site)
  expect(await storedFacts(site.db)).toEqual(before)
})
