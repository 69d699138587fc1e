import type { Reader } from '../database/reader.ts'
import { type BuilderInfo, type BuilderJob, neverAt } from '../formats/builder-commands.ts'
import { type InfoJob, readInfo } from '../scheduling/read-info.ts'

/**
 * What is scheduled, waits and runs, as builder-client shows it. It knows no cron expressions: their jobs have their next
 * time, and the period never.
 */
export async function readInfoReply(db: Reader): Promise<BuilderInfo> {
  const { schedules, queues, running, dropped } = await readInfo(db)
  return {
    schedules: schedules
      .map(({ nextAt, period, job }) => ({
        next: nextAt ?? neverAt,
        period: period === 'CRON' ? ('NEVER' as const) : period,
        job: jobOf(job),
      }))
      .toSorted((left, right) => left.next.getTime() - right.next.getTime()),
    queues: queues.map(({ platform, jobs }) => ({ platform, jobs: jobs.map(jobOf) })),
    running: running.map(({ startedAt, uuid, name, platform, script }) => ({
      startedAt,
      uuid,
      job: { name, platform, script },
    })),
    droppedPlatforms: dropped,
  }
}

function jobOf(job: InfoJob): BuilderJob {
  if (job.kind === 'OPAM_PACKAGE')
    return { kind: job.kind, job: { name: job.name, opamPackage: job.opamPackage } }
  const { name, platform, script } = job
  return { kind: job.kind, job: { name, platform, script } }
}
