import type { Transaction } from '../database/writer.ts'
import { announce } from '../event-log/announce.ts'
import { buildPath } from '../paths.ts'
import type { ClaimedTask } from '../runner/task.ts'

/**
 * Writes the event that an analysis has ended, in the transaction that says so. It is of the build whose upload asked for the analysis,
 * while somebody listened: results that are made anew, and those of builds from long ago, are no news.
 */
export async function tellOfAnalysis(
  tx: Transaction,
  { kind, key, payload: uuid }: ClaimedTask,
  state: 'READY' | 'FAILED',
  at: Date,
): Promise<void> {
  if (uuid === null) return
  const build = await tx.build.findUnique({
    where: { uuid },
    select: {
      ...{ startedAt: true, status: true, resultKind: true, resultCode: true, verdict: true },
      ...{ job: { select: { name: true } }, platform: { select: { name: true } } },
    },
  })
  if (!build) return
  const { startedAt, status, resultKind, resultCode, verdict } = build
  const [job, platform] = [build.job.name, build.platform.name]
  const code = resultCode === null ? null : Number(resultCode)
  const event = {
    type: 'analysis.finished' as const,
    ...{ dedupeKey: `analysis.finished ${kind} ${key} ${state}`, job, platform, build: uuid },
    data: {
      build: {
        ...{ uuid, job, platform, path: buildPath(job, uuid), startedAt, verdict },
        result: { status, kind: resultKind, code },
      },
      analysis: { kind, state },
    },
  }
  await announce(tx, [event], at)
}
