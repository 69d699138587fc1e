import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import type { Reader } from '../database/reader.ts'
import type { ArtifactId, BuildId, JobId, QueuedTaskId } from '../ids.ts'
import { blobColumns } from './blob-columns.ts'

type Model = keyof typeof blobColumns

/** A row refers to a blob. `rowId` is the `id` of the row. */
export type BlobReference = { model: Model; column: string; rowId: number; id: BlobId }

const rowsPerPage = 2_000

/**
 * Every reference of a row to a blob, model by model, in constant memory. A blob has as many references as rows have its
 * hash. Rows that are written meanwhile may be missing or not.
 */
export async function* listReferences(db: Reader): AsyncGenerator<BlobReference, void, void> {
  const order = { orderBy: { id: 'asc' as const }, take: rowsPerPage }
  yield* referencesOf<'Artifact', ArtifactId>('Artifact', (where) =>
    db.artifact.findMany({ ...order, where, select: { id: true, sha256: true } }),
  )
  yield* referencesOf<'Build', BuildId>('Build', (where) =>
    db.build.findMany({
      ...{ ...order, where },
      select: {
        ...{ id: true, consoleIndexSha256: true, consoleSha256: true },
        ...{ readmeSha256: true, scriptSha256: true },
      },
    }),
  )
  yield* referencesOf<'Job', JobId>('Job', (where) =>
    db.job.findMany({ ...order, where, select: { id: true, pendingSwitchSha256: true, readmeSha256: true } }),
  )
  yield* referencesOf<'QueuedTask', QueuedTaskId>('QueuedTask', (where) =>
    db.queuedTask.findMany({ ...order, where, select: { id: true, resultSha256: true } }),
  )
}

type Columns<Name extends Model> = Record<(typeof blobColumns)[Name][number], string | null>

/** `readPage` reads the next rows in the order of their ids. */
async function* referencesOf<Name extends Model, Id extends number>(
  model: Name,
  readPage: (where: { id: { gt: Id } }) => Promise<({ id: Id } & Columns<Name>)[]>,
): AsyncGenerator<BlobReference, void, void> {
  const columns: readonly (typeof blobColumns)[Name][number][] = blobColumns[model]
  // Ids begin at 1: the first page is found by the index, as the others are.
  let rows = await readPage({ id: { gt: 0 as Id } })
  for (let last = rows.at(-1); last; last = rows.at(-1)) {
    for (const row of rows)
      for (const column of columns) {
        const hash = row[column]
        if (hash !== null) yield { model, column, rowId: row.id, id: toBlobId(hash) }
      }
    rows = rows.length < rowsPerPage ? [] : await readPage({ id: { gt: last.id } })
  }
}
