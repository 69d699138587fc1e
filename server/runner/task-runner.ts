import { setMaxListeners } from 'node:events'
import type { ChangeKind } from '../changes/change.ts'
import { systemClock, type Clock } from '../clock.ts'
import type { Deps } from '../deps.ts'
import { groupBy } from '../group-by.ts'
import { claim, isSomeDue, nextDueAt, type Claimable, type Lease } from './claim.ts'
import { enqueue, nameOfTask, prioritize } from './enqueue.ts'
import type { TaskHandler } from './handler.ts'
import { isSomeLost, recoverTasks, releaseTasks, renewLeases, type Recovery } from './leases.ts'
import { levelOf } from './run-ending.ts'
import { runTask, type RunStep } from './run-task.ts'
import { runningTasks } from './running-tasks.ts'
import { priorities, type ClaimedTask, type TaskName } from './task.ts'
import { uploadPause } from './upload-pause.ts'
import { wakeableLoop } from './wakeable-loop.ts'

export type TaskRunner = {
  /** The kinds of tasks that it runs. */
  kinds: readonly string[]
  /** Runs the tasks that wait, now and from now on. Await it before the first upload. */
  start: () => Promise<void>
  /** Somebody waits for this task: it runs first. Writes nothing before it returns, so that pages can call it. */
  prioritize: (task: TaskName) => void
  /** Looks for tasks now. */
  wake: () => void
  /** Resolves when no task of these kinds runs or waits. Default: all kinds but schedules. */
  settled: (kinds?: readonly string[]) => Promise<void>
  /** Stops. Runs that do not end in time are interrupted, and start again with the next server. */
  close: () => Promise<void>
}

export type RunnerOptions = {
  /** Name of this server in leases. */
  owner?: string
  /** No other server uses the database: what runs in it at the start belongs to a server that died. */
  isAlone?: boolean
  clock?: Clock
  /** Gives numbers from 0 to 1. */
  random?: () => number
  /** Time in which running tasks may end when the server stops. */
  drainMs?: number
  onStep?: (step: RunStep, task: ClaimedTask) => void
}

/** Interval at which a runner looks for tasks, whether it was told of any or not. */
const pollMs = 5_000
/** Another server takes a task over when its lease was not renewed for so long. */
const leaseMs = 60_000
/** Maximum number of tasks that wait for `prioritize`. Further ones keep their place. */
const maxPrioritized = 10_000
const anyPriority = 2 ** 31 - 1

/**
 * Runs queued tasks. The table is the queue; docs/decisions/029-queued-tasks.md says why. Tasks of kinds without a
 * handler are left alone.
 */
