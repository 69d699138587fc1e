import type { Database } from '../database/connections.ts'
import type { Reader } from '../database/reader.ts'
import { nextJob } from '../facts/check-facts.ts'
import { describeDifference } from '../facts/describe-difference.ts'
import type { Difference, Scope } from '../facts/fact-rule.ts'
import { factRules } from '../facts/rules.ts'
import type { JobId } from '../ids.ts'
import type { ReferenceScope } from '../storage/list-references.ts'
import type { Finding } from './finding.ts'

type Rules = typeof factRules

/**
 * Compares derived facts, verdicts included, with their definitions. What differs is compared again: an upload between two
 * reads looks like a difference. What still differs is compared while no upload is stored. Facts that are marked for a rebuild
 * are not reported.
 */
export async function* checkFacts(
  { db, writer }: Pick<Database, 'db' | 'writer'>,
  { jobId, firstBuildId }: ReferenceScope,
  onProgress: (jobs: number) => void,
): AsyncGenerator<Finding, void, void> {
  const pending = await markedRules(db)
  if (pending.size > 0)
    yield {
      kind: 'REBUILD_PENDING',
      subject: {},
      detail: `facts of the rules ${[...pending].join(', ')} are being computed anew, and were not checked`,
      repairs: [],
    }
  const checked = factRules.filter(({ name }) => !pending.has(name))

  async function differencesIn(scope: Scope): Promise<Difference[]> {
    let suspects: Rules = checked
    for (let look = 0; look < 2 && suspects.length > 0; look++)
      suspects = await differing(db, suspects, scope)
    if (suspects.length === 0) return []
    // Nobody else writes meanwhile, so only what is left is read again.
    return writer.transact([], async (tx) => {
      const marked = await markedRules(tx)
      const found: Difference[] = []
      for (const rule of suspects) if (!marked.has(rule.name)) found.push(...(await rule.check(tx, scope)))
      return found
    })
  }

  async function isInScope(id: JobId): Promise<boolean> {
    if (jobId !== undefined && id !== jobId) return false
    if (firstBuildId === undefined) return true
    const newest = await db.build.findFirst({
      where: { jobId: id },
      orderBy: { id: 'desc' },
      select: { id: true },
    })
    // A job without builds has no facts, or wrong ones.
    return newest === null || newest.id >= firstBuildId
  }

  let done = 0
  for (let job = await nextJob(db, undefined); job; job = await nextJob(db, job.id)) {
    if (await isInScope(job.id))
      for (const difference of await differencesIn({ jobId: job.id }))
        yield {
          kind: 'FACT_DIFFERS',
          subject: { job: job.name, table: difference.table },
          detail: describeDifference(difference),
          repairs: [{ act: 'REBUILD_FACTS', jobId: job.id }],
        }
    onProgress(++done)
  }
  if (jobId !== undefined || firstBuildId !== undefined) return
  for (const difference of await differencesIn('unowned'))
    yield {
      kind: 'FACT_DIFFERS',
      subject: { table: difference.table },
      detail: describeDifference(difference),
      repairs: [{ act: 'REBUILD_FACTS', jobId: null }],
    }
}

const markedRules = async (db: Reader): Promise<Set<string>> =>
  new Set((await db.factRebuild.findMany()).map(({ rule }) => rule))

async function differing(db: Reader, rules: Rules, scope: Scope): Promise<Rules> {
  const found: (typeof factRules)[number][] = []
  for (const rule of rules) if ((await rule.check(db, scope)).length > 0) found.push(rule)
  return found
}
