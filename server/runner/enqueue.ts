import { Prisma } from '../generated/prisma/client.ts'
import { slicesOf } from '../slices.ts'
import type { Transaction } from '../database/writer.ts'
import { endStates, priorities, type TaskName } from './task.ts'

const { sql, join } = Prisma

/**
 * What happens if the task is known already. `keep`: nothing. `runAgain`: it runs again; if it is running, after
 * this run. `olderThan`: it runs again if it has ended with an older version of its handler.
 */
export type IfKnown = 'keep' | 'runAgain' | { olderThan: number }

export type NewTask = TaskName & { priority?: number; payload?: string; ifKnown: IfKnown }

/** Eight parameters each, of the 32,766 that SQLite takes. */
const tasksPerStatement = 1_000

/**
 * Lets tasks run, in the caller's transaction. Tasks of one kind have the same `ifKnown`. One statement for up
 * to 1,000 tasks. Raw SQL: Prisma has no upsert of many rows.
 */
export async function enqueue(tx: Transaction, tasks: readonly NewTask[], now: Date): Promise<void> {
  const unique = [...new Map(tasks.map((task) => [nameOfTask(task), task])).values()]
  for (const slice of slicesOf(unique, tasksPerStatement)) {
    const rows = slice.map(
      ({ kind, key, priority = priorities.normal, payload = null }) =>
        sql`(${kind}, ${key}, 'PENDING', ${priority}, ${now}, ${now}, ${payload})`,
    )
    await tx.$executeRaw(
      sql`INSERT INTO "QueuedTask" (kind, key, state, priority, "dueAt", "createdAt", payload) VALUES ${join(rows)}
        ON CONFLICT (kind, key) ${onConflict(slice)}`,
    )
  }
}

export const nameOfTask = ({ kind, key }: TaskName) => `${kind}:${key}`

function onConflict(tasks: readonly NewTask[]): Prisma.Sql {
  const byKind = new Map(tasks.map(({ kind, ifKnown }) => [kind, ifKnown]))
  const mixed = tasks.find(
    ({ kind, ifKnown }) => JSON.stringify(byKind.get(kind)) !== JSON.stringify(ifKnown),
  )
  if (mixed) throw new Error(`tasks of the kind ${mixed.kind} are enqueued in different ways at once`)
  const conditions = [...byKind].flatMap(([kind, ifKnown]) => {
    if (ifKnown === 'keep') return []
    if (ifKnown === 'runAgain') return [sql`excluded.kind = ${kind}`]
    return [
      sql`excluded.kind = ${kind} AND "QueuedTask".version < ${ifKnown.olderThan}
        AND "QueuedTask".state IN (${join(endStates)})`,
    ]
  })
  if (conditions.length === 0) return sql`DO NOTHING`
  const ifRunning = (then: string, otherwise: string) =>
    Prisma.raw(`CASE "QueuedTask".state WHEN 'RUNNING' THEN ${then} ELSE ${otherwise} END`)
  return sql`DO UPDATE SET
    "isWantedAgain" = "QueuedTask".state = 'RUNNING',
    state = ${ifRunning(`'RUNNING'`, `'PENDING'`)},
    attempts = ${ifRunning('"QueuedTask".attempts', '0')},
    error = ${ifRunning('"QueuedTask".error', 'NULL')},
    progress = ${ifRunning('"QueuedTask".progress', 'NULL')},
    priority = CASE WHEN "QueuedTask".state = 'PENDING' AND "QueuedTask".priority < excluded.priority
      THEN "QueuedTask".priority ELSE excluded.priority END,
    "dueAt" = excluded."dueAt", payload = excluded.payload
    WHERE ${join(conditions, ' OR ')}`
}

/**
 * Lets tasks run first, because somebody waits for them: those that are missing, that wait, or that ended with an
 * older version of their handler. A task that waits after an error keeps its pause.
 */
export async function prioritize(
  tx: Transaction,
  tasks: readonly (TaskName & { version: number })[],
  now: Date,
): Promise<void> {
  if (tasks.length === 0) return
  const priority = priorities.first
  await enqueue(
    tx,
    tasks.map(({ kind, key, version }) => ({ kind, key, priority, ifKnown: { olderThan: version } })),
    now,
  )
  const names = tasks.map(({ kind, key }) => sql`(kind = ${kind} AND key = ${key})`)
  await tx.$executeRaw(
    sql`UPDATE "QueuedTask" SET priority = ${priority}
      WHERE state = 'PENDING' AND priority > ${priority} AND (${join(names, ' OR ')})`,
  )
}
