import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { storeExcerpt } from '../server/analyses/failure/store-excerpt.ts'
import type { Reader } from '../server/database/reader.ts'
import type { Writer } from '../server/database/writer.ts'
import { rebuildNext } from '../server/facts/rebuild-facts.ts'
import { findBuildsOfTerm, findFailuresOfTerm } from '../server/search/find-builds-of-term.ts'
import {
  findFilesOfTerm,
  findJobsOfTerm,
  findPackagesOfTerm,
  findPlatformsOfTerm,
} from '../server/search/find-names.ts'
import { findContentsOfTerm, findPlaceOfTerm } from '../server/search/find-place.ts'
import { readTerm } from '../server/search/read-term.ts'
import { medianOf, type Measurement } from './report.ts'
import { seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase } from './server-process.ts'

const jobs = 200
const budgetMs = 50
const runs = 20
const resultsOfKind = 20

/** What people type, from one letter on: words that much or little has, first digits, a month. */
const texts = [
  'j',
  'job',
  'job 017',
  'hvt',
  'file',
  'library',
  'library crypto 7',
  'debian 13 job',
  'a40c3f',
  '2026-11',
]

/** A failed build in ten; four have the same console. */
const excerptOf = (number: number) => ({
  because: 'the compiler, or dune, refused a file',
  excerpt: {
    firstLine: 1,
    lines: [
      `File "src/module_${number % 97}.ml", line ${number % 500}, characters 4-12:`,
      `Error: Library "mirage-crypto-${number % 31}" not found.`,
      '-> required by _build/default/main.exe',
    ],
  },
  ending: null,
})

async function searchAll(db: Reader, text: string): Promise<void> {
  const term = readTerm(text)
  await findPlaceOfTerm(db, term)
  await findJobsOfTerm(db, term, resultsOfKind)
  await findPlatformsOfTerm(db, term, resultsOfKind)
  await findPackagesOfTerm(db, term, resultsOfKind)
  await findBuildsOfTerm(db, term, resultsOfKind)
  await findFilesOfTerm(db, term, resultsOfKind)
  await findFailuresOfTerm(db, term, resultsOfKind)
  await findContentsOfTerm(db, term)
}

async function fill({ db, writer }: { db: Reader; writer: Writer }): Promise<void> {
  const failed = await db.build.findMany({
    where: { status: 'FAILED' },
    distinct: ['consoleSha256'],
    select: { consoleSha256: true },
  })
  await writer.transact([], async (tx) => {
    for (const [number, { consoleSha256 }] of failed.entries())
      await storeExcerpt(tx, consoleSha256, excerptOf(number))
    const data = Array.from({ length: 20_000 }, (_, number) => ({
      ...{ ecosystem: 'opam', name: `package-${number % 4_000}-unix`, version: `${number}.0` },
    }))
    await tx.packageVersion.createMany({ data })
  })
  while (await rebuildNext({ db, writer })) continue
}

/** The slowest text of a site with so many builds: its median in ms. */
async function measureSite(builds: number): Promise<number> {
  const dataDir = makeDataDir()
  seedBuilds(dataDir, jobs, builds / jobs)
  await prepareDatabase(dataDir)
  const database = await openDatabase(dataDir.databaseFile)
  try {
    await fill(database)
    const medians = []
    for (const text of texts) {
      const times: number[] = []
      for (let run = 0; run < runs; run++) {
        const startedAt = performance.now()
        await searchAll(database.db, text)
        times.push(performance.now() - startedAt)
      }
      medians.push(medianOf(times))
    }
    return Math.max(...medians)
  } finally {
    await database.closeDatabase()
    dataDir.remove()
  }
}

/** One search for everything, of the slowest of some texts, and how its time grows with the builds. */
export async function measureSearch(builds: number): Promise<Measurement[]> {
  const [few, many] = [await measureSite(builds / 10), await measureSite(builds)]
  return [
    {
      what: `search among ${builds} builds, the slowest text, median`,
      value: many,
      unit: 'ms',
      against: { what: 'budget', value: budgetMs, wanted: 'at most' },
    },
    {
      what: `its growth from ${builds / 10} builds`,
      value: many / few,
      unit: '×',
      against: { what: 'budget', value: 3, wanted: 'at most' },
    },
  ]
}
