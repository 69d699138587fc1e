import { createHash, type Hash } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError, MalformedError, RecordTooLargeError, StorageFullError } from '../errors.ts'
import type { ExecFacts } from '../formats/exec-record.ts'
import { BuildExistsError } from '../uploads/errors.ts'
import { giveRecord, receiveParts, type BuildParts, type ReceiveDeps } from '../uploads/receive-build.ts'
import type { Uploader } from '../users/authenticate.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { mayUpload } from '../users/users.ts'
import { compareRecord, findStoredBuild, OtherContentError, type Comparison } from './compare-record.ts'
import type { RecordFile } from './record-files.ts'

/** What became of one record. */
export type ImportOutcome =
  | { kind: 'imported'; uuid: string; job: string }
  | { kind: 'present'; uuid: string }
  /** The build was removed here, and is not brought back. */
  | { kind: 'removed'; uuid: string }
  /** `isPassing`: not because of the record itself. It may be taken later. */
  | { kind: 'refused'; reason: string; isPassing: boolean }

/** The build was removed here. */
export class RemovedBeforeError extends DomainError {
  override readonly name = 'RemovedBeforeError'
  readonly uuid: string
  constructor(uuid: string) {
    super(`build ${uuid} was removed here: --again stores it again`)
    this.uuid = uuid
  }
}

export type ImportDeps = Pick<Deps, 'db' | 'config'> & ReceiveDeps

/** Whether the next record would fail in the same way: the command ends, and can be run again. */
export const isForAll = (error: unknown) =>
  !(error instanceof DomainError) || error instanceof BusyError || error instanceof StorageFullError

/** How an attempt to store a build ended. Throws what would also stop all others (`isForAll`). */
export async function outcomeOf(
  attempt: () => Promise<{ uuid: string; job: string }>,
): Promise<ImportOutcome> {
  try {
    return { kind: 'imported', ...(await attempt()) }
  } catch (error) {
    if (error instanceof BuildExistsError) return { kind: 'present', uuid: error.uuid }
    if (error instanceof RemovedBeforeError) return { kind: 'removed', uuid: error.uuid }
    if (!(error instanceof DomainError) || isForAll(error)) throw error
    const isOfRecord = error instanceof MalformedError || error instanceof RecordTooLargeError
    return { kind: 'refused', reason: error.message, isPassing: !isOfRecord }
  }
}

/** How a record is imported. */
export type RecordOptions = {
  /** Returns the user who is said to have uploaded the build, as the user is now; null: nobody. */
  findUser: () => Promise<Uploader | null>
  /** Also store builds that were removed here. */
  isAgain: boolean
}

/**
 * Stores a record as an upload would, or as a build without an uploader. A record of a stored build is compared with it:
 * if it has other content, it is refused.
 */
export async function importRecord(
  deps: ImportDeps,
  { path, read }: RecordFile,
  { findUser, isAgain }: RecordOptions,
): Promise<ImportOutcome> {
  for (;;) {
    let isCompared = false
    const outcome = await read((bytes) =>
      outcomeOf(async () =>
        receiveParts(deps, await findUser(), (parts) =>
          giveUnlessStored(deps, bytes, parts, { isAgain, onCompared: () => (isCompared = true) }),
        ),
      ),
    )
    // Another task has stored a build of this UUID at the same time, and perhaps from another record.
    if (outcome.kind === 'present' && !isCompared && path !== null) continue
    return outcome
  }
}

/** The same checks; nothing is stored. `seen` has the UUIDs of earlier records of this run. */
export function checkRecord(
  deps: ImportDeps,
  { read }: RecordFile,
  { findUser, isAgain }: RecordOptions,
  seen: Set<string>,
): Promise<ImportOutcome> {
  return read((bytes) =>
    outcomeOf(async () => {
      const user = await findUser()
      const parts: BuildParts = {
        async job(name) {
          if (user && !(await mayUpload(deps.db, user, name)))
            throw new NotAuthorizedError(`user ${user.name} may not upload builds of job ${name}`)
        },
        uuid(uuid) {
          if (seen.has(uuid)) throw new BuildExistsError(uuid)
        },
        script: drain,
        consoleEntry() {},
        async artifact() {},
      }
      const { uuid, job } = await giveUnlessStored(deps, bytes, parts, { isAgain, onCompared() {} })
      seen.add(uuid)
      return { uuid, job }
    }),
  )
}

/**
 * Passes the parts of a record whose build is neither stored nor was removed here. Otherwise throws BuildExistsError,
 * OtherContentError, or RemovedBeforeError.
 */
async function giveUnlessStored(
  deps: ImportDeps,
  source: AsyncIterable<Uint8Array>,
  parts: BuildParts,
  { isAgain, onCompared }: { isAgain: boolean; onCompared: () => void },
): Promise<ExecFacts> {
  const { db, config } = deps
  const script = createHash('sha256')
  let comparison = null as Comparison | null
  try {
    const facts = await giveRecord(deps, source, {
      job: (name) => parts.job(name),
      script: (chunks) => parts.script(hashed(chunks, script)),
      async uuid(uuid) {
        const stored = await findStoredBuild(db, uuid)
        if (stored) {
          comparison = compareRecord(stored, config.stagingDir)
          return
        }
        if (!isAgain && (await db.tombstone.findUnique({ where: { uuid }, select: { id: true } })))
          throw new RemovedBeforeError(uuid)
        await parts.uuid(uuid)
      },
      consoleEntry: (deltaNs, text) => (comparison ?? parts).consoleEntry(deltaNs, text),
      artifact: (path, chunks) => (comparison ?? parts).artifact(path, chunks),
    })
    if (!comparison) return facts
    const differences = await comparison.differences(facts, script.digest('hex'))
    onCompared()
    if (differences.length === 0) throw new BuildExistsError(facts.uuid)
    throw new OtherContentError(
      `build ${facts.uuid} is stored with other content (${differences.slice(0, 5).join(', ')}): ` +
        'compare the record with the build, and remove the one that is wrong',
    )
  } finally {
    await comparison?.dispose()
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of chunks);
}
