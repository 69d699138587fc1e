import { allPlatforms } from '../facts/job-outputs.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { JobId, PackageVersionId, RunId } from '../ids.ts'
import { sectionOfJob } from '../jobs/list-jobs.ts'
import { nextTurn } from '../loop-turns.ts'
import type { Reader } from '../database/reader.ts'
import { rowsAtOnce, type ExportFilter, type ExportList, type Row } from './export-list.ts'

const { sql, empty } = Prisma

/** A list in the order of a key. `read` gives the next rows after a key, and `keyOf` the key of one. */
async function* inParts<Key, Found>(
  first: Key,
  read: (after: Key) => Promise<readonly Found[]>,
  keyOf: (row: Found) => Key,
  toRow: (row: Found) => Row,
): AsyncGenerator<readonly Row[]> {
  for (let after = first; ;) {
    const rows = await read(after)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(toRow)
    if (rows.length < rowsAtOnce) return
    after = keyOf(last)
    await nextTurn()
  }
}

type JobRow = {
  job: string
  section: string | null
  synopsis: string | null
  newestSuccessAt: Date | null
  platformCount: number | bigint
  buildCount: number | bigint
  failedCount: number | bigint
}

/** Jobs by name, without hidden ones. `platform`: only those that were built there, and their builds there. */
export const exportJobs: ExportList = {
  columns: ['job', 'section', 'synopsis', 'newestSuccessAt', 'platformCount', 'buildCount', 'failedCount'],
  filters: ['platform'],
  pages: (db, { platform }) =>
    inParts(
      '',
      (after) => {
        const onPlatform =
          platform == null
            ? empty
            : sql`AND c."platformId" = (SELECT p.id FROM "Platform" p WHERE p.name = ${platform})`
        return db.$queryRaw<
          JobRow[]
        >(sql`SELECT j.name AS job, ${sectionOfJob} AS section, j.synopsis AS synopsis,
            j."newestSuccessAt" AS "newestSuccessAt", COUNT(*) AS "platformCount",
            CAST(SUM(c."succeededCount" + c."failedCount") AS BIGINT) AS "buildCount",
            CAST(SUM(c."failedCount") AS BIGINT) AS "failedCount"
          FROM "Job" j JOIN "JobPlatform" c ON c."jobId" = j.id ${onPlatform}
          WHERE j."isHidden" = FALSE AND j.name > ${after}
          GROUP BY j.id, j.name, j.section, j."operatorSection", j.synopsis, j."newestSuccessAt"
          ORDER BY j.name LIMIT ${rowsAtOnce}`)
      },
      ({ job }) => job,
      (row) => row,
    ),
}

/** Platforms by name. */
export const exportPlatforms: ExportList = {
  columns: ['platform', 'jobCount', 'buildCount', 'failedCount'],
  filters: [],
  pages: (db) =>
    inParts(
      '',
      (after) =>
        db.$queryRaw<{ platform: string }[]>(sql`SELECT p.name AS platform, COUNT(*) AS "jobCount",
            CAST(SUM(c."succeededCount" + c."failedCount") AS BIGINT) AS "buildCount",
            CAST(SUM(c."failedCount") AS BIGINT) AS "failedCount"
          FROM "Platform" p JOIN "JobPlatform" c ON c."platformId" = p.id WHERE p.name > ${after}
          GROUP BY p.id, p.name ORDER BY p.name LIMIT ${rowsAtOnce}`),
      ({ platform }) => platform,
      (row) => row,
    ),
}

type OutputRow = { sha256: string; jobId: JobId }

/** The distinct main binaries of jobs, on one platform or on all together. */
export const exportOutputs: ExportList = {
  columns: [
    ...['job', 'sha256', 'sizeBytes', 'buildCount', 'firstBuild', 'firstStartedAt'],
    ...['lastBuild', 'lastStartedAt'],
  ],
  filters: ['job', 'platform'],
  pages: (db, filter) =>
    inParts<{ jobId: number; sha256: string | null }, OutputRow & Row>(
      { jobId: 0, sha256: null },
      (after) => readOutputs(db, filter, after),
      (row) => row,
      ({ jobId: _jobId, ...row }) => row,
    ),
}

