import type { Deps } from '../deps.ts'
import { defaultExecLimits, readExecRecord } from '../formats/exec-record.ts'
import type { Uploader } from '../users/authenticate.ts'
import { mayUpload } from '../users/users.ts'
import { BuildExistsError, NotAuthorizedError } from './errors.ts'
import { stagedUpload } from './staged-upload.ts'
import { storeBuild, UncertainCommitError } from './store-build.ts'

/** How far an upload has come: each step is done when it is named. */
export type UploadStep =
  'job-named' | 'console-read' | 'artifact-staged' | 'record-read' | 'content-durable' | 'stored'

export type ReceivedBuild = { uuid: string; job: string }

/**
 * Read a build record from `source` and store it: whole and durable when this returns, absent
 * when it throws. Memory does not grow with the record.
 *
 * Throws MalformedError, RecordTooLargeError, NotAuthorizedError, BuildExistsError,
 * StorageFullError, and whatever `source` throws; the source may then not be read to its end.
 */
export async function receiveBuild(
  deps: Pick<Deps, 'blobs' | 'config' | 'db' | 'events' | 'onUploadStep'>,
  user: Uploader,
  source: AsyncIterable<Uint8Array>,
): Promise<ReceivedBuild> {
  const { config, db, onUploadStep } = deps
  const limits = { ...defaultExecLimits, recordBytes: config.uploadMaxBytes }
  const upload = stagedUpload(deps)
  try {
    const facts = await readExecRecord(
      source,
      {
        async job(name) {
          if (!(await mayUpload(db, user, name))) {
            throw new NotAuthorizedError(
              `user ${user.name} may not upload builds of job ${name}: the operator can allow it with "hub access add"`,
            )
          }
          onUploadStep('job-named')
        },
        script: (_sizeBytes, chunks) => upload.addScript(chunks),
        platform() {},
        async uuid(uuid) {
          // Refused before gigabytes are read; the transaction decides when two arrive at once.
          const found = await db.build.findUnique({ where: { uuid }, select: { id: true } })
          if (found) throw new BuildExistsError(uuid)
        },
        consoleEntry: upload.addConsoleEntry,
        async artifact(path, _sizeBytes, chunks) {
          if (upload.artifacts.length === 0) onUploadStep('console-read')
          await upload.addFile(path, chunks)
          onUploadStep('artifact-staged')
        },
      },
      limits,
    )
    onUploadStep('record-read')
    const content = await upload.settle()
    onUploadStep('content-durable')
    await storeBuild(db, { facts, user, artifacts: upload.artifacts, ...content, receivedAt: new Date() })
    await upload.keep()
    onUploadStep('stored')
    deps.events.emit('buildStored', { uuid: facts.uuid, job: facts.job })
    return { uuid: facts.uuid, job: facts.job }
  } catch (error) {
    if (error instanceof UncertainCommitError) await upload.keep()
    await upload.abandon()
    throw error
  } finally {
    await upload.dispose()
  }
}
