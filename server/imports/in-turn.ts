import type { Writer } from '../database/writer.ts'

/** One of several tasks that run at the same time, and whose rows are written in the order in which they began. */
export type Turn = {
  writer: Writer
  /** Call it when the task has ended, whether it has written or not. */
  end: () => void
}

/**
 * Returns a function that begins the next task. Its writer begins its first transaction after the one of the task
 * before, or after the end of that task: the arrival order of builds is the order of their ids.
 */
export function inTurn(writer: Writer): () => Turn {
  let last: Promise<void> = Promise.resolve()
  return () => {
    const before = last
    let pass = () => {}
    last = new Promise<void>((resolve) => (pass = resolve))
    return {
      writer: {
        async transact(changes, action, onRolledBack) {
          await before
          const done = writer.transact(changes, action, onRolledBack)
          pass()
          return done
        },
        untilOnDisk: () => writer.untilOnDisk(),
      },
      end: () => void before.then(pass),
    }
  }
}
