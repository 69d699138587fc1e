import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import type { Reader } from '../database/reader.ts'
import type {
  ArtifactId,
  AttestationId,
  BuildId,
  HookRunId,
  JobId,
  QueuedTaskId,
  RepositoryFileId,
} from '../ids.ts'
import type { blobColumns } from './blob-columns.ts'

export type ReferringModel = keyof typeof blobColumns

/** A row refers to a blob. `rowId` is the `id` of the row. `sizeBytes` is the length that it gives; null: it gives none. */
export type BlobReference = {
  model: ReferringModel
  column: string
  rowId: number
  id: BlobId
  sizeBytes: number | null
}

/** Only references of builds of this job, or of builds with this id or a greater one. */
export type ReferenceScope = { jobId?: JobId; firstBuildId?: BuildId }

const rowsPerPage = 2_000

/**
 * Every reference of a row to a blob, model by model, in constant memory. A blob has as many references as rows have its
 * hash. Rows that are written meanwhile may be missing or not. With a scope, rows of jobs, tasks and repositories are left out.
 */
export async function* listReferences(
  db: Reader,
  { jobId, firstBuildId }: ReferenceScope = {},
): AsyncGenerator<BlobReference, void, void> {
  const order = { orderBy: { id: 'asc' as const }, take: rowsPerPage }
  const isScoped = jobId !== undefined || firstBuildId !== undefined
  const ofBuild = jobId === undefined ? {} : { jobId }
  const beforeFirst = firstBuildId === undefined ? undefined : ((firstBuildId - 1) as BuildId)
  yield* referencesOf(
    'Artifact',
    (where: { id: { gt: ArtifactId } }) =>
      db.artifact.findMany({
        ...order,
        where: {
          ...where,
          ...(jobId === undefined ? {} : { build: ofBuild }),
          ...(beforeFirst === undefined ? {} : { buildId: { gt: beforeFirst } }),
        },
        select: { id: true, sha256: true, sizeBytes: true },
      }),
    ({ id, sha256, sizeBytes }) => [['sha256', id, sha256, sizeBytes]],
  )
  yield* referencesOf(
    'Attestation',
    (where: { id: { gt: AttestationId } }) =>
      db.attestation.findMany({
        ...order,
        where: {
          ...where,
          ...(jobId === undefined ? {} : { build: ofBuild }),
          ...(beforeFirst === undefined ? {} : { buildId: { gt: beforeFirst } }),
        },
        select: { id: true, envelopeSha256: true, envelopeSizeBytes: true },
      }),
    (row) => [['envelopeSha256', row.id, row.envelopeSha256, row.envelopeSizeBytes]],
  )
  yield* referencesOf(
    'Build',
    (where: { id: { gt: BuildId } }) =>
      db.build.findMany({
        ...order,
        where: { ...where, ...ofBuild },
        select: {
          ...{ id: true, consoleIndexSha256: true, consoleSha256: true, consoleSizeBytes: true },
          ...{ readmeSha256: true, scriptSha256: true, scriptSizeBytes: true },
        },
      }),
    (row) => [
      ['consoleIndexSha256', row.id, row.consoleIndexSha256, null],
      ['consoleSha256', row.id, row.consoleSha256, row.consoleSizeBytes],
      ['readmeSha256', row.id, row.readmeSha256, null],
      ['scriptSha256', row.id, row.scriptSha256, row.scriptSizeBytes],
    ],
    beforeFirst,
  )
  if (isScoped) return
  yield* referencesOf(
    'Job',
    (where: { id: { gt: JobId } }) =>
      db.job.findMany({
        ...order,
        where,
        select: { id: true, pendingSwitchSha256: true, readmeSha256: true },
      }),
    (row) => [
      ['pendingSwitchSha256', row.id, row.pendingSwitchSha256, null],
      ['readmeSha256', row.id, row.readmeSha256, null],
    ],
  )
  yield* referencesOf(
    'QueuedTask',
    (where: { id: { gt: QueuedTaskId } }) =>
      db.queuedTask.findMany({
        ...order,
        where,
        select: { id: true, resultSha256: true, resultSizeBytes: true },
      }),
    (row) => [['resultSha256', row.id, row.resultSha256, row.resultSizeBytes]],
  )
  yield* referencesOf(
    'HookRun',
    (where: { id: { gt: HookRunId } }) =>
      db.hookRun.findMany({
        ...order,
        where,
        select: { id: true, outputSha256: true, outputSizeBytes: true },
      }),
    (row) => [['outputSha256', row.id, row.outputSha256, row.outputSizeBytes]],
  )
  yield* referencesOf(
    'RepositoryFile',
    (where: { id: { gt: RepositoryFileId } }) =>
      db.repositoryFile.findMany({
        ...order,
        where,
        select: { id: true, sha256: true, sizeBytes: true },
      }),
    (row) => [['sha256', row.id, row.sha256, row.sizeBytes]],
  )
}

/** A column, the row's id, the hash in it, and the length that the row gives. */
type Referring<Name extends ReferringModel> = [
  column: (typeof blobColumns)[Name][number],
  rowId: number,
  hash: string | null,
  sizeBytes: bigint | null,
]

/** `readPage` reads the next rows in the order of their ids. */
async function* referencesOf<Name extends ReferringModel, Id extends number, Row extends { id: Id }>(
  model: Name,
  readPage: (where: { id: { gt: Id } }) => Promise<Row[]>,
  columnsOf: (row: Row) => Referring<Name>[],
  // Ids begin at 1: the first page is found by the index, as the others are.
  after = 0 as Id,
): AsyncGenerator<BlobReference, void, void> {
  let rows = await readPage({ id: { gt: after } })
  for (let last = rows.at(-1); last; last = rows.at(-1)) {
    for (const row of rows)
      for (const [column, rowId, hash, sizeBytes] of columnsOf(row))
        if (hash !== null)
          yield {
            ...{ model, column, rowId, id: toBlobId(hash) },
            sizeBytes: sizeBytes === null ? null : Number(sizeBytes),
          }
    rows = rows.length < rowsPerPage ? [] : await readPage({ id: { gt: last.id } })
  }
}
