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
import { hasOneOf, ownColumns } from '../storage/find-references.ts'
import type { BlobReference } from '../storage/list-references.ts'
import type { Subject } from './finding.ts'

export type ReferringRow = Pick<BlobReference, 'model' | 'column' | 'rowId'>

const build = { select: { uuid: true, job: { select: { name: true } } } } as const

/** Whether the row still refers to this content, and what it is, for the operator. Null: it does not, or is gone. */
export async function describeReference(
  db: Reader,
  { model, column, rowId }: ReferringRow,
  sha256: string,
): Promise<Subject | null> {
  switch (model) {
    case 'Artifact': {
      const row = await db.artifact.findUnique({
        where: { id: rowId as ArtifactId },
        select: { path: true, sha256: true, build },
      })
      if (row?.sha256 !== sha256) return null
      return { job: row.build.job.name, build: row.build.uuid, path: row.path, sha256 }
    }
    case 'Attestation': {
      const row = await db.attestation.findUnique({
        where: { id: rowId as AttestationId },
        select: { uuid: true, envelopeSha256: true, predicateType: true, build },
      })
      if (row?.envelopeSha256 !== sha256) return null
      if (!row.build) return { table: 'Attestation', row: row.uuid, sha256 }
      const { job, uuid } = row.build
      return { job: job.name, build: uuid, path: `(statement ${row.predicateType})`, sha256 }
    }
    case 'Build': {
      const row = await db.build.findUnique({
        where: { id: rowId as BuildId },
        select: {
          ...build.select,
          ...ownColumns,
        },
      })
      if (!row || !Object.values(row).includes(sha256)) return null
      return { job: row.job.name, build: row.uuid, path: wordOf(column), sha256 }
    }
    case 'Job': {
      const row = await db.job.findUnique({
        where: { id: rowId as JobId },
        select: { name: true, readmeSha256: true, pendingSwitchSha256: true },
      })
      if (!row || !Object.values(row).includes(sha256)) return null
      return { job: row.name, path: wordOf(column), sha256 }
    }
    case 'HookRun': {
      const row = await db.hookRun.findUnique({
        where: { id: rowId as HookRunId },
        select: { hook: true, outputSha256: true },
      })
      if (row?.outputSha256 !== sha256) return null
      return { table: 'HookRun', row: `${row.hook} ${rowId}`, sha256 }
    }
    case 'QueuedTask': {
      const row = await db.queuedTask.findUnique({
        where: { id: rowId as QueuedTaskId },
        select: { kind: true, key: true, resultSha256: true },
      })
      if (row?.resultSha256 !== sha256) return null
      return { table: 'QueuedTask', row: `${row.kind} ${row.key}`, sha256 }
    }
    case 'RepositoryFile': {
      const row = await db.repositoryFile.findUnique({
        where: { id: rowId as RepositoryFileId },
        select: { repository: true, path: true, sha256: true },
      })
      if (row?.sha256 !== sha256) return null
      return { table: 'RepositoryFile', row: `${row.repository}/${row.path}`, sha256 }
    }
  }
}

const words: Record<string, string> = {
  consoleIndexSha256: '(index of the console)',
  consoleSha256: '(console)',
  pendingSwitchSha256: '(opam switch)',
  readmeSha256: '(readme)',
  scriptSha256: '(script)',
}

const wordOf = (column: string) => words[column] ?? column

/** Builds that one statement reads. */
const buildsPerStatement = 5_000

/**
 * One row that refers to each of these blobs, at most 100. Artifacts and results are found by their index; for scripts,
 * consoles and readmes all builds are read, some at a time.
 */
export async function findReferringRows(
  db: Reader,
  ids: readonly string[],
): Promise<Map<string, ReferringRow>> {
  const found = new Map<string, ReferringRow>()
  const isOneOf = { in: [...ids] }
  for (const id of ids) {
    const artifact = await db.artifact.findFirst({
      where: { sha256: id },
      orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
      select: { id: true },
    })
    if (artifact) found.set(id, { model: 'Artifact', column: 'sha256', rowId: artifact.id })
  }
  const note = (
    row: object & { id: number },
    model: 'Attestation' | 'Build' | 'HookRun' | 'Job' | 'QueuedTask' | 'RepositoryFile',
  ) => {
    for (const [column, value] of Object.entries(row) as [string, unknown][])
      if (typeof value === 'string' && ids.includes(value) && !found.has(value))
        found.set(value, { model, column, rowId: row.id })
  }
  for (const task of await db.queuedTask.findMany({
    where: { resultSha256: isOneOf },
    select: { id: true, resultSha256: true },
    take: 1_000,
  }))
    note(task, 'QueuedTask')
  for (const run of await db.hookRun.findMany({
    where: { outputSha256: isOneOf },
    select: { id: true, outputSha256: true },
    take: 1_000,
  }))
    note(run, 'HookRun')
  for (const file of await db.repositoryFile.findMany({
    where: { sha256: isOneOf },
    select: { id: true, sha256: true },
    take: 1_000,
  }))
    note(file, 'RepositoryFile')
  for (const statement of await db.attestation.findMany({
    where: { envelopeSha256: isOneOf },
    select: { id: true, envelopeSha256: true },
    take: 1_000,
  }))
    note(statement, 'Attestation')
  for (const job of await db.job.findMany({
    where: { OR: [{ readmeSha256: isOneOf }, { pendingSwitchSha256: isOneOf }] },
    select: { id: true, readmeSha256: true, pendingSwitchSha256: true },
  }))
    note(job, 'Job')
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
  for (let start = 0; start < (newest?.id ?? 0) && found.size < ids.length; start += buildsPerStatement)
    for (const row of await db.build.findMany({
      // Numbers between ids, not ids of builds.
      where: {
        id: { gt: start as BuildId, lt: (start + buildsPerStatement + 1) as BuildId },
        ...hasOneOf(ids),
      },
      select: { id: true, ...ownColumns },
    }))
      note(row, 'Build')
  return found
}
