import type { Act } from '../audit/actor.ts'
import { recordAudit, type Audited } from '../audit/record-audit.ts'
import type { Database } from '../database/connections.ts'

/** `removedCountOf`: how many builds a step has removed. */
export type AuditedRemoval<Step> = Pick<Audited, 'action' | 'target'> & {
  detail?: Readonly<Record<string, unknown>>
  removedCountOf: (step: Step) => number
}

/**
 * The steps of a removal of many builds. When they end, also by an error or because the loop is left, the audit log gets one
 * entry with the number of builds that were removed, unless that is 0. After the sudden end of the process there is none.
 */
export async function* auditRemoval<Step>(
  { writer }: Pick<Database, 'writer'>,
  { actor, at }: Act,
  { action, target = null, detail, removedCountOf }: AuditedRemoval<Step>,
  steps: AsyncIterable<Step>,
): AsyncGenerator<Step, void, void> {
  const startedAt = performance.now()
  let removedCount = 0
  try {
    for await (const step of steps) {
      removedCount += removedCountOf(step)
      yield step
    }
  } finally {
    const endedAt = new Date(at.getTime() + performance.now() - startedAt)
    if (removedCount > 0)
      await writer.transact([], (tx) =>
        recordAudit(tx, { at: endedAt, actor, action, target, detail: { removedCount, ...detail } }),
      )
  }
}
