import type { JobId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'
import type { Difference } from './fact-rule.ts'
import { factRules } from './rules.ts'

/** The first job after another one by row, or null. */
export async function nextJob(db: Reader, after: JobId | undefined) {
  return db.job.findFirst({
    where: after === undefined ? {} : { id: { gt: after } },
    orderBy: { id: 'asc' },
    select: { id: true, name: true },
  })
}

/** Compares the facts of a job with their definitions. Reads its builds once for each rule. */
export async function* checkJob(db: Reader, jobId: JobId): AsyncGenerator<Difference> {
  for (const rule of factRules) yield* await rule.check(db, { jobId })
}

/**
 * Compares all facts with their definitions, one job after the other, and calls `onJob` with the number of jobs that
 * are done. An upload that is stored between two reads can look like a difference: check again, or check a site to
 * which nobody uploads.
 */
export async function* checkFacts(
  db: Reader,
  onJob: (done: number) => void = () => {},
): AsyncGenerator<Difference> {
  let done = 0
  for (let job = await nextJob(db, undefined); job; job = await nextJob(db, job.id)) {
    yield* checkJob(db, job.id)
    onJob(++done)
  }
  for (const rule of factRules) yield* await rule.check(db, 'unowned')
}
