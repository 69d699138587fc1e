import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeFeed } from '../changes/change-feed.ts'
import type { Deps } from '../deps.ts'
import { checkPlatformName } from '../formats/exec-names.ts'
import { wakeableLoop } from '../runner/wakeable-loop.ts'
import { activeTries, type ActiveTry } from './active-tries.ts'
import { tryLimitMs, type Claimed } from './claim-runs.ts'
import { createDispatcher } from './dispatcher.ts'
import { activeEndings } from './end-active.ts'
import { TryOverError } from './errors.ts'
import { markTries } from './mark-tries.ts'
import { queueDue } from './queue-due.ts'
import { comeBackMs, recoverTries } from './recover-tries.ts'
import type { AssignedTry, ConnectedWorker, Scheduler, WorkerLink } from './scheduler.ts'
import type { StoreDeps } from './store-try.ts'
import { workerRegistry, type RegisteredWorker } from './worker-registry.ts'

type SchedulerDeps = StoreDeps & Pick<Deps, 'consoles'> & { changes: Pick<ChangeFeed, 'on'> }

/** The timer looks so often, whatever it knows: another process may have changed a schedule. */
const longestPauseMs = 60_000
const afterErrorMs = 1_000
/** Each state of a run is a change: those of one moment cost one look. */
const cancelledEveryMs = 20

