import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'

export type Seeded = { job: string; uuid: string }

const platforms = ['debian-12', 'debian-13', 'freebsd-14']
const artifactsPerBuild = 6

/**
 * Fill a migrated database with `jobs` × `builds` builds, as uploads would have left it, but in
 * seconds. Content is not there: operations that are measured do not open it.
 */
export function seedBuilds(databaseFile: string, jobs: number, builds: number): Seeded {
  const db = new Database(databaseFile)
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
        const hash = digest(`${job}/${Math.floor(build / 4)}`)
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
          hash,
          hash,
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
  db.exec('ANALYZE')
  db.close()
  return { job: jobName(jobs - 1), uuid }
}

const jobName = (job: number) => `job-${String(job).padStart(3, '0')}`
const digest = (text: string) => createHash('sha256').update(text).digest('hex')
const uuidOf = (text: string) => digest(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')
