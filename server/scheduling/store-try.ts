import { serverActor } from '../audit/actor.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { MalformedError, RecordTooLargeError } from '../errors.ts'
import {
  findPathConflict,
  maxPathBytes,
  normalizeArtifactPath,
  UnsafeNameError,
} from '../formats/exec-names.ts'
import { defaultExecLimits, type ExecFacts, type ExecResult } from '../formats/exec-record.ts'
import { receiveParts, type BuildParts, type ReceiveDeps } from '../uploads/receive-build.ts'
import type { ActiveTry } from './active-tries.ts'
import type { BuiltFile } from './scheduler.ts'

export type StoreDeps = ReceiveDeps & Pick<Deps, 'clock'>

/** The connection broke while files came: the hub is not to blame, nor the build. */
export class FilesBrokenError extends Error {
  override readonly name = 'FilesBrokenError'
}

/**
 * Stores what a worker made of a try as a build, by the door of uploads. `end` writes in the transaction of the build how the try
 * and its run ended. Throws what receiveParts throws, what `end` throws, FilesBrokenError, and MalformedError and
 * RecordTooLargeError for files that no record may have.
 */
export async function storeTry(
  deps: StoreDeps,
  { assignedMs, attempt, console, worker }: ActiveTry,
  result: ExecResult,
  files: AsyncIterable<BuiltFile>,
  end: (tx: Transaction) => Promise<void>,
): Promise<void> {
  const { uuid, job, platform, script, assignedAt: startedAt } = attempt
  const finishedAt = new Date(startedAt.getTime() + deps.clock.elapsedMs() - assignedMs)
  const facts: ExecFacts = { uuid, job, platform, startedAt, finishedAt, result }
  await receiveParts(
    deps,
    null,
    async (parts) => {
      await parts.job(job)
      await parts.script(once(script))
      await parts.uuid(uuid)
      for await (const { deltaNs, text } of console.newestFirst()) await parts.consoleEntry(deltaNs, text)
      await giveFiles(deps.config.uploadMaxBytes, files, parts)
      return facts
    },
    {
      named: { job, uuid },
      actor: { ...serverActor, address: worker.address },
      alongside: { changes: ['runs'], write: end },
    },
  )
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function giveFiles(
  maxBytes: number,
  files: AsyncIterable<BuiltFile>,
  parts: BuildParts,
): Promise<void> {
  const paths = new Set<string>()
  let bytes = 0
  for await (const { path: given, sizeBytes, chunks } of whole(files)) {
    if (paths.size === defaultExecLimits.artifacts)
      throw new RecordTooLargeError(`the build has more than ${defaultExecLimits.artifacts} files`)
    bytes += sizeBytes
    if (bytes > maxBytes)
      throw new RecordTooLargeError(`the files of the build have more than ${maxBytes} bytes`)
    const path = checkPath(given, paths)
    paths.add(path)
    await parts.artifact(path, whole(chunks))
  }
  const conflict = findPathConflict(paths)
  if (conflict)
    throw refused(
      `${JSON.stringify(conflict.file)} is a file, and the folder of ${JSON.stringify(conflict.inner)}`,
    )
}

const refused = (reason: string) => new MalformedError('result of a worker', 0, reason)

function checkPath(given: string, known: ReadonlySet<string>): string {
  try {
    const path = normalizeArtifactPath(given)
    if (Buffer.byteLength(path) > maxPathBytes) throw refused(`a path is longer than ${maxPathBytes} bytes`)
    if (known.has(path)) throw refused(`the file ${JSON.stringify(path)} comes twice`)
    return path
  } catch (error) {
    if (error instanceof UnsafeNameError) throw refused(`the path of a file ${error.reason}`)
    throw error
  }
}

/** The same; what the source throws is told from what whoever reads it throws. */
async function* whole<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await items.next().catch((error: unknown) => {
        if (error instanceof FilesBrokenError) throw error
        // The next try would make the same file.
        if (error instanceof UnsafeNameError) throw refused(`the path of a file ${error.reason}`)
        throw new FilesBrokenError('the files of a worker broke off', { cause: error })
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await items.return?.().catch(() => {})
  }
}
