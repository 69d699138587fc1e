import type { Reader } from '../database/reader.ts'
import { headAndRefusal } from './check-head.ts'
import { findPending } from './find-pending.ts'
import { checkpointOf, toHex } from './log-head.ts'

/** How the log of the site stands. */
export type LogState = {
  origin: string
  size: number
  /** As hexadecimal digits. */
  root: string
  startedAt: Date
  /** Why it is not continued; null: it is. */
  refusal: string | null
  /** The newest signed checkpoint. */
  note: string
  /** How many entries wait, at least. */
  pendingCount: number
}

/** Null: the log has no entry yet. */
export async function readLogState(db: Reader, dataDir: string, now: Date): Promise<LogState | null> {
  const { head, refusal } = await headAndRefusal(db, dataDir)
  if (!head?.note) return null
  const { note, startedAt } = head
  const { entries } = await findPending(db, head, now)
  const { origin, root, size } = checkpointOf(note)
  return { origin, size, root: toHex(root), startedAt, refusal, note, pendingCount: entries.length }
}
