import type { Database } from '../database/connections.ts'
import { checkJob, nextJob } from '../facts/check-facts.ts'
import { describeDifference } from '../facts/describe-difference.ts'
import type { Difference } from '../facts/fact-rule.ts'
import { factRules } from '../facts/rules.ts'
import type { JobId } from '../ids.ts'
import type { ReferenceScope } from '../storage/list-references.ts'
import type { Finding } from './finding.ts'

/**
 * Compares derived facts, verdicts included, with their definitions. What differs is compared again while no upload is
 * stored: an upload between two reads looks like a difference. Facts that are marked for a rebuild are not reported.
 */
export async function* checkFacts(
  { db, writer }: Pick<Database, 'db' | 'writer'>,
  { jobId, firstBuildId }: ReferenceScope,
  onProgress: (jobs: number) => void,
): AsyncGenerator<Finding, void, void> {
  const pending = new Set((await db.factRebuild.findMany()).map(({ rule }) => rule))
  if (pending.size > 0)
    yield {
      kind: 'REBUILD_PENDING',
      subject: {},
      detail: `facts of the rules ${[...pending].join(', ')} are being computed anew, and were not checked`,
      repairs: [],
    }
  const isReported = ({ rule }: Difference) => !pending.has(rule)

  async function* checkOne(id: JobId, job: string): AsyncGenerator<Finding, void, void> {
    if (!(await hasSome(checkJob(db, id), isReported))) return
    // Nobody else writes meanwhile.
    const found = await writer.transact([], (tx) => all(checkJob(tx, id)))
    for (const difference of found.filter(isReported))
      yield {
        kind: 'FACT_DIFFERS',
        subject: { job, table: difference.table },
        detail: describeDifference(difference),
        repairs: [{ act: 'REBUILD_FACTS', jobId: id }],
      }
  }

  let done = 0
  for (let job = await nextJob(db, undefined); job; job = await nextJob(db, job.id)) {
    const isInScope =
      (jobId === undefined || job.id === jobId) &&
      (firstBuildId === undefined ||
        (await db.build.findFirst({
          where: { jobId: job.id },
          orderBy: { id: 'desc' },
          select: { id: true },
        }))!.id >= firstBuildId)
    if (isInScope) yield* checkOne(job.id, job.name)
    onProgress(++done)
  }
  if (jobId !== undefined || firstBuildId !== undefined) return
  const unowned = async (reader: Parameters<(typeof factRules)[number]['check']>[0]) => {
    const found: Difference[] = []
    for (const rule of factRules) found.push(...(await rule.check(reader, 'unowned')))
    return found.filter(isReported)
  }
  if ((await unowned(db)).length === 0) return
  for (const difference of await writer.transact([], unowned))
    yield {
      kind: 'FACT_DIFFERS',
      subject: { table: difference.table },
      detail: describeDifference(difference),
      repairs: [{ act: 'REBUILD_FACTS', jobId: null }],
    }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

async function hasSome<Item>(items: AsyncIterable<Item>, isOne: (item: Item) => boolean): Promise<boolean> {
  for await (const item of items) if (isOne(item)) return true
  return false
}