export function createTaskRunner(
  deps: Pick<Deps, 'changes' | 'db' | 'log' | 'writer'>,
  handlers: readonly TaskHandler[],
  {
    owner = crypto.randomUUID(),
    isAlone = true,
    clock = systemClock,
    random = Math.random,
    drainMs = 2_000,
    onStep = () => {},
  }: RunnerOptions = {},
): TaskRunner {
  const { changes, db, log, writer } = deps
  const handlerOf = new Map(handlers.map((handler) => [handler.kind, handler]))
  const kinds = [...handlerOf.keys()]
  const unscheduled = handlers
    .filter(({ standing }) => standing?.everyMs === undefined)
    .map(({ kind }) => kind)
  const bySlots = [...groupBy(handlers, ({ slots }) => slots)]
  const prioritized = new Map<string, TaskName>()
  const tasks = runningTasks(handlerOf)
  let waiters: { kinds: readonly string[]; resolve: () => void }[] = []
  const pause = uploadPause()
  const stopping = new AbortController()
  // Each task that runs listens.
  setMaxListeners(0, stopping.signal)
  const runContext = { log, writer, clock, owner, random, onStep, stopping: stopping.signal }
  let state: 'new' | 'started' | 'closed' = 'new'
  let closing: Promise<void> | null = null
  let stopRenewing = () => {}
  let stopListening = () => {}

  const lease = (): Lease => ({ owner, until: new Date(clock.now().getTime() + leaseMs) })

  const loop = wakeableLoop(clock, async () => {
    try {
      await fill()
    } catch (error) {
      log[levelOf(error)]({ err: error }, 'queued tasks not claimed')
      loop.wakeIn(pollMs)
    }
  })
  const wake = () => {
    if (state === 'started') loop.wake()
  }
  const wakeIn = (ms: number) => {
    if (state === 'started') loop.wakeIn(ms)
  }

  /** Starts a task in each free slot, as long as tasks are due. */
  async function fill(): Promise<void> {
    while (state === 'started') {
      await releaseInterrupted()
      await prioritizeSome()
      const claimed = await claimSome()
      for (const task of claimed) begin(task)
      if (claimed.length === 0) return rest()
    }
  }

  const releaseInterrupted = () =>
    tasks.releaseInterrupted((some) => writer.transact(['tasks'], (tx) => releaseTasks(tx, some)))

  async function prioritizeSome(): Promise<void> {
    // As long as no slot is free for them, nothing is written.
    const some = [...prioritized.values()].filter(({ kind }) => isFree(kind)).slice(0, 100)
    if (some.length === 0) return
    await writer.transact([], (tx) =>
      prioritize(
        tx,
        some.map((task) => ({ ...task, version: handlerOf.get(task.kind)?.version ?? 0 })),
        clock.now(),
      ),
    )
    for (const task of some) prioritized.delete(nameOfTask(task))
  }

  const isFree = (kind: string) => tasks.freeSlots(handlerOf.get(kind)?.slots ?? { max: 0 }) > 0

  /** What can be claimed now, for each group of handlers that has free slots. */
  function freeGroups(): { free: number; claimables: Claimable[] }[] {
    const isPausing = pause.remainingMs(clock.elapsedMs()) > 0
    return bySlots.flatMap(([slots, group]) => {
      const free = tasks.freeSlots(slots)
      const claimables = group.map(({ kind, yieldsToUploads }) => ({
        kind,
        maxPriority: isPausing && yieldsToUploads ? priorities.first : anyPriority,
      }))
      return free > 0 ? [{ free, claimables }] : []
    })
  }

  async function claimSome(): Promise<ClaimedTask[]> {
    const groups = freeGroups()
    const now = clock.now()
    // Most of the time nothing is due: a reader finds that out without waiting for the writer.
    const isDue = await isSomeDue(
      db,
      groups.flatMap(({ claimables }) => claimables),
      now,
    )
    if (!isDue) return []
    return writer.transact([], async (tx) => {
      const claimed: ClaimedTask[] = []
      for (const { free, claimables } of groups)
        claimed.push(...(await claim(tx, claimables, free, lease(), now)))
      return claimed
    })
  }

  /** Nothing can be claimed: decides when to look again. */
  async function rest(): Promise<void> {
    const now = clock.now()
    await recover({ owner, expiredAt: now, own: tasks.claimed() })
    await answerWaiters()
    const pauseMs = pause.remainingMs(clock.elapsedMs())
    if (pauseMs > 0) return wakeIn(pauseMs)
    const freeKinds = freeGroups().flatMap(({ claimables }) => claimables.map(({ kind }) => kind))
    const dueAt = await nextDueAt(db, freeKinds)
    wakeIn(dueAt === null ? pollMs : Math.min(pollMs, Math.max(0, dueAt.getTime() - now.getTime())))
  }

  async function answerWaiters(): Promise<void> {
    const before = waiters
    for (const waiter of before) {
      const { kinds, resolve } = waiter
      const isBusy =
        tasks.isRunning(kinds) || [...prioritized.values()].some(({ kind }) => kinds.includes(kind))
      // Through the writer: what was asked of it before has been written then.
      if (isBusy || (await writer.transact([], (tx) => nextDueAt(tx, kinds))) !== null) continue
      waiters = waiters.filter((one) => one !== waiter)
      resolve()
    }
  }

  async function recover(recovery: Recovery): Promise<void> {
    if (!(await isSomeLost(db, kinds, recovery))) return
    await writer.transact<ChangeKind[]>(
      (changes) => changes,
      (tx) => recoverTasks(tx, handlers, recovery, clock.now()),
    )
    wakeIn(0)
  }

  function begin(task: ClaimedTask): void {
    const handler = handlerOf.get(task.kind)
    if (!handler) throw new Error(`no handler for tasks of the kind ${task.kind}`)
    const run = runTask(runContext, task, handler)
      .then((hasEnded) => {
        if (!hasEnded) tasks.interrupt(task, null)
      })
      .catch((error: unknown) => {
        // The database is locked, or its disk fails: the row is still RUNNING, and is released when that is over.
        log[levelOf(error)]({ err: error, kind: task.kind, key: task.key }, 'end of a task not written')
        tasks.interrupt(task, new Date(clock.now().getTime() + handler.retryPauseMs))
      })
    tasks.add(task, run)
    void run.finally(wake)
  }

  function renewInTime(): void {
    stopRenewing = clock.after(leaseMs / 3, () => {
      const renewed = tasks.isEmpty()
        ? Promise.resolve()
        : writer.transact([], (tx) => renewLeases(tx, tasks.claimed(), lease()))
      renewed
        .catch((error: unknown) => log[levelOf(error)]({ err: error }, 'leases of tasks not renewed'))
        .finally(() => {
          if (stopping.signal.aborted) return
          renewInTime()
        })
    })
  }

  async function end(): Promise<void> {
    state = 'closed'
    stopListening()
    await loop.stop()
    await tasks.drain(clock, drainMs)
    stopping.abort(new Error('the server stops'))
    stopRenewing()
    await Promise.all(handlers.map(async (handler) => handler.close?.()))
    await tasks.ended()
    // The database may be gone already: the next start recovers them.
    await releaseInterrupted().catch((error: unknown) =>
      log[levelOf(error)]({ err: error }, 'running tasks not released'),
    )
    for (const { resolve } of waiters) resolve()
  }

  function onBuild(): void {
    pause.note(clock.elapsedMs())
    wakeIn(
      handlers.every(({ yieldsToUploads }) => yieldsToUploads) ? pause.remainingMs(clock.elapsedMs()) : 0,
    )
  }

  return {
    kinds,
    wake,

    prioritize(task) {
      const name = nameOfTask(task)
      if (!handlerOf.has(task.kind) || prioritized.size >= maxPrioritized || prioritized.has(name)) return
      prioritized.set(name, task)
      if (isFree(task.kind)) wakeIn(0)
    },

    async start() {
      if (handlers.length === 0) return
      state = 'started'
      await recover({ owner, expiredAt: isAlone ? null : clock.now(), own: [] })
      await writer.transact([], (tx) =>
        enqueue(
          tx,
          handlers.flatMap(({ kind, version, standing }) => {
            const ifKnown = standing?.isAtStart === true ? 'runAgain' : { olderThan: version }
            return standing ? [{ kind, key: '', priority: priorities.later, ifKnown }] : []
          }),
          clock.now(),
        ),
      )
      const onBuilds = changes.on(['builds'], onBuild)
      const onTasks = changes.on(['tasks'], wake)
      stopListening = () => {
        onBuilds()
        onTasks()
      }
      renewInTime()
      wakeIn(0)
    },

    settled(kinds = unscheduled) {
      if (state !== 'started') return Promise.resolve()
      return new Promise((resolve) => {
        waiters.push({ kinds, resolve })
        pause.end()
        wake()
      })
    },

    close: () => (closing ??= end()),
  }
}
