import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeKind, ChangesOf } from '../changes/change.ts'
import type { Transaction, Writer } from '../database/writer.ts'

type Waiting = {
  run: (tx: Transaction, changes: Set<ChangeKind>) => Promise<void>
  succeed: () => void
  runAlone: () => Promise<void>
  /** Called if it is sure that nothing of the group, or of the action alone, was committed. */
  onRolledBack: () => void
}

const maxGroup = 64

/** A server that waits for the lock of SQLite looks for it at least each 100 ms: it has its turn in each pause. */
const pause = { afterMs: 1_000, forMs: 150 }

/**
 * A writer that commits what waits at the same time in one transaction: waiting for the disk at a commit takes longer
 * than writing the rows of a build. `transact` returns once its rows are durable, as ever. If an action of a group
 * throws, the group is rolled back, and each of its actions runs once more, in a transaction of its own.
 */
export function groupCommits(writer: Writer): Writer {
  let waiting: Waiting[] = []
  let isRunning = false
  let startedAt = 0

  async function runAll(): Promise<void> {
    if (isRunning) return
    isRunning = true
    while (waiting.length > 0) {
      if (performance.now() - startedAt > pause.afterMs) {
        await sleep(pause.forMs)
        startedAt = performance.now()
      }
      const group = waiting.slice(0, maxGroup)
      waiting = waiting.slice(maxGroup)
      await runGroup(writer, group)
    }
    isRunning = false
  }

  return {
    transact<T>(
      changes: ChangesOf<T>,
      action: (tx: Transaction) => Promise<T>,
      onRolledBack = () => {},
    ): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        let succeed = () => {}
        waiting.push({
          async run(tx, changed) {
            const value = await action(tx)
            for (const one of typeof changes === 'function' ? changes(value) : changes) changed.add(one)
            succeed = () => resolve(value)
          },
          succeed: () => succeed(),
          runAlone: () => writer.transact(changes, action, onRolledBack).then(resolve, reject),
          onRolledBack,
        })
        void runAll()
      })
    },
    untilOnDisk: () => writer.untilOnDisk(),
  }
}

/** Does not throw: the callers of the actions get the errors. */
async function runGroup(writer: Writer, group: readonly Waiting[]): Promise<void> {
  const [only] = group
  if (group.length === 1 && only) return only.runAlone()
  let isCommitting = false
  try {
    await writer.transact<Set<ChangeKind>>(
      (changed) => [...changed],
      async (tx) => {
        isCommitting = false
        const changed = new Set<ChangeKind>()
        for (const { run } of group) await run(tx, changed)
        isCommitting = true
        return changed
      },
    )
  } catch {
    if (!isCommitting) for (const { onRolledBack } of group) onRolledBack()
    for (const { runAlone } of group) await runAlone()
    return
  }
  for (const { succeed } of group) succeed()
}
