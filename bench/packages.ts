// Packages of many builds: the room that they take, and how long it takes to find who has one.
import Database from 'better-sqlite3'
import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { findSpans } from '../server/package-sets/find-spans.ts'
import { findJobsWith, findUses } from '../server/package-sets/find-uses.ts'
import { findVersions, keyOfPackage } from '../server/package-sets/find-versions.ts'
import { listKnownPackages } from '../server/package-sets/list-known-packages.ts'
import { isInRange, parseVersionRange } from '../server/package-sets/version-range.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase, type DataDir } from './server-process.ts'

const wholeSite = 1_000_000
const jobs = 100
/** In a row, with the same switch. */
const buildsPerSwitch = 4
const [packagesPerBuild, packageCount, changesPerSwitch] = [250, 2_000, 3]
/** The first packages are in all builds, as a compiler is. */
const inAll = 'package-0000'
const mebibyte = 1024 ** 2

/**
 * Give seeded builds switches: each job has 250 of 2,000 packages, of which three are replaced by newer versions with each new switch.
 */
export function seedPackages({ databaseFile }: DataDir): void {
  const db = new Database(databaseFile)
  db.pragma('synchronous = OFF')
  db.exec(`UPDATE "Artifact" SET path = 'opam-switch' WHERE path = 'file-1';
    UPDATE "Build" SET "opamSwitchSha256" =
      (SELECT a.sha256 FROM "Artifact" a WHERE a."buildId" = "Build".id AND a.path = 'opam-switch')`)
  const insertVersion = db.prepare(
    `INSERT INTO "PackageVersion" (ecosystem, name, version) VALUES ('opam', ?, ?) RETURNING id`,
  )
  const insertSet = db.prepare(
    `INSERT INTO "PackageSet" (sha256, source, "componentCount", "unidentifiedCount")
      VALUES (?, 'OPAM_SWITCH', ${packagesPerBuild}, 0) RETURNING id`,
  )
  const insertEntry = db.prepare(
    `INSERT INTO "PackageSetEntry" ("setId", "packageVersionId", "identifiedBy", "isRequired") VALUES (?, ?, 'S', 1)`,
  )
  const ids = new Map<string, number>()
  const idOf = (number: number, version: number): number => {
    const key = `${number} ${version}`
    const known = ids.get(key)
    if (known !== undefined) return known
    const row = insertVersion.get(`package-${String(number).padStart(4, '0')}`, `1.${version}.0`) as {
      id: number
    }
    ids.set(key, row.id)
    return row.id
  }
  // Sets in the order in which builds bring them: jobs take turns.
  const switches = db
    .prepare<[], { sha256: Buffer; jobId: number }>(
      `SELECT "opamSwitchSha256" AS sha256, MIN("jobId") AS "jobId" FROM "Build" WHERE "opamSwitchSha256" IS NOT NULL
        GROUP BY "opamSwitchSha256" ORDER BY MIN("startedAt")`,
    )
    .all()
  const versionsOfJobs = new Map<number, Map<number, number>>()
  db.transaction(() => {
    for (const [index, { sha256, jobId }] of switches.entries()) {
      let versions = versionsOfJobs.get(jobId)
      if (!versions) {
        const numbers = Array.from({ length: packagesPerBuild }, (_, n) =>
          n < packagesPerBuild / 2
            ? n
            : packagesPerBuild / 2 + ((jobId * 37 + n * 11) % (packageCount - packagesPerBuild / 2)),
        )
        versions = new Map(numbers.map((number) => [number, 0]))
        versionsOfJobs.set(jobId, versions)
      }
      const numbers = [...versions.keys()]
      for (let n = 0; n < changesPerSwitch; n++) {
        const number = numbers[(index * 7 + n * 83) % numbers.length] ?? 0
        versions.set(number, (versions.get(number) ?? 0) + 1)
      }
      const set = insertSet.get(sha256) as { id: number }
      for (const [number, version] of versions) insertEntry.run(set.id, idOf(number, version))
    }
  })()
  db.exec('ANALYZE')
  db.close()
}

function bytesOfPackages({ databaseFile }: DataDir): { bytes: number; sets: number; entries: number } {
  const db = new Database(databaseFile, { readonly: true })
  const count = (table: string) =>
    db.prepare<[], number>(`SELECT COUNT(*) FROM "${table}"`).pluck().get() ?? 0
  const bytes =
    db
      .prepare<[], number>(
        `SELECT SUM(pgsize) FROM dbstat WHERE aggregate = TRUE AND name GLOB '*Package[SV]e*'`,
      )
      .pluck()
      .get() ?? NaN
  const found = { bytes, sets: count('PackageSet'), entries: count('PackageSetEntry') }
  db.close()
  return found
}

async function medianMs(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 12; n++) {
    const startedAt = performance.now()
    await run()
    if (n >= 2) times.push(performance.now() - startedAt)
  }
  return medianOf(times)
}

/** `builds`: how many the site has; the room is scaled to 1,000,000. */
export async function measurePackages(builds: number): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  seedBuilds(dataDir, jobs, Math.ceil(builds / jobs), buildsPerSwitch)
  await prepareDatabase(dataDir)
  seedPackages(dataDir)
  const { bytes, sets, entries } = bytesOfPackages(dataDir)
  process.stdout.write(
    `${builds} builds, ${sets} sets, ${entries} entries: ${Math.round(bytes / mebibyte)} MiB, ${(bytes / entries).toFixed(1)} bytes an entry\n`,
  )
  const { db, closeDatabase } = await openDatabase(dataDir.databaseFile)
  try {
    const key = { ecosystem: 'opam', name: inAll }
    const versions = async () => (await findVersions(db, [key])).get(keyOfPackage(key)) ?? []
    const all = await versions()
    const range = parseVersionRange(`<${all[0]?.version}`)
    const behind = async () => {
      const ids = (await versions()).filter(({ version }) => isInRange('opam', range, version))
      return findUses(
        db,
        ids.map(({ id }) => id),
      )
    }
    const page = async () => {
      const keys = await listKnownPackages(db, {}, { limit: 50, backward: false, after: null, before: null })
      const found = await findVersions(db, keys)
      return findJobsWith(
        db,
        [...found.values()].flat().map(({ id }) => id),
      )
    }
    process.stdout.write(
      `${all.length} versions of a package in all builds, ${(await behind()).length} places behind\n`,
    )
    return [
      {
        what: 'packages of builds, as if there were 1,000,000',
        value: ((bytes / builds) * wholeSite) / 1e9,
        unit: 'GB',
        against: { what: 'budget', value: 2, wanted: 'at most' },
      },
      {
        what: 'who has a version below the newest',
        value: await medianMs(behind),
        unit: 'ms',
        against: { what: 'budget', value: 50, wanted: 'at most' },
      },
      {
        what: 'a page of 50 packages with their jobs',
        value: await medianMs(page),
        unit: 'ms',
        against: { what: 'budget', value: 200, wanted: 'at most' },
      },
      {
        what: 'first and last build of each version',
        value: await medianMs(() =>
          findSpans(
            db,
            all.map(({ id }) => id),
          ),
        ),
        unit: 'ms',
        against: { what: 'budget', value: 1_000, wanted: 'at most' },
      },
    ]
  } finally {
    await closeDatabase()
    dataDir.remove()
  }
}
