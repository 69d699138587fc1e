import type { Violation } from '../database/integrity.ts'
import type { Damage } from '../blobs/damage-of.ts'
import type { BlobId } from '../blobs/blob-store.ts'
import type { BuildId, JobId, QueuedTaskId } from '../ids.ts'

/** What `hub verify` finds. `isProblem`: the site is not as it should be. `advice`: what the operator can do. */
export const findingKinds = {
  DATABASE_DAMAGED: {
    isProblem: true,
    advice: 'stop the server, keep a copy of the data directory, and restore the database from a backup',
  },
  DANGLING_ROW: {
    isProblem: true,
    advice:
      'a row refers to a row that does not exist: run with --repair, or restore the database from a backup',
  },
  BLOB_MISSING: {
    isProblem: true,
    advice: 'restore the file from a backup, or upload a build with this content again',
  },
  BLOB_SIZE: {
    isProblem: true,
    advice:
      'restore the file from a backup, or upload a build with this content again; --repair moves it aside',
  },
  BLOB_DAMAGED: {
    isProblem: true,
    advice:
      'restore the file from a backup, or upload a build with this content again; --repair moves it aside',
  },
  STRAY_FILE: {
    isProblem: true,
    advice: 'no part of Builder Hub makes such a file: move it elsewhere, or run with --repair',
  },
  RESULT_MISSING: {
    isProblem: true,
    advice: 'the result of an analysis is lost: run with --repair, and the server makes it again',
  },
  FACT_DIFFERS: { isProblem: true, advice: 'run with --repair, or run "hub rebuild-facts"' },
  BUILD_DIFFERS: {
    isProblem: true,
    advice: 'a column of a build does not follow from its artifacts: run with --repair',
  },
  ARTIFACTS_MISSING: {
    isProblem: true,
    advice: 'restore the database from a backup, or remove the build and upload it again',
  },
  CONSOLE_INDEX_DIFFERS: {
    isProblem: true,
    advice: 'remove the build and upload it again, or restore the database from a backup',
  },
  AUDIT_BROKEN: {
    isProblem: true,
    advice:
      'somebody has changed the audit log in the database: compare it with its file, "audit.jsonl", and with backups',
  },
  UNTRACKED_BLOB: { isProblem: false, advice: 'the server deletes it within two days' },
  STAGED_LEFTOVER: { isProblem: false, advice: 'the next start of the server deletes it' },
  NOT_REPRODUCIBLE: { isProblem: false, advice: 'compare the builds: their input is the same' },
  REBUILD_PENDING: { isProblem: false, advice: 'the server is computing these facts: verify again later' },
} as const satisfies Record<string, { isProblem: boolean; advice: string }>

export type FindingKind = keyof typeof findingKinds

/** What a finding is about, as far as it is known. `file` is relative to the store, or a path. */
export type Subject = {
  job?: string
  build?: string
  path?: string
  sha256?: string
  inputId?: string
  table?: string
  row?: string
  file?: string
}

/** What `--repair` does about a finding. */
export type Repair =
  | { act: 'SET_ASIDE'; id: BlobId }
  | { act: 'SET_STRAY_ASIDE'; name: string; state: string }
  | { act: 'MAKE_RESULT_AGAIN'; taskId: QueuedTaskId; sha256: string | null }
  | { act: 'REBUILD_FACTS'; jobId: JobId | null }
  | { act: 'DERIVE_COLUMNS'; buildId: BuildId; jobId: JobId }
  | { act: 'REMOVE_REFERENCE'; violation: Violation }
  | { act: 'COLLECT' }
  | { act: 'EMPTY_STAGING'; file: string }

/** `detail` says what is wrong, in words. `damage` is that of content. `repairs` is empty if nothing can be done here. */
export type Finding = {
  kind: FindingKind
  subject: Subject
  detail: string
  damage?: Damage
  repairs: readonly Repair[]
}
