import type { Clock } from '../clock.ts'
import type { Slots, TaskHandler } from './handler.ts'
import type { ClaimedTask } from './task.ts'

/** A task whose run ended without an end in its row: it has to be released, and waits until `dueAt`. */
export type InterruptedTask = { task: ClaimedTask; dueAt: Date | null }

/** The tasks that a runner has claimed: those that run, and those that it still has to release. */
export function runningTasks(handlerOf: ReadonlyMap<string, TaskHandler>) {
  const running = new Map<ClaimedTask, Promise<void>>()
  const interrupted: InterruptedTask[] = []
  const slotsOf = (kind: string): Slots | undefined => handlerOf.get(kind)?.slots

  const ended = async () => void (await Promise.all(running.values()))

  return {
    /** Waits until the tasks that run have ended, at most `drainMs`. */
    async drain(clock: Clock, drainMs: number): Promise<void> {
      if (running.size === 0 || drainMs === 0) return
      await new Promise<void>((resolve) => {
        const stopWaiting = clock.after(drainMs, resolve)
        void ended().then(() => {
          stopWaiting()
          resolve()
        })
      })
    },
    /** `run` never rejects. */
    add(task: ClaimedTask, run: Promise<void>): void {
      running.set(
        task,
        run.finally(() => running.delete(task)),
      )
    },
    interrupt: (task: ClaimedTask, dueAt: Date | null) => interrupted.push({ task, dueAt }),
    /** Resolves when all that run now have ended. */
    ended,
    isRunning: (kinds: readonly string[]) => [...running.keys()].some(({ kind }) => kinds.includes(kind)),
    isEmpty: () => running.size === 0,
    /** Whose leases are this server's. */
    claimed: () => [...running.keys(), ...interrupted.map(({ task }) => task)],
    freeSlots: (slots: Slots) =>
      slots.max - [...running.keys()].filter(({ kind }) => slotsOf(kind) === slots).length,
    /** Calls `release` with those that are to be released, and forgets them if it succeeds. */
    async releaseInterrupted(release: (tasks: readonly InterruptedTask[]) => Promise<void>): Promise<void> {
      if (interrupted.length === 0) return
      const tasks = [...interrupted]
      await release(tasks)
      interrupted.splice(0, tasks.length)
    },
  }
}
