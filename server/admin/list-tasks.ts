import type { Reader } from '../database/reader.ts'
import type { QueuedTask } from '../generated/prisma/client.ts'
import type { QueuedTaskId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { TaskState } from '../runner/task.ts'
import { findByNewestId } from '../list-by-id.ts'

export type TaskFilter = { kind?: string | null; state?: TaskState | null }

/** A page of tasks, the newest first, and one more if it exists. `kinds`: those of the server. */
export async function findTasks(
  db: Reader,
  kinds: readonly string[],
  filter: TaskFilter,
  page: Page<number>,
): Promise<QueuedTask[]> {
  return findByNewestId(page, ({ range, ...asked }) =>
    db.queuedTask.findMany({
      ...asked,
      where: { ...conditionsOf(kinds, filter), id: range as { lt?: QueuedTaskId; gt?: QueuedTaskId } },
    }),
  )
}

export const countTasksOf = (db: Reader, kinds: readonly string[], filter: TaskFilter): Promise<number> =>
  db.queuedTask.count({ where: conditionsOf(kinds, filter) })

/**
 * The index begins with the kind. Tasks in most states are few, and are found by it; tasks that are done are many, and the
 * newest rows have some.
 */
function conditionsOf(kinds: readonly string[], { kind, state }: TaskFilter) {
  const isFew = state != null && state !== 'DONE'
  return {
    ...(kind != null ? { kind } : isFew ? { kind: { in: [...kinds] } } : {}),
    ...(state != null ? { state } : {}),
  }
}
