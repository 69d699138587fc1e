import { serverActor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Staged } from '../blobs/blob-store.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { inOnePiece } from '../blobs/in-one-piece.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Deps } from '../deps.ts'
import type { Transaction } from '../database/writer.ts'
import type { HookRun } from '../generated/prisma/client.ts'
import type { HookRunId } from '../ids.ts'
import type { TaskHandler } from '../runner/handler.ts'
import type { ClaimedTask } from '../runner/task.ts'
import { attemptHook, HookSkippedError } from './attempt-hook.ts'
import { endingOf, notRun, type HookEnding } from './ending-of.ts'
import { hookTaskKind } from './hook-run.ts'

/** `staged`: what the hook printed, if anything. */
type Attempt = { run: HookRun; ending: HookEnding; staged: Staged | null }

/**
 * Runs hooks: at least once each, whenever the server dies. A hook that fails has failed; only exit status 75 asks for another
 * attempt. Whatever a hook does, its task ends well: how the hook ended is in the row of its run. Decision 047 has the
 * reasons.
 */
export function runHookHandler(
  deps: Pick<Deps, 'blobs' | 'clock' | 'config' | 'copies' | 'db' | 'log' | 'metrics' | 'writer'>,
): TaskHandler<Attempt | null> {
  const { blobs, clock, config, log, metrics, writer } = deps
  /** What has not ended: a server that stops waits for it. */
  const running = new Set<Promise<unknown>>()

  async function endOf(task: ClaimedTask, run: HookRun, signal: AbortSignal): Promise<HookEnding> {
    try {
      return endingOf(await attemptHook(deps, run, signal), Number(task.progress ?? 0), Math.random())
    } catch (error) {
      if (error instanceof HookSkippedError) return notRun('SKIPPED', error.message)
      // The server stops, the disk is full, the database is out of reach: the task runs again.
      if (signal.aborted || !isLasting(error)) throw error
      log.warn({ err: error, hook: run.hook, run: run.id }, 'a hook could not be run')
      return notRun('FAILED', `it could not be run: ${error.message}`)
    }
  }

  /** That there is no room for its output is no failure of a hook. */
  async function storeOutput({ program }: HookEnding): Promise<Staged | null> {
    if (!program || program.output.text.length === 0) return null
    try {
      const staged = await blobs.stage(inOnePiece(program.output.text))
      await blobs.commit([staged])
      return staged
    } catch (error) {
      log.warn({ err: error }, 'the output of a hook is not kept')
      return null
    }
  }

  async function attempt(task: ClaimedTask, signal: AbortSignal): Promise<Attempt | null> {
    const id = Number(task.key) as HookRunId
    const run = await writer.transact([], (tx) => begin(tx, id, clock.now()))
    if (!run) return null
    const ending = await endOf(task, run, signal)
    return { run, ending, staged: await storeOutput(ending) }
  }

  const discard = async (ended: Attempt | null) => {
    if (ended?.staged) await blobs.discard([ended.staged])
  }

  return {
    ...{ kind: hookTaskKind, spanName: 'hook', version: 1, slots: { max: config.hookSlots } },
    // What gives an error is the database or the disk: no hook is given up for that.
    ...{ yieldsToUploads: false, maxAttempts: 2 ** 31 - 1, retryPauseMs: 5_000 },
    run(task, signal) {
      const ended = attempt(task, signal)
      const settled = ended.catch(() => {})
      running.add(settled)
      void settled.then(() => running.delete(settled))
      return ended
    },
    record: (ended) => {
      const retry = ended?.ending.retry
      return retry ? { isPartial: true, pauseMs: retry.pauseMs, progress: String(retry.count) } : {}
    },
    // Only administrators see runs, and their pages ask anew.
    changes: () => [],
    async complete(tx, _task, ended) {
      if (!ended) return
      if (ended.staged) await blobs.restore([ended.staged])
      await writeEnding(tx, ended, clock.now())
    },
    async kept(ended) {
      if (ended) metrics.hookRuns.inc({ outcome: outcomeOf(ended.ending) })
      await discard(ended)
    },
    dropped: discard,
    // Their signal is aborted already: what is left of them ends within seconds.
    close: async () => void (await Promise.all(running)),
  }
}

/** Every other attempt would fail, too: the content is damaged, or no program can have such arguments. */
const isLasting = (error: unknown): error is Error =>
  error instanceof DamagedBlobError || ['E2BIG', 'ERR_INVALID_ARG_VALUE'].includes(errorCode(error) ?? '')

/** As the label of the metric says it. */
const outcomeOf = ({ retry, state }: HookEnding) => (retry ? 'retried' : state.toLowerCase())

/** Writes that an attempt begins, so that pages show it. Null: the run is gone. */
async function begin(tx: Transaction, id: HookRunId, now: Date): Promise<HookRun | null> {
  const [run] = await tx.hookRun.updateManyAndReturn({
    where: { id },
    data: { state: 'RUNNING', attempts: { increment: 1 }, startedAt: now, finishedAt: null, error: null },
  })
  return run ?? null
}

async function writeEnding(tx: Transaction, { run, ending, staged }: Attempt, now: Date): Promise<void> {
  const { error, program, state } = ending
  await tx.hookRun.updateMany({
    where: { id: run.id },
    data: {
      ...{ state, error, finishedAt: now },
      exitStatus: program?.exitStatus ?? null,
      signal: program?.signal ?? null,
      outputSha256: staged?.id ?? null,
      outputSizeBytes: staged?.sizeBytes ?? null,
      printedBytes: program?.output.printedBytes ?? null,
    },
  })
  if (state === 'PENDING') return
  await recordAudit(tx, {
    ...{ at: now, actor: serverActor, action: 'hook.run', target: run.hook },
    result: state === 'FAILED' ? 'FAILED' : 'DONE',
    detail: { run: run.id, build: run.buildUuid, state, ...(error === null ? {} : { error }) },
  })
}
