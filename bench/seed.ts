import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { AnalysedBuild } from '../server/analyses/kind.ts'
import { kinds } from '../server/analyses/kinds.ts'
import { inputsOf, taskOf } from '../server/analyses/analysis-key.ts'
import { hexOf } from '../server/database/hash.ts'
import { migrateDatabase } from '../server/database/sqlite/migrate-sqlite.ts'
import { findProjectDir } from '../server/project-dir.ts'
import type { DataDir } from './server-process.ts'

export type Seeded = { job: string; uuid: string }

const platforms = ['debian-12', 'debian-13', 'freebsd-14']
const artifactsPerBuild = 6

/**
 * Make a database of the first release with `jobs` × `builds` builds in it, in seconds, of which
 * `buildsPerOutput` in a row have the same main binary and `buildsPerInput` the same input. The migrations then
 * derive what later releases keep about builds, as on a site that grew up with them. Of their content only the script
 * is there, which all share: no page opens the rest.
 */
export function seedBuilds(
  { path: dataDir, databaseFile }: DataDir,
  jobs: number,
  builds: number,
  buildsPerOutput = 4,
  buildsPerInput = buildsPerOutput,
): Seeded {
  const firstRelease = join(dataDir, 'migrations')
  cpSync(join(findProjectDir(), 'prisma/migrations/0001_init'), join(firstRelease, '0001_init'), {
    recursive: true,
  })
  migrateDatabase(databaseFile, firstRelease)
  const db = new Database(databaseFile)
  const script = '#!/bin/sh\nset -e\necho build\n'
  const scriptHash = digest(script)
  const folder = join(dataDir, 'blobs', scriptHash.slice(0, 2))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, scriptHash), script)
  db.pragma('synchronous = OFF')
  const insertJob = db.prepare('INSERT INTO "Job" (name, synopsis, newestSuccessAt) VALUES (?, ?, ?)')
  const insertBuild = db.prepare(
    `INSERT INTO "Build" (uuid, jobId, platformId, startedAt, finishedAt, receivedAt, status, resultKind, resultCode,
       inputId, scriptSha256, scriptSizeBytes, consoleSha256, consoleSizeBytes, consoleIndexSha256, consoleLineCount,
       artifactCount, artifactsSizeBytes)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'EXITED', ?, ?, ?, 100, ?, 1000, ?, 20, ?, 1000000)`,
  )
  const insertArtifact = db.prepare(
    'INSERT INTO "Artifact" (buildId, path, sha256, sizeBytes, startedAt) VALUES (?, ?, ?, ?, ?)',
  )
  const setMain = db.prepare('UPDATE "Build" SET mainBinaryId = ?, mainBinarySha256 = ? WHERE id = ?')
  const insertJobPlatform = db.prepare(
    `INSERT INTO "JobPlatform" (jobId, platformId, succeededCount, failedCount, newestBuildId, newestMainBinaryId)
     SELECT jobId, platformId, SUM(status = 'SUCCEEDED'), SUM(status = 'FAILED'), MAX(id),
       MAX(CASE WHEN mainBinaryId IS NULL THEN NULL ELSE id END)
     FROM "Build" WHERE jobId = ? GROUP BY platformId`,
  )
  const now = Date.now()
  let uuid = ''
  const platformIds = platforms.map(
    (name) => db.prepare('INSERT INTO "Platform" (name) VALUES (?)').run(name).lastInsertRowid,
  )
  for (let job = 0; job < jobs; job++) {
    db.transaction(() => {
      const { lastInsertRowid: jobId } = insertJob.run(jobName(job), `Synopsis of job ${job}`, now)
      for (let build = 0; build < builds; build++) {
        const startedAt = now - (builds - build) * 3_600_000 + job
        const failed = build % 10 === 0
        uuid = uuidOf(`${job}/${build}`)
        const hash = digest(`${job}/${Math.floor(build / buildsPerOutput)}`)
        const inputId = digest(`${job}/${Math.floor(build / buildsPerInput)}`)
        const platformId = platformIds[build % platformIds.length]
        const { lastInsertRowid: id } = insertBuild.run(
          uuid,
          jobId,
          platformId,
          startedAt,
          startedAt + 400_000,
          startedAt + 410_000,
          failed ? 'FAILED' : 'SUCCEEDED',
          failed ? 20 : 0,
          inputId,
          scriptHash,
          hash,
          hash,
          artifactsPerBuild,
        )
        for (let n = 0; n < artifactsPerBuild; n++) {
          const path = n === 0 && !failed ? `bin/${jobName(job)}.hvt` : `file-${n}`
          const { lastInsertRowid: artifactId } = insertArtifact.run(
            id,
            path,
            digest(`${hash}/${n}`),
            1_000_000 + n,
            startedAt,
          )
          if (n === 0 && !failed) setMain.run(artifactId, digest(`${hash}/0`), id)
        }
      }
      insertJobPlatform.run(jobId)
    })()
  }
  db.close()
  return { job: jobName(jobs - 1), uuid }
}

const jobName = (job: number) => `job-${String(job).padStart(3, '0')}`
const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const uuidOf = (text: string) => digest(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')

const withHex = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? hexOf(value) : value]),
  )

/**
 * Have what analyses would find of seeded builds as if they had run: their content is not there. In a
 * database of the newest schema.
 */
export function seedAnalyses({ databaseFile }: DataDir): void {
  const db = new Database(databaseFile)
  db.pragma('synchronous = OFF')
  const insert = db.prepare(
    `INSERT OR IGNORE INTO "QueuedTask" (kind, key, state, priority, version, attempts, dueAt, createdAt, startedAt, finishedAt,
       resultSha256, resultSizeBytes, summary) VALUES (?, ?, 'DONE', 10, ?, 1, 0, 0, 0, 0, unhex(?), 1, ?)`,
  )
  const insertBackfill =
    db.prepare(`INSERT OR REPLACE INTO "QueuedTask" (kind, key, state, priority, version, dueAt, createdAt)
       VALUES (?, '', 'DONE', 20, ?, 0, 0)`)
  const builds = db
    .prepare<[], Record<string, unknown>>(
      'SELECT status, mainBinarySha256, debugBinarySha256, opamSwitchSha256, consoleSha256, consoleIndexSha256 FROM "Build"',
    )
    .all()
    .map((row) => withHex(row) as AnalysedBuild)
  const noUnikernel = JSON.stringify({ abi: null, manifest: null, reason: 'not a Solo5 unikernel: seeded' })
  db.transaction(() => {
    for (const [kind, { version }] of Object.entries(kinds)) insertBackfill.run(`BACKFILL_${kind}`, version)
    for (const analysis of builds.flatMap((build) => inputsOf(kinds, build))) {
      const { kind, inputSha256 } = analysis
      const summary = kind === 'SOLO5' ? noUnikernel : null
      insert.run(kind, taskOf(analysis).key, kinds[kind]?.version, inputSha256, summary)
    }
  })()
  db.close()
}
