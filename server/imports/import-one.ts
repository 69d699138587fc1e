import type { Deps } from '../deps.ts'
import { BusyError, DomainError, StorageFullError } from '../errors.ts'
import { defaultExecLimits, readExecRecord } from '../formats/exec-record.ts'
import { BuildExistsError } from '../uploads/errors.ts'
import { receiveBuild, type ReceiveDeps } from '../uploads/receive-build.ts'
import type { Uploader } from '../users/authenticate.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { mayUpload } from '../users/users.ts'

/** What became of one record. */
export type ImportOutcome =
  | { kind: 'imported'; uuid: string; job: string }
  | { kind: 'present'; uuid: string }
  | { kind: 'refused'; reason: string }

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
    if (!(error instanceof DomainError) || isForAll(error)) throw error
    return { kind: 'refused', reason: error.message }
  }
}

/** Stores a record as an upload of `user` would, or as a build without an uploader. */
export function importRecord(
  deps: ImportDeps,
  user: Uploader | null,
  record: AsyncIterable<Uint8Array>,
): Promise<ImportOutcome> {
  return outcomeOf(() => receiveBuild(deps, user, record))
}

/** The same checks; nothing is stored. `seen` has the UUIDs of earlier records of this run. */
export function checkRecord(
  { db, config }: Pick<ImportDeps, 'db' | 'config'>,
  user: Uploader | null,
  record: AsyncIterable<Uint8Array>,
  seen: Set<string>,
): Promise<ImportOutcome> {
  return outcomeOf(async () => {
    const nothing = async () => {}
    const { uuid, job } = await readExecRecord(
      record,
      {
        async job(name) {
          if (user && !(await mayUpload(db, user, name)))
            throw new NotAuthorizedError(`user ${user.name} may not upload builds of job ${name}`)
        },
        async uuid(uuid) {
          const found = await db.build.findUnique({ where: { uuid }, select: { id: true } })
          if (found || seen.has(uuid)) throw new BuildExistsError(uuid)
        },
        platform: nothing,
        script: nothing,
        consoleEntry() {},
        artifact: nothing,
      },
      { ...defaultExecLimits, recordBytes: config.uploadMaxBytes },
    )
    seen.add(uuid)
    return { uuid, job }
  })
}
