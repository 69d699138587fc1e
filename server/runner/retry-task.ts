import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import type { QueuedTaskId } from '../ids.ts'
import { endStates } from './task.ts'

/** There is no such task. */
export class TaskNotFoundError extends DomainError {
  override readonly name = 'TaskNotFoundError'
}

/** A task that waits or runs is not run again. */
export class TaskNotEndedError extends DomainError {
  override readonly name = 'TaskNotEndedError'
}

/** Runs a task again that has ended. Throws TaskNotFoundError, TaskNotEndedError. */
export async function retryTask(writer: Writer, { actor, at }: Act, id: QueuedTaskId): Promise<void> {
  await writer.transact(['tasks'], async (tx) => {
    const task = await tx.queuedTask.findUnique({
      where: { id },
      select: { kind: true, key: true, state: true },
    })
    if (!task) throw new TaskNotFoundError(`there is no task ${id}`)
    const { kind, key, state } = task
    if (!(endStates as readonly string[]).includes(state))
      throw new TaskNotEndedError('the task waits, or runs already: it runs by itself')
    await tx.queuedTask.update({
      where: { id },
      data: { state: 'PENDING', attempts: 0, error: null, dueAt: at },
      select: { id: true },
    })
    await recordAudit(tx, { at, actor, action: 'task.retry', target: kind, detail: { key, count: 1 } })
  })
}
