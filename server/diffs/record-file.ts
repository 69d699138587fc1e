import { createReadStream } from 'node:fs'
import type { BlobStore, Staged } from '../blobs/blob-store.ts'
import { MalformedError } from '../errors.ts'
import { defaultExecLimits, readExecRecord } from '../formats/exec-record.ts'
import { isKeptAsArtifact, mainBinaryOf } from '../builds/artifact-roles.ts'
import type { ComparedBuild } from './compared-build.ts'

/**
 * A build from the record in a file, as builder-server writes it to its disk as `full`. Throws as `readRecord`, and what the file
 * system throws.
 */
export const readRecordFile = (blobs: BlobStore, file: string): Promise<ComparedBuild> =>
  readRecord(blobs, createReadStream(file), file)

/**
 * A build from its record, which arrives from the place with this name. Its content is put into `blobs`. Throws MalformedError with the
 * name of the place, RecordTooLargeError, and what `chunks` throws.
 */
export async function readRecord(
  blobs: BlobStore,
  chunks: AsyncIterable<Uint8Array>,
  place: string,
): Promise<ComparedBuild> {
  const artifacts: { path: string; content: Staged }[] = []
  const scripts: Staged[] = []
  const visitor = {
    job() {},
    platform() {},
    uuid() {},
    consoleEntry() {},
    async script(_sizeBytes: number, chunks: AsyncIterable<Uint8Array>) {
      scripts.push(await blobs.stage(chunks))
    },
    async artifact(path: string, _sizeBytes: number, chunks: AsyncIterable<Uint8Array>) {
      if (isKeptAsArtifact(path)) artifacts.push({ path, content: await blobs.stage(chunks) })
    },
  }
  const facts = await readExecRecord(chunks, visitor, defaultExecLimits).catch((error: unknown) => {
    if (!(error instanceof MalformedError)) throw error
    throw new MalformedError(`build record in ${place}`, error.offset, error.reason)
  })
  const [script] = scripts
  if (!script) throw new Error(`the record in ${place} was read to its end without a script`)
  const staged = [script, ...artifacts.map(({ content }) => content)]
  await blobs.commit(staged)
  await blobs.discard(staged)
  const toFile = ({ path, content: { id, sizeBytes } }: (typeof artifacts)[number]) => ({
    path,
    sha256: id,
    sizeBytes,
  })
  const main = mainBinaryOf(artifacts)
  return {
    uuid: facts.uuid,
    job: facts.job,
    platform: facts.platform,
    startedAt: facts.startedAt,
    finishedAt: facts.finishedAt,
    recordStartedAt: null,
    recordFinishedAt: null,
    script: { sha256: script.id, sizeBytes: script.sizeBytes },
    mainBinary: main && toFile(main),
    artifacts: artifacts.map(toFile).sort((a, b) => (a.path < b.path ? -1 : 1)),
    blobs,
  }
}
