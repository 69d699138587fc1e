import type { Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { DatabaseBusyError, DatabaseUnavailableError } from '../database/writer.ts'
import {
  defaultExecLimits,
  readExecRecord,
  type ExecFacts,
  type ExecVisitor,
} from '../formats/exec-record.ts'
import { countBytes, observeUpload } from '../metrics/observe-upload.ts'
import { inSpan } from '../tracing.ts'
import type { Uploader } from '../users/authenticate.ts'
import type { Credential } from '../users/viewer.ts'
import { mayUpload } from '../users/users.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { BuildExistsError } from './errors.ts'
import { stagedUpload } from './staged-upload.ts'
import { storeBuild, UncertainCommitError, type Alongside } from './store-build.ts'

/** Steps of an upload. A step is reported when it is complete. */
export type UploadStep =
  'job-named' | 'console-read' | 'artifact-staged' | 'record-read' | 'content-durable' | 'stored'

export type ReceivedBuild = { uuid: string; job: string }

/** What is known of a build so far, and of the request that brings it; for the log. */
export type NamedBuild = { requestId?: string; job?: string; uuid?: string }

export type ReceiveDeps = Pick<
  Deps,
  'blobs' | 'clock' | 'config' | 'db' | 'hooks' | 'log' | 'metrics' | 'onUploadStep' | 'writer'
> & { analyses: Pick<Deps['analyses'], 'kinds'> }

/**
 * Reads a build record from `source` and stores it. When it returns, the build is whole and durable; when it throws,
 * nothing is stored. BuildExistsError says that the other build is durable, too. Memory does not grow with the record. `user` is null for a build that the operator imports without
 * an uploader. `actor` is for the audit log; null: this one is an import, which has no entry there and runs no hooks.
 *
 * Throws MalformedError, RecordTooLargeError, NotAuthorizedError, BuildExistsError,
 * StorageFullError, and the errors of `source`. After an error the source may not be read to its end.
 */
export async function receiveBuild(
  deps: ReceiveDeps,
  user: (Uploader & { credential?: Credential }) | null,
  source: AsyncIterable<Uint8Array>,
  named: NamedBuild = {},
  actor: Actor | null = null,
): Promise<ReceivedBuild> {
  return receiveParts(deps, user, (parts) => giveRecord(deps, source, parts), { named, actor })
}

/** Passes the parts of a build record. Returns its facts. Throws MalformedError, RecordTooLargeError. */
export function giveRecord(
  { config, metrics }: Pick<ReceiveDeps, 'config' | 'metrics'>,
  source: AsyncIterable<Uint8Array>,
  parts: BuildParts,
): Promise<ExecFacts> {
  return readExecRecord(
    countBytes(metrics, source),
    {
      ...parts,
      script: (_sizeBytes, chunks) => parts.script(chunks),
      platform() {},
      artifact: (path, _sizeBytes, chunks) => parts.artifact(path, chunks),
    },
    { ...defaultExecLimits, recordBytes: config.uploadMaxBytes },
  )
}

/** Receives the parts of a build in the order of a record. An exception ends the upload. */
export type BuildParts = Pick<ExecVisitor, 'job' | 'uuid' | 'consoleEntry'> & {
  script: (chunks: AsyncIterable<Uint8Array>) => Promise<void>
  /** `path` is normalized, and distinct from earlier paths. */
  artifact: (path: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>
}

/**
 * Like `receiveBuild`, for a build that is not a record: `give` passes its parts and returns its facts. `importedFrom` is
 * the host of the site that it is copied from. `alongside`: what its transaction writes besides; throws what that throws.
 */
export function receiveParts(
  deps: ReceiveDeps,
  user: (Uploader & { credential?: Credential }) | null,
  give: (parts: BuildParts) => Promise<ExecFacts>,
  {
    named = {},
    importedFrom = null,
    actor = null,
    alongside = null,
  }: {
    named?: NamedBuild
    importedFrom?: string | null
    actor?: Actor | null
    alongside?: Alongside | null
  } = {},
): Promise<ReceivedBuild> {
  const attributes = () => (user === null ? {} : { 'user.name': user.name })
  return inSpan('upload', { attributes }, async (span) => {
    try {
      return await receiveInSpan(deps, user, give, { named, importedFrom, actor, alongside })
    } finally {
      // What is known of the build by now.
      const { job, uuid } = named
      if (job !== undefined) span.setAttribute('builder_hub.job.name', job)
      if (uuid !== undefined) span.setAttribute('builder_hub.build.uuid', uuid)
    }
  })
}

async function receiveInSpan(
  deps: ReceiveDeps,
  user: (Uploader & { credential?: Credential }) | null,
  give: (parts: BuildParts) => Promise<ExecFacts>,
  {
    named,
    importedFrom,
    actor,
    alongside,
  }: { named: NamedBuild; importedFrom: string | null; actor: Actor | null; alongside: Alongside | null },
): Promise<ReceivedBuild> {
  const { db, onUploadStep } = deps
  const observed = observeUpload(deps.metrics)
  const upload = stagedUpload(deps)
  let stored: ReceivedBuild
  try {
    const facts = await give({
      async job(name) {
        named.job = name
        if (user && !(await mayUpload(db, user, name))) {
          throw new NotAuthorizedError(
            `user ${user.name} may not upload builds of job ${name}: the operator can allow it with "hub access add"`,
          )
        }
        onUploadStep('job-named')
      },
      script: (chunks) => upload.addScript(chunks),
      async uuid(uuid) {
        named.uuid = uuid
        // An early check, before gigabytes are read. The transaction decides between concurrent uploads.
        const found = await db.build.findUnique({ where: { uuid }, select: { id: true } })
        if (found) throw new BuildExistsError(uuid)
      },
      consoleEntry: upload.addConsoleEntry,
      async artifact(path, chunks) {
        if (upload.artifacts.length === 0) onUploadStep('console-read')
        await upload.addFile(path, chunks)
        onUploadStep('artifact-staged')
      },
    })
    onUploadStep('record-read')
    observed.read()
    const content = await upload.settle()
    // The content has taken its time. What was deleted meanwhile would be put back while the transaction has the lock.
    await upload.restore()
    onUploadStep('content-durable')
    await storeBuild(
      deps,
      { facts, user, importedFrom, artifacts: upload.artifacts, ...content, receivedAt: deps.clock.now() },
      upload.restore,
      { actor, alongside },
    )
    onUploadStep('stored')
    stored = { uuid: facts.uuid, job: facts.job }
  } catch (error) {
    observed.ended(error)
    if (!(error instanceof UncertainCommitError)) await abandon(deps, upload, error)
    // Its client deletes its copy then, and the other upload may wait for the disk still.
    if (error instanceof BuildExistsError) await deps.writer.untilOnDisk()
    throw error
  } finally {
    await upload
      .dispose()
      .catch((error: unknown) =>
        deps.log.warn({ err: error, ...named }, 'staged files of an upload not removed'),
      )
  }
  observed.ended()
  deps.log.info({ ...named, ...stored, user: user?.name ?? null }, 'build stored')
  return stored
}

/** Removes the content of an upload that failed. What cannot be removed goes within two days (`collectBlobsHandler`). */
async function abandon(
  { log }: ReceiveDeps,
  upload: ReturnType<typeof stagedUpload>,
  cause: unknown,
): Promise<void> {
  // The database has just been out of reach for as long as a client waits.
  if (cause instanceof DatabaseBusyError || cause instanceof DatabaseUnavailableError) return
  try {
    await upload.abandon()
  } catch (error) {
    log.error({ err: error }, 'content of an upload that failed not removed')
  }
}
