import type Database from 'better-sqlite3'
import { analysisKinds } from '../server/analyses/kind.ts'

/** How many analyses wait, or run. */
export function countWaiting(db: Database.Database): number {
  const found = db
    .prepare<[], { count: number }>(
      `SELECT COUNT(*) AS count FROM "QueuedTask" WHERE state IN ('PENDING', 'RUNNING')
        AND kind IN (${analysisKinds.map((kind) => `'${kind}'`).join()})`,
    )
    .get()
  return found?.count ?? 0
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20))
}
