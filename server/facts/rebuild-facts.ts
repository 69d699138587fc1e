import type { Database } from '../database/connections.ts'
import type { JobId } from '../ids.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { nextJob } from './check-facts.ts'
import { factRules } from './rules.ts'

/** Small jobs share a transaction for so long; a job is never divided. */
const defaultTransactionMs = 100

export type RebuildStep = {
  rule: string
  /** Jobs of this step, and the name of the last one; null: the rows that belong to no job, which is the rule's end. */
  jobCount: number
  lastJob: string | null
  /** Rows that were wrong. */
  changedCount: number
}

/** Marks rules for rebuild, from the first job on. A migration writes the same rows. */
export async function markForRebuild(tx: Transaction, rules: readonly string[]): Promise<void> {
  for (const rule of rules) {
    const anew = { doneJobId: 0 as JobId }
    await tx.factRebuild.upsert({ where: { rule }, create: { rule, ...anew }, update: anew })
  }
}

/**
 * Rebuilds the next jobs of a rule that is marked, in one transaction, which also notes how far the rule is: a process
 * that is killed loses one step. An upload comes before or after a step and is counted once: the step counts all
 * stored builds of its jobs anew, and later uploads are added to that. Null: no rule is marked.
 */
export async function rebuildNext(
  { db, writer }: Pick<Database, 'db' | 'writer'>,
  transactionMs = defaultTransactionMs,
): Promise<RebuildStep | null> {
  // Most of the time nothing is marked: then nobody waits for a transaction.
  if ((await db.factRebuild.count()) === 0) return null
  return writer.transact(changesOfStep, async (tx) => {
    const marks = await tx.factRebuild.findMany()
    const marked = factRules.flatMap((rule) => {
      const mark = marks.find((one) => one.rule === rule.name)
      return mark ? [{ rule, mark }] : []
    })
    // Of a rule that this version does not have any more.
    await tx.factRebuild.deleteMany({ where: { rule: { notIn: factRules.map(({ name }) => name) } } })
    const [first] = marked
    if (!first) return null
    const { rule, mark } = first
    const where = { rule: rule.name }
    const step: RebuildStep = { rule: rule.name, jobCount: 0, lastJob: null, changedCount: 0 }
    const endsAt = performance.now() + transactionMs
    let { doneJobId } = mark
    for (let job = await nextJob(tx, doneJobId); job; job = await nextJob(tx, doneJobId)) {
      step.changedCount += await rule.rebuild(tx, { jobId: job.id })
      step.jobCount++
      step.lastJob = job.name
      doneJobId = job.id
      if (performance.now() >= endsAt) break
    }
    if (step.jobCount > 0) await tx.factRebuild.update({ where, data: { doneJobId } })
    else {
      step.changedCount += await rule.rebuild(tx, 'unowned')
      await tx.factRebuild.delete({ where })
    }
    return step
  })
}

const changesOfStep = (step: Pick<RebuildStep, 'changedCount'> | null) =>
  step !== null && step.changedCount > 0 ? (['facts'] as const) : []

/** Rebuilds the facts of one job, in a transaction for each rule. Returns how many rows were wrong. */
export async function rebuildJob(writer: Writer, jobId: JobId): Promise<number> {
  let changedCount = 0
  for (const rule of factRules) {
    const step = await writer.transact(changesOfStep, async (tx) => ({
      changedCount: await rule.rebuild(tx, { jobId }),
    }))
    changedCount += step.changedCount
  }
  return changedCount
}
