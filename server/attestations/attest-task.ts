import type { Config } from '../config.ts'
import type { NewTask } from '../runner/enqueue.ts'
import { priorities } from '../runner/task.ts'

/** The kind of the tasks that sign statements about builds. Their key is the UUID of the build. */
export const attestKind = 'ATTEST'

/** The task of a build that arrives; none if there is nothing to sign. */
export function attestTasks(
  { signing }: Pick<Config, 'signing'>,
  { uuid, mainBinarySha256 }: { uuid: string; mainBinarySha256: string | null },
  priority: number = priorities.normal,
): NewTask[] {
  if (signing === 'off' || mainBinarySha256 === null) return []
  return [{ kind: attestKind, key: uuid, priority, ifKnown: 'keep' }]
}
