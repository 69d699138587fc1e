import type { Transaction } from '../database/writer.ts'
import { enqueue } from '../runner/enqueue.ts'
import { dispatchTask } from './dispatch-task.ts'
import { recordEvents, type NewEvent } from './record-events.ts'

/** Writes events, and lets the hub look for receivers. For what happens seldom: uploads enqueue with their other tasks. */
export async function announce(tx: Transaction, events: readonly NewEvent[], at: Date): Promise<void> {
  if (events.length === 0) return
  await recordEvents(tx, events, at)
  await enqueue(tx, [dispatchTask], at)
}
