import { lstat, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { lockByFile } from '../data-dir-lock.ts'
import { DomainError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SandboxPlaces } from './bubblewrap.ts'
import { findControlGroups, type ControlGroups } from './control-group.ts'
import { removeOldRuns } from './run-folder.ts'
import { findSandbox, type Sandbox, type SandboxChoice } from './sandbox.ts'
import { serveSlot } from './serve-slot.ts'
import type { OwnLimits, SlotSite } from './slot-state.ts'
import type { ServerAddress } from './server-connection.ts'

export type WorkerOptions = {
  server: ServerAddress
  platform: string
  name: string
  slots: number
  software: string
  isBuilderProtocol: boolean
  readToken: () => Promise<string | null>
  limits: OwnLimits
  sandbox: SandboxChoice
  places: SandboxPlaces
  /** Variables of the environment that scripts have, too. */
  env: Readonly<Record<string, string>>
  workDir: string
  /** Between two attempts to connect: at first, and at most. */
  pauses: { minMs: number; maxMs: number }
}

export const defaultPauses = { minMs: 500, maxMs: 60_000 }
/** A worker that is being restarted may still end. */
const lockMs = 500

export type BuildWorker = {
  /** Resolves when all slots are done: after `drain` or `stop`. */
  done: Promise<void>
  /** Takes no new run; what runs goes on. */
  drain: () => void
  /** Ends what runs, too. The hub gives it to other workers. */
  stop: () => void
}

/** The folder of a worker belongs to somebody else, who could exchange what is in it. */
export class ForeignFolderError extends DomainError {
  override readonly name = 'ForeignFolderError'
}

/**
 * Starts a worker. Throws NoSandboxError, ForeignFolderError, DataDirInUseError if another worker uses the folder, and errors of
 * the system for the folder. That the server is not there is no error: each slot tries again.
 */
export async function startBuildWorker(options: WorkerOptions, log: Log): Promise<BuildWorker> {
  const { workDir, places, isBuilderProtocol } = options
  await mkdir(workDir, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(workDir)
  if (getuid && (uid !== getuid() || (mode & 0o022) !== 0))
    throw new ForeignFolderError(
      `${workDir} belongs to another user, or others can write to it: choose another --work-dir`,
    )
  const lock = lockByFile(
    join(workDir, 'worker.lock'),
    `another worker uses ${workDir}: give this one its own --work-dir`,
    lockMs,
  )
  const groups = await findControlGroups()
  await removeOld(workDir, groups, log)
  const hidden = [...places.hidden, workDir]
  const sandbox = await findSandbox(options.sandbox, { ...places, hidden }, workDir)
  tellSandbox(sandbox, groups, log)
  const [draining, stopping] = [new AbortController(), new AbortController()]
  const site: SlotSite = {
    ...options,
    negotiation: { known: null, isForced: isBuilderProtocol },
    runs: { baseDir: workDir, sandbox, groups, env: options.env, log },
    log,
    draining: draining.signal,
    stopping: stopping.signal,
  }
  const slots = Array.from({ length: options.slots }, (_, number) => serveSlot(site, { number, run: null }))
  return {
    done: Promise.all(slots).then(() => lock.release()),
    drain: () => draining.abort(),
    stop() {
      draining.abort()
      stopping.abort(new Error('the worker is stopped'))
    },
  }
}

/** A worker that was killed has left folders; its scripts were killed with it, unless they hid. */
async function removeOld(workDir: string, groups: ControlGroups | null, log: Log): Promise<void> {
  const uuids = await removeOldRuns(workDir, async (uuid) => groups?.removeOld(uuid))
  if (uuids.length > 0) log.warn({ runs: uuids }, 'an earlier worker was killed: what it left is removed')
}

function tellSandbox(sandbox: Sandbox, groups: ControlGroups | null, log: Log): void {
  const limits = { controlGroups: groups !== null, controllers: groups?.controllers ?? [] }
  if (sandbox.kind === 'none')
    log.warn({ why: sandbox.why, ...limits }, 'scripts run without a sandbox, as the user of the worker')
  else log.info({ sandbox: sandbox.kind, ...limits }, 'scripts run in a sandbox')
  if (getuid?.() === 0) log.warn('the worker runs as root: give it a user of its own')
}
