import type { Staged } from '../blobs/blob-store.ts'
import { debugBinaryOf, inputIdOf, mainBinaryOf, opamSwitchOf } from '../builds/artifact-roles.ts'
import type { ExecFacts, ExecResult } from '../formats/exec-record.ts'
import type { Uploader } from '../users/authenticate.ts'
import { correctClock } from './correct-clock.ts'
import type { StagedArtifact } from './staged-upload.ts'

/** A build whose blobs are durable. */
export type SettledBuild = {
  facts: ExecFacts
  /** Null: an import of a build whose uploader nobody knows. */
  user: Uploader | null
  /** Host of the site that the build is copied from; null: it is uploaded, or read from files. */
  importedFrom: string | null
  artifacts: readonly StagedArtifact[]
  script: Staged
  consoleText: Staged
  consoleIndex: Staged
  consoleLineCount: number
  /** Bytes of its entries in a record. */
  consoleDerBytes: number
  readme: StagedArtifact | null
  receivedAt: Date
}

/** The columns of a build's row that the build alone determines. */
export type BuildColumns = ReturnType<typeof deriveColumns>

export function deriveColumns(build: SettledBuild) {
  const { facts, artifacts, receivedAt } = build
  const mainBinary = mainBinaryOf(artifacts)
  return {
    uuid: facts.uuid,
    receivedAt,
    ...correctClock(facts, receivedAt),
    ...resultColumns(facts.result),
    inputId: inputIdOf(artifacts),
    mainBinaryPath: mainBinary?.path ?? null,
    mainBinarySha256: mainBinary?.content.id ?? null,
    mainBinarySizeBytes: mainBinary?.content.sizeBytes ?? null,
    opamSwitchSha256: opamSwitchOf(artifacts)?.content.id ?? null,
    debugBinarySha256: debugBinaryOf(artifacts, mainBinary?.path ?? null)?.content.id ?? null,
    uploaderId: build.user?.id ?? null,
    importedFrom: build.importedFrom,
    scriptSha256: build.script.id,
    scriptSizeBytes: build.script.sizeBytes,
    consoleSha256: build.consoleText.id,
    consoleIndexSha256: build.consoleIndex.id,
    consoleSizeBytes: build.consoleText.sizeBytes,
    consoleLineCount: build.consoleLineCount,
    consoleDerBytes: build.consoleDerBytes,
    readmeSha256: build.readme?.content.id ?? null,
    readmePath: build.readme?.path ?? null,
    artifactCount: artifacts.length,
    artifactsSizeBytes: artifacts.reduce((sum, { content }) => sum + content.sizeBytes, 0),
  }
}

/** A result as the columns of a build's row have it. */
export function resultColumns(result: ExecResult) {
  switch (result.kind) {
    case 'exited':
      return {
        status: result.code === 0n ? 'SUCCEEDED' : 'FAILED',
        resultKind: 'EXITED',
        resultCode: result.code,
      }
    case 'signalled':
      return { status: 'FAILED', resultKind: 'SIGNALLED', resultCode: result.signal }
    case 'stopped':
      return { status: 'FAILED', resultKind: 'STOPPED', resultCode: result.signal }
    case 'aborted':
      return { status: 'FAILED', resultKind: 'ABORTED', resultMessage: Uint8Array.from(result.message) }
  }
}
