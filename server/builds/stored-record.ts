import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { openWhole } from '../blobs/open-whole.ts'
import { findConsoleEntries, readConsoleEntries } from './console-entries.ts'
import { timesOfRecord } from './record-times.ts'
import type { StoredConsole } from './console.ts'
import type { Deps } from '../deps.ts'
import type { BuildId } from '../ids.ts'
import type { ExecResult } from '../formats/exec-record.ts'
import {
  consoleEntrySizeBytes,
  encodeConsoleEntry,
  type ExecContent,
  type ExecFile,
  type StreamedRecord,
} from '../formats/exec-record-encoder.ts'

type ResultColumns = {
  resultKind: string
  resultCode: bigint | null
  resultMessage: Uint8Array | null
}

/**
 * The record of a build, as far as it is kept: its files in their order, then the readme. Times are in
 * milliseconds, because builder writes milliseconds and misreads smaller fractions. `.build-hashes` and further
 * readmes are not kept, as in builder-web. `content` names the blobs of the record. `modifiedAt` is the end of the
 * build, corrected if the builder's clock was ahead. Null if the job has no such build. Throws the reason of
 * `signal` if the client has left.
 */
export async function findStoredRecord(
  deps: Pick<Deps, 'blobs' | 'db' | 'log' | 'writer'>,
  job: string,
  uuid: string,
  signal: AbortSignal,
): Promise<{ record: StreamedRecord; modifiedAt: Date; content: { sha256: string }[] } | null> {
  const { blobs, db } = deps
  const build = await db.build.findFirst({
    where: { uuid: uuid.toLowerCase(), job: { name: job } },
    include: {
      platform: { select: { name: true } },
      // Uploads insert the rows in the order of the record.
      artifacts: { orderBy: { id: 'asc' }, select: { path: true, sha256: true, sizeBytes: true } },
    },
  })
  if (!build) return null
  const files = build.artifacts.map(({ path, sha256, sizeBytes }) =>
    fileOf(blobs, path, sha256, Number(sizeBytes)),
  )
  const record = {
    job,
    platform: build.platform.name,
    uuid: build.uuid,
    ...timesOfRecord(build),
    result: resultOf(build),
    script: contentOf(blobs, build.scriptSha256, Number(build.scriptSizeBytes)),
    console: await consoleOf(deps, build, signal),
    artifacts: [...files, ...(await readmeOf(blobs, build))],
  }
  const { scriptSha256, consoleSha256, consoleIndexSha256, readmeSha256 } = build
  const own = [scriptSha256, consoleSha256, consoleIndexSha256, readmeSha256].flatMap((sha256) =>
    sha256 === null ? [] : [{ sha256 }],
  )
  return { record, modifiedAt: build.finishedAt, content: [...own, ...build.artifacts] }
}

function resultOf({ resultKind, resultCode, resultMessage }: ResultColumns): ExecResult {
  const code = resultCode ?? 0n
  switch (resultKind) {
    case 'EXITED':
      return { kind: 'exited', code }
    case 'SIGNALLED':
      return { kind: 'signalled', signal: code }
    case 'STOPPED':
      return { kind: 'stopped', signal: code }
    default:
      return { kind: 'aborted', message: resultMessage ?? new Uint8Array() }
  }
}

async function readmeOf(
  blobs: BlobStore,
  { readmeSha256, readmePath }: { readmeSha256: string | null; readmePath: string | null },
): Promise<ExecFile[]> {
  if (readmeSha256 === null) return []
  const sizeBytes = await blobs.sizeBytes(toBlobId(readmeSha256))
  if (sizeBytes === null) throw missingBlob(toBlobId(readmeSha256))
  return [fileOf(blobs, readmePath ?? 'README.md', readmeSha256, sizeBytes)]
}

/**
 * Its length stands before the entries. It is known since the upload; of older builds it is added up once, from
 * their line index.
 */
async function consoleOf(
  deps: Pick<Deps, 'blobs' | 'db' | 'log' | 'writer'>,
  stored: StoredConsole & { id: BuildId; consoleDerBytes: bigint | null },
  signal: AbortSignal,
): Promise<ExecContent> {
  return {
    sizeBytes:
      stored.consoleDerBytes === null
        ? await addUpConsole(deps, stored, signal)
        : Number(stored.consoleDerBytes),
    async *data() {
      for await (const entries of readConsoleEntries(deps, stored)) {
        yield Buffer.concat(entries.map(({ deltaNs, text }) => encodeConsoleEntry(deltaNs, text)))
      }
    },
  }
}

async function addUpConsole(
  deps: Pick<Deps, 'blobs' | 'db' | 'log' | 'writer'>,
  stored: StoredConsole & { id: BuildId },
  signal: AbortSignal,
): Promise<number> {
  let sizeBytes = 0
  for await (const places of findConsoleEntries(deps, stored)) {
    signal.throwIfAborted()
    for (const { deltaNs, start, end } of places) sizeBytes += consoleEntrySizeBytes(deltaNs, end - start)
  }
  // The download does not wait for the writer: it needs only the number.
  deps.writer
    .transact([], (tx) =>
      tx.build.updateMany({ where: { id: stored.id }, data: { consoleDerBytes: sizeBytes } }),
    )
    .catch((error: unknown) => deps.log.warn({ err: error }, 'length of a console not kept'))
  return sizeBytes
}

function fileOf(blobs: BlobStore, path: string, sha256: string, sizeBytes: number): ExecFile {
  return { path, ...contentOf(blobs, sha256, sizeBytes) }
}

function contentOf(blobs: BlobStore, sha256: string, sizeBytes: number): ExecContent {
  return {
    sizeBytes,
    async *data() {
      yield* await openWhole(blobs, sha256, sizeBytes)
    },
  }
}
