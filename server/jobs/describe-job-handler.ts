import { LRUCache } from 'lru-cache'
import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError } from '../errors.ts'
import { describeJobKind } from '../facts/describe-job-task.ts'
import type { SwitchDescription } from '../formats/opam/describe-switch.ts'
import type { TaskHandler } from '../runner/handler.ts'

/** Section, synopsis and description of a job from a switch. All are null if the switch does not have them. */
type Description = { [Key in keyof SwitchDescription]: SwitchDescription[Key] | null }

const nothing: Description = { section: null, synopsis: null, description: null }

/** Limit of the opam reader. The largest known switch has 0.4 MiB. */
const maxSwitchBytes = 16 * 1024 ** 2
/** Of the processor: a busy machine is no fault of the switch. Real ones take about ten milliseconds. */
const limits = { maxCpuMs: 5_000, timeoutMs: 120_000 }

type Described = { switchSha256: string; found: Description; isChanged: boolean }

/**
 * Reads section, synopsis and description of a job from its newest opam switch (`pendingSwitchSha256` of its row), one
 * job at a time. If a switch cannot be read, its job has no description, and the switch is not read again. A
 * disk that fails, or workers that have too much to do, are not the fault of the switch: the task is tried again.
 */
export function describeJobHandler(
  deps: Pick<Deps, 'blobs' | 'db' | 'log' | 'workers'>,
): TaskHandler<Described | null> {
  const { db, log } = deps
  const readSwitch = switchReader(deps)
  return {
    ...{ kind: describeJobKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 12, retryPauseMs: 1_000 },

    async run({ key: job }) {
      const before = await db.job.findUnique({
        where: { name: job },
        select: { section: true, synopsis: true, description: true, pendingSwitchSha256: true },
      })
      // The job may have been removed with its last build.
      if (!before || before.pendingSwitchSha256 === null) return null
      const switchSha256 = before.pendingSwitchSha256
      const { reason, ...found } = await readSwitch(switchSha256)
      if (reason !== null)
        log.warn({ job, opamSwitch: switchSha256, reason }, 'job not described by its switch')
      const isChanged = (['section', 'synopsis', 'description'] as const).some(
        (key) => found[key] !== before[key],
      )
      return { switchSha256, found, isChanged }
    },

    async complete(tx, { key: job }, described) {
      if (described === null) return
      await tx.job.updateMany({
        // An upload may have brought a newer switch meanwhile: its own task reads that.
        where: { name: job, pendingSwitchSha256: described.switchSha256 },
        data: { ...described.found, pendingSwitchSha256: null },
      })
    },

    changes: (described) => (described?.isChanged === true ? ['facts'] : []),
  }
}

/** Returns the description from a switch, or the reason why it has none. Throws if the content is not the cause. */
function switchReader({ blobs, workers }: Pick<Deps, 'blobs' | 'workers'>) {
  // Most builds of a job have the same switch as the build before.
  const known = new LRUCache<string, Description & { reason: string | null }>({ max: 100 })

  async function read(sha256: string): Promise<SwitchDescription | null> {
    const id = toBlobId(sha256)
    const opamSwitch = await readBytes(blobs, id, maxSwitchBytes + 1)
    if (!opamSwitch) throw missingBlob(id)
    if (opamSwitch.length > maxSwitchBytes) throw new SwitchTooLargeError()
    return workers.run('describeSwitch', opamSwitch, limits)
  }

  return async (sha256: string) => {
    const before = known.get(sha256)
    if (before) return before
    let outcome
    try {
      const found = await read(sha256)
      outcome = found
        ? { ...found, reason: null }
        : { ...nothing, reason: 'it has not exactly one root package' }
    } catch (error) {
      if (!(error instanceof DomainError) || error instanceof BusyError) throw error
      outcome = { ...nothing, reason: error.message }
    }
    known.set(sha256, outcome)
    return outcome
  }
}

class SwitchTooLargeError extends DomainError {
  override readonly name = 'SwitchTooLargeError'
  constructor() {
    super(`it has more than ${maxSwitchBytes / 1024 ** 2} MiB`)
  }
}
