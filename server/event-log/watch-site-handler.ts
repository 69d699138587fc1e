import { formatByteSize } from '../byte-size.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { lowRoom } from '../doctor/check-site.ts'
import { groupBy } from '../group-by.ts'
import { jobPath } from '../paths.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { readDiskSize } from '../site/storage-sizes.ts'
import { announce } from './announce.ts'
import type { NewEvent } from './record-events.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A job is told of when it becomes silent. Of one that has been for longer, nobody wants to hear after an upgrade. */
const noticedMs = 2 * dayMs

type Run = { events: NewEvent[]; now: Date }

/** Looks, once an hour, for what no request tells: a disk that gets full, and jobs that have no builds any more. */
export function watchSiteHandler({
  clock,
  config,
  db,
}: Pick<Deps, 'clock' | 'config' | 'db'>): TaskHandler<Run> {
  return {
    ...{ kind: 'WATCH_SITE', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: hourMs } },
    async run() {
      const now = clock.now()
      const room = await readDiskSize(config)
      return { events: [...eventsOfRoom(room, now), ...(await findSilentJobs(db, config, now))], now }
    },
    changes: (result) => (result && result.events.length > 0 ? ['tasks'] : []),
    complete: (tx, _task, { events, now }) => announce(tx, events, now),
  }
}

/** Once a day, while the disk is nearly full. */
export function eventsOfRoom({ free, size }: { free: number; size: number }, now: Date): NewEvent[] {
  if (free >= size * lowRoom) return []
  return [
    {
      ...{ type: 'storage.low', dedupeKey: `storage.low ${now.toISOString().slice(0, 10)}` },
      ...{ job: null, platform: null, build: null },
      data: {
        text: `${formatByteSize(free)} of ${formatByteSize(size)} are free for builds`,
        ...{ freeBytes: free, sizeBytes: size },
      },
    },
  ]
}

/** Jobs whose newest build has started so many days ago, within the last two days. */
export async function findSilentJobs(
  db: Reader,
  { silentDays }: { silentDays: number },
  now: Date,
): Promise<NewEvent[]> {
  if (silentDays === 0) return []
  const before = new Date(now.getTime() - silentDays * dayMs)
  const since = new Date(before.getTime() - noticedMs)
  const rows = await db.jobPlatform.findMany({
    where: {
      newestBuild: { startedAt: { gte: since, lt: before } },
      job: { isHidden: false, platforms: { none: { newestBuild: { startedAt: { gte: before } } } } },
    },
    orderBy: { newestBuild: { startedAt: 'desc' } },
    select: {
      job: { select: { name: true } },
      platform: { select: { name: true } },
      newestBuild: { select: { uuid: true, startedAt: true } },
    },
  })
  return [...groupBy(rows, ({ job }) => job.name)].flatMap(([name, [newest]]) =>
    newest
      ? [
          {
            ...{ type: 'job.silent' as const, dedupeKey: `job.silent ${newest.newestBuild.uuid}` },
            ...{ job: name, platform: null, build: newest.newestBuild.uuid },
            data: {
              text: `${name} has had no build for ${counted(silentDays, 'day')}`,
              ...{ job: { name, path: jobPath(name) }, platform: newest.platform.name },
              ...{ newestBuildAt: newest.newestBuild.startedAt, days: silentDays },
            },
          },
        ]
      : [],
  )
}
