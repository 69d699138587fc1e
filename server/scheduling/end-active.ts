import { BusyError, DomainError, StorageFullError } from '../errors.ts'
import type { ExecResult } from '../formats/exec-record.ts'
import { BuildExistsError } from '../uploads/errors.ts'
import { UncertainCommitError } from '../uploads/store-build.ts'
import type { ActiveTries, ActiveTry } from './active-tries.ts'
import type { Deps } from '../deps.ts'
import { endRun, endTry, putBack } from './end-try.ts'
import { TryOverError } from './errors.ts'
import type { MarkTry } from './mark-tries.ts'
import { comeBackMs, endStored } from './recover-tries.ts'
import type { BuiltFile, StopReason } from './scheduler.ts'
import { FilesBrokenError, storeTry, type StoreDeps } from './store-try.ts'

type EndDeps = StoreDeps & Pick<Deps, 'consoles'>

/** Storing takes a moment mostly: only what takes longer is shown as UPLOADED. */
const shownAfterMs = 1_000

/** How the tries that run come to an end. */
export function activeEndings(deps: EndDeps, tries: ActiveTries, mark: MarkTry) {
  const { clock, db, log, writer } = deps

  /** Puts the run of a try back, or ends it after its last try. */
  async function giveUpRow({ id, runId, console }: ActiveTry, why: string): Promise<void> {
    const ending = await writer.transact(['runs'], async (tx) => {
      const run = await tx.run.findUniqueOrThrow({ where: { id: runId } })
      const ending = await putBack(tx, run, why, 'LOST', clock.now())
      await endTry(tx, id, { ending, error: why, lineCount: console.lineCount }, clock.now())
      return ending
    })
    deps.metrics.runTries.inc({ ending: ending.toLowerCase() })
  }

  /** Throws what the transaction throws; then its worker counts as away, and the timer gives it up again. */
  async function giveUp(active: ActiveTry, why: string): Promise<void> {
    const { attempt } = active
    active.isFinishing = true
    try {
      await giveUpRow(active, why)
    } catch (error) {
      active.isFinishing = false
      if (error instanceof TryOverError) return removeCancelled(active)
      // The database did not take it: the timer tries again.
      Object.assign(active, { link: null, leaseMs: clock.elapsedMs() })
      throw error
    }
    log.warn({ job: attempt.job, platform: attempt.platform, uuid: attempt.uuid, why }, 'a run was put back')
    await tries.remove(active, `put back: ${why}`)
  }

  async function store(active: ActiveTry, result: ExecResult, files: AsyncIterable<BuiltFile>) {
    const { attempt, console, id, runId } = active
    const isDone = result.kind === 'exited' && result.code === 0n
    const stopTimer = clock.after(shownAfterMs, () => void showUploaded(active))
    try {
      await storeTry(deps, active, result, files, async (tx) => {
        await endTry(tx, id, { ending: 'STORED', lineCount: console.lineCount }, clock.now())
        await endRun(tx, { id: runId }, isDone ? 'DONE' : 'FAILED', null, clock.now())
      })
    } finally {
      stopTimer()
    }
    deps.metrics.runTries.inc({ ending: 'stored' })
    log.info({ job: attempt.job, uuid: attempt.uuid, result: textOfResult(result) }, 'a run has ended')
    await tries.remove(active, textOfResult(result))
  }

  const showUploaded = (active: ActiveTry) =>
    mark(active, 'UPLOADED').catch((error: unknown) =>
      log.warn({ err: error }, 'a run is not shown as uploaded'),
    )

  /** A build with the UUID of the try may be stored, by this server or by somebody who uploaded it. */
  async function endIfStored(active: ActiveTry): Promise<boolean> {
    const { uuid } = active.attempt
    const build = await db.build.findUnique({ where: { uuid }, select: { status: true } })
    if (!build) return false
    const attempt = await db.runTry.findUnique({ where: { uuid }, select: { state: true } })
    if (attempt?.state !== 'ENDED') await endStored(deps, active, build.status)
    await tries.remove(active, 'the build is stored')
    return true
  }

  async function refuse(active: ActiveTry, error: DomainError): Promise<void> {
    const why = `the build cannot be stored: ${error.message}`
    await writer.transact(['runs'], async (tx) => {
      await endTry(
        tx,
        active.id,
        { ending: 'LOST', error: why, lineCount: active.console.lineCount },
        clock.now(),
      )
      await endRun(tx, { id: active.runId }, 'FAILED', why, clock.now())
    })
    deps.metrics.runTries.inc({ ending: 'lost' })
    await tries.remove(active, why)
  }

  async function finish(active: ActiveTry, result: ExecResult, files: AsyncIterable<BuiltFile>) {
    active.isFinishing = true
    try {
      await store(active, result, files)
    } catch (error) {
      active.isFinishing = false
      if (error instanceof FilesBrokenError) throw error
      if (error instanceof TryOverError) {
        await removeCancelled(active)
        throw error
      }
      const mayBeStored = error instanceof BuildExistsError || error instanceof UncertainCommitError
      if (mayBeStored && (await endIfStored(active))) return
      const isHubsFault = error instanceof BusyError || error instanceof StorageFullError
      if (error instanceof DomainError && !isHubsFault) await refuse(active, error)
      else await giveUp(active, `the hub could not store the build: ${messageOf(error)}`)
      throw error
    }
  }

  /** Somebody has cancelled it: the rows say so. */
  async function removeCancelled(active: ActiveTry): Promise<void> {
    tries.stop(active, await reasonOf(active))
    await tries.remove(active, 'execution aborted: cancelled')
  }

  async function reasonOf({ attempt }: ActiveTry): Promise<StopReason> {
    const row = await db.runTry.findUnique({ where: { uuid: attempt.uuid }, select: { error: true } })
    return { kind: 'CANCELLED', message: row?.error ?? 'cancelled' }
  }

  return {
    finish,
    giveUp,

    /** The time of a try is over: what it printed becomes a build, and its run waits again. */
    async timeOut(active: ActiveTry): Promise<void> {
      const { console, id, runId } = active
      const why = 'its time was over'
      active.isFinishing = true
      tries.stop(active, { kind: 'TIMED_OUT', message: 'timeout' })
      const result = { kind: 'aborted' as const, message: Buffer.from('timeout') }
      try {
        await storeTry(deps, active, result, noFiles(), async (tx) => {
          const { lineCount } = console
          await endTry(tx, id, { ending: 'TIMED_OUT', error: why, lineCount }, clock.now())
          const run = await tx.run.findUniqueOrThrow({ where: { id: runId } })
          await putBack(tx, run, why, 'FAILED', clock.now())
        })
        deps.metrics.runTries.inc({ ending: 'timed_out' })
        await tries.remove(active, 'execution aborted: timeout')
      } catch (error) {
        active.isFinishing = false
        if (error instanceof TryOverError) await tries.remove(active, 'execution aborted: cancelled')
        else if (!(await endIfStored(active)))
          await giveUp(active, `${why}, and the hub could not store what it printed: ${messageOf(error)}`)
      }
    },

    /** The worker of a try is away. */
    async leave(active: ActiveTry): Promise<void> {
      active.link = null
      active.leaseMs = clock.elapsedMs() + comeBackMs
      const { id } = active
      const leaseUntil = new Date(clock.now().getTime() + comeBackMs)
      await writer.transact(['runs'], (tx) =>
        tx.runTry.updateMany({ where: { id, state: { not: 'ENDED' } }, data: { leaseUntil } }),
      )
    },

    /** Ends what others have cancelled in the database. */
    async noticeCancelled(): Promise<void> {
      const running = tries.all().filter(({ isFinishing }) => !isFinishing)
      if (running.length === 0) return
      const ended = await db.runTry.findMany({
        where: { id: { in: running.map(({ id }) => id) }, state: 'ENDED' },
        select: { id: true, error: true },
      })
      for (const { id, error } of ended) {
        const active = running.find((one) => one.id === id)
        if (!active || active.isFinishing || tries.find(active.attempt.uuid) !== active) continue
        tries.stop(active, { kind: 'CANCELLED', message: error ?? 'cancelled' })
        deps.metrics.runTries.inc({ ending: 'cancelled' })
        await tries.remove(active, 'execution aborted: cancelled')
      }
    },
  }
}

async function* noFiles(): AsyncGenerator<BuiltFile> {}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** As builder-client's `observe` shows it. */
export function textOfResult(result: ExecResult): string {
  switch (result.kind) {
    case 'exited':
      return `exited ${result.code}`
    case 'signalled':
      return `signalled ${result.signal}`
    case 'stopped':
      return `stopped ${result.signal}`
    case 'aborted':
      return `execution aborted: ${Buffer.from(result.message).toString()}`
  }
}