/**
 * The scheduler of a hub, not started. There is one for each database: what runs is known to this process, and what has
 * happened to it is in the database. docs/decisions/052-scheduling.md says why.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { changes, clock, config, consoles, log, metrics, writer } = deps
  const tries = activeTries()
  const workers = workerRegistry(deps)
  const mark = markTries(deps, tries)
  const endings = activeEndings(deps, tries, mark)
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const dispatcher = createDispatcher(deps, {
    siteUrl: () => (config.publicUrl === '' ? `http://${host}:${config.port}` : config.publicUrl),
    workers,
  })
  let isClosed = false
  let stopListening = () => {}

  const timer = wakeableLoop(clock, async () => {
    try {
      const nextAt = await queueDue(deps)
      await Promise.all(tries.all().map(endIfOver))
      const untilDue = nextAt === null ? Infinity : nextAt.getTime() - clock.now().getTime()
      const pauseMs = Math.min(longestPauseMs, untilDue, ...tries.all().map(leftMs))
      timer.wakeIn(Math.max(0, pauseMs))
    } catch (error) {
      log.warn({ err: error }, 'the timer of schedules failed')
      timer.wakeIn(afterErrorMs)
    }
  })

  const cancelled = wakeableLoop(clock, async () => {
    try {
      await endings.noticeCancelled()
      await sleep(cancelledEveryMs)
    } catch (error) {
      log.warn({ err: error }, 'cancelled runs not noticed')
      cancelled.wakeIn(afterErrorMs)
    }
  })

  /** How long it is until the hub ends a try by itself; Infinity: it is coming to another end. */
  function leftMs({ isFinishing, stop, link, leaseMs, deadlineMs }: ActiveTry): number {
    if (isFinishing || stop?.kind === 'CANCELLED') return Infinity
    return (link === null ? leaseMs : deadlineMs) - clock.elapsedMs()
  }

  async function endIfOver(active: ActiveTry): Promise<void> {
    if (leftMs(active) > 0) return
    if (active.link === null)
      await endings.giveUp(active, `its worker ${active.worker.name} did not come back`)
    else await endings.timeOut(active)
  }

  /** The worker waits: nothing here waits for the disk. */
  function begin(claimed: Claimed, worker: ConnectedWorker, link: object): ActiveTry {
    const { id, runId, attempt } = claimed
    const assignedMs = clock.elapsedMs()
    const limitMs = tryLimitMs(attempt)
    const active: ActiveTry = {
      ...{ id, runId, attempt, worker, link, console: consoles.begin(attempt.uuid) },
      ...{ assignedMs, leaseMs: Infinity, deadlineMs: assignedMs + limitMs },
      ...{ isFinishing: false, stop: null, listeners: new Set() },
    }
    tries.add(active)
    // Somebody may have cancelled it since it was given.
    cancelled.wake()
    timer.wakeIn(limitMs)
    return active
  }

  /** The try of a link. Throws TryOverError. */
  function own(uuid: string, link: object): ActiveTry {
    const active = tries.find(uuid)
    if (!active || active.stop) throw new TryOverError(uuid)
    if (active.link !== link) throw new TryOverError(uuid, 'belongs to another connection')
    return active
  }

  /** Puts its run back. If that cannot be written, as on a full disk, the timer goes on trying: nobody else would. */
  async function giveUp(active: ActiveTry, why: string): Promise<void> {
    try {
      await endings.giveUp(active, why)
    } catch (error) {
      timer.wakeIn(afterErrorMs)
      throw error
    }
  }

  async function lose(active: ActiveTry, why: string): Promise<void> {
    if (active.worker.protocol === 'BUILDER') return giveUp(active, why)
    await endings.leave(active)
    timer.wakeIn(comeBackMs)
  }

  /** A run that came too late: its worker knows nothing of it, and cannot come back for it. */
  const takeBack = (active: ActiveTry, why: string) =>
    giveUp(active, why).catch((error: unknown) =>
      log.error({ err: error, uuid: active.attempt.uuid }, 'a run not put back'),
    )

  function linkOf(worker: ConnectedWorker, registered: RegisteredWorker): WorkerLink {
    const link = {}
    const { name, address, platform, protocol, userId } = worker
    let isLinkClosed = false

    const lost = async (uuid: string, why: string): Promise<void> => {
      const active = tries.find(uuid)
      if (!active || active.link !== link || active.stop || active.isFinishing) return
      await lose(active, why)
    }

    return {
      request: (signal) =>
        new Promise<AssignedTry>((resolve, reject) => {
          signal.throwIfAborted()
          const askedAt = clock.now()
          dispatcher.add({
            ...{ registered, name, address, userId, platform, signal, reject },
            give(claimed) {
              const active = begin(claimed, worker, link)
              const since = Math.max(askedAt.getTime(), claimed.waitingSince.getTime())
              metrics.schedulingLatency.observe(Math.max(0, clock.now().getTime() - since) / 1_000)
              if (!signal.aborted && !isLinkClosed) return resolve(claimed.attempt)
              const why = 'the worker went away before it got the run'
              reject(new Error(why))
              void takeBack(active, why)
            },
          })
        }),

      async resume(uuid) {
        const active = tries.find(uuid)
        if (!active || active.stop || active.isFinishing) return null
        const of = active.worker
        if (of.name !== name || of.protocol !== protocol || of.userId !== userId) return null
        const nowMs = clock.elapsedMs()
        const deadlineMs = Math.max(active.deadlineMs, nowMs + comeBackMs)
        Object.assign(active, { link, leaseMs: Infinity, deadlineMs })
        active.listeners.clear()
        const { id } = active
        const deadlineAt = new Date(clock.now().getTime() + deadlineMs - nowMs)
        await writer.transact(['runs'], (tx) =>
          tx.runTry.updateMany({
            where: { id, state: { not: 'ENDED' } },
            data: { leaseUntil: null, deadlineAt, address },
          }),
        )
        return { attempt: active.attempt, lineCount: active.console.lineCount }
      },

      started: async (uuid) => mark(own(uuid, link), 'RUNNING'),
      console: (uuid) => own(uuid, link).console,

      onStop(uuid, listener) {
        const active = tries.find(uuid)
        if (!active || active.stop) {
          listener(active?.stop ?? { kind: 'CANCELLED', message: 'it is over' })
          return () => {}
        }
        active.listeners.add(listener)
        return () => void active.listeners.delete(listener)
      },

      async finish(uuid, result, files) {
        const active = own(uuid, link)
        if (active.isFinishing) throw new TryOverError(uuid, 'is being ended already')
        try {
          await endings.finish(active, result, files)
        } catch (error) {
          // While files came, `lost` and `close` have left it alone.
          if (isLinkClosed) await lost(uuid, 'the connection of its worker ended')
          throw error
        }
      },

      lost,

      async close() {
        if (isLinkClosed) return
        isLinkClosed = true
        workers.disconnect(name)
        const left = tries.all().filter((active) => active.link === link)
        for (const { attempt } of left) await lost(attempt.uuid, 'the connection of its worker ended')
      },
    }
  }

  return {
    async connect(worker) {
      checkPlatformName(worker.platform)
      if (isClosed) throw new Error('the server stops')
      return linkOf(worker, await workers.connect(worker))
    },

    async start() {
      await workers.reset()
      await recoverTries(deps, tries)
      const stops = [
        changes.on(['runs'], () => {
          dispatcher.wake()
          cancelled.wake()
        }),
        changes.on(['schedule'], () => {
          dispatcher.templatesChanged()
          timer.wake()
        }),
      ]
      stopListening = () => {
        for (const stop of stops) stop()
      }
      timer.wake()
    },

    async close() {
      isClosed = true
      stopListening()
      await dispatcher.close()
      await timer.stop()
      await cancelled.stop()
      await workers.close()
    },
  }
}
