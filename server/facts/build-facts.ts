import type { Verdict } from '../builds/verdict.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'

/** The columns of a build's row that facts are derived from. */
export type FactColumns = {
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  status: string
  inputId: string | null
  mainBinarySha256: string | null
  mainBinarySizeBytes: bigint | number | null
  readmeSha256: string | null
  opamSwitchSha256: string | null
}

/** A build as the rules of derived facts see it, before its row is written. */
export type NewBuild = {
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  /** Exited 0. */
  isSuccess: boolean
  /** SHA-256 over the three inputs, as hex; null when one is missing. */
  inputId: string | null
  /** The main binary; null: there is none. */
  output: { sha256: string; sizeBytes: bigint } | null
  readmeSha256: string | null
  opamSwitchSha256: string | null
}

/** A build with a row. */
export type StoredBuild = NewBuild & { id: BuildId; verdict: Verdict }

/** What the rules need of a build, from the columns of its row. */
export function buildFactsOf(row: FactColumns): NewBuild {
  const { jobId, platformId, startedAt, finishedAt, receivedAt, inputId, readmeSha256, opamSwitchSha256 } =
    row
  const { mainBinarySha256: sha256, mainBinarySizeBytes } = row
  return {
    ...{ jobId, platformId, startedAt, finishedAt, receivedAt, inputId, readmeSha256, opamSwitchSha256 },
    isSuccess: row.status === 'SUCCEEDED',
    output: sha256 === null ? null : { sha256, sizeBytes: BigInt(mainBinarySizeBytes ?? 0) },
  }
}