async function readOutputs(
  db: Reader,
  { job, platform }: ExportFilter,
  { jobId, sha256 }: { jobId: number; sha256: string | null },
): Promise<(OutputRow & Row)[]> {
  const named = await db.platform.findUnique({ where: { name: platform ?? '' }, select: { id: true } })
  if (platform != null && !named) return []
  const rows = await db.jobOutput.findMany({
    where: {
      scope: named?.id ?? allPlatforms,
      ...(job == null ? {} : { job: { name: job } }),
      ...(sha256 === null
        ? {}
        : { OR: [{ jobId: { gt: jobId as JobId } }, { jobId: jobId as JobId, sha256: { gt: sha256 } }] }),
    },
    orderBy: [{ jobId: 'asc' }, { sha256: 'asc' }],
    take: rowsAtOnce,
    include: {
      job: { select: { name: true } },
      firstBuild: { select: { uuid: true } },
      lastBuild: { select: { uuid: true } },
    },
  })
  return rows.map((row) => ({
    ...{ jobId: row.jobId, job: row.job.name, sha256: row.sha256, sizeBytes: row.sizeBytes },
    ...{ buildCount: row.buildCount, firstBuild: row.firstBuild.uuid, firstStartedAt: row.firstStartedAt },
    ...{ lastBuild: row.lastBuild.uuid, lastStartedAt: row.lastStartedAt },
  }))
}

/** The files of a build, by path. */
export const exportFiles: ExportList = {
  columns: ['path', 'sha256', 'sizeBytes'],
  filters: ['build'],
  needs: ['build'],
  pages: (db, { build }) =>
    inParts(
      '',
      (after) =>
        db.artifact.findMany({
          where: { build: { uuid: build ?? '' }, path: { gt: after } },
          orderBy: { path: 'asc' },
          take: rowsAtOnce,
          select: { path: true, sha256: true, sizeBytes: true },
        }),
      ({ path }) => path,
      (row) => row,
    ),
}

/** Versions of packages that builds have had. */
export const exportPackages: ExportList = {
  columns: ['ecosystem', 'package', 'version'],
  filters: [],
  pages: (db) =>
    inParts(
      0,
      (after) =>
        db.packageVersion.findMany({
          where: { id: { gt: after as PackageVersionId } },
          orderBy: { id: 'asc' },
          take: rowsAtOnce,
        }),
      ({ id }) => id,
      ({ ecosystem, name, version }) => ({ ecosystem, package: name, version }),
    ),
}

/** Known issues of packages, by id. */
export const exportAdvisories: ExportList = {
  columns: ['id', 'severity', 'score', 'summary', 'publishedAt', 'modifiedAt', 'withdrawnAt', 'source'],
  filters: [],
  pages: (db) =>
    inParts(
      '',
      (after) =>
        db.advisory.findMany({
          where: { id: { gt: after } },
          orderBy: { id: 'asc' },
          take: rowsAtOnce,
          select: {
            ...{ id: true, severity: true, score: true, summary: true, publishedAt: true },
            ...{ modifiedAt: true, withdrawnAt: true, source: true },
          },
        }),
      ({ id }) => id,
      (row) => row,
    ),
}

/** Runs of scheduled jobs, the oldest first. */
export const exportRuns: ExportList = {
  columns: [
    ...['uuid', 'job', 'platform', 'state', 'cause', 'kind', 'queuedAt', 'startedAt', 'endedAt'],
    ...['tryCount', 'error'],
  ],
  filters: ['job', 'platform'],
  pages: (db, { job, platform }) =>
    inParts(
      0,
      (after) =>
        db.run.findMany({
          where: {
            id: { gt: after as RunId },
            ...(job == null ? {} : { job }),
            ...(platform == null ? {} : { platform }),
          },
          orderBy: { id: 'asc' },
          take: rowsAtOnce,
          select: {
            ...{ id: true, uuid: true, job: true, platform: true, state: true, cause: true, kind: true },
            ...{ queuedAt: true, startedAt: true, endedAt: true, tryCount: true, error: true },
          },
        }),
      ({ id }) => id,
      ({ id: _id, ...row }) => row,
    ),
}
