import type { Config } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { groupBy } from '../group-by.ts'
import { intervalMs } from '../scheduling/next-time.ts'
import type { Definition } from '../scheduling/definition.ts'
import { listTemplatePlatforms } from '../scheduling/templates.ts'
import { parseListenAddress } from '../settings/listen-address.ts'
import { visibleName } from '../visible-text.ts'
import { ok, warning, type Finding } from './check.ts'
import { isLoopback } from '../is-loopback.ts'

/** Runs that wait and could run now, by what they need. `since`: when the first of them was queued. */
type Waiting = {
  platform: string
  kind: string
  period: Definition['period'] | null
  cron: string | null
  count: number
  since: Date
}

type SchedulingConfig = Pick<Config, 'builderListen' | 'configDir'>

/** Whether runs that wait have what they need: a worker, a template, and their turn within their period. */
export async function checkScheduling(db: Reader, config: SchedulingConfig, now: Date): Promise<Finding[]> {
  const waiting = await findWaiting(db, now)
  if (waiting.length === 0) return []
  const [paused, connected, templates] = await Promise.all([
    db.platformQueue.findMany({ where: { isPaused: true }, select: { platform: true } }),
    db.buildWorker.findMany({
      where: { connections: { gt: 0 } },
      distinct: ['platform'],
      select: { platform: true },
    }),
    listTemplatePlatforms({ db, config }, 'BUILD'),
  ])
  const namesOf = (rows: readonly { platform: string }[]) => new Set(rows.map(({ platform }) => platform))
  const [isPaused, hasWorker, hasTemplate] = [namesOf(paused), namesOf(connected), namesOf(templates)]
  const found = [...groupBy(waiting, ({ platform }) => platform)].flatMap(([platform, groups]) => {
    if (isPaused.has(platform)) return []
    const isStuck = ({ kind }: Waiting) => kind === 'OPAM_PACKAGE' && !hasTemplate.has(platform)
    const ready = groups.filter((group) => !isStuck(group))
    return [
      ...describeStuck(platform, groups.filter(isStuck)),
      ...(hasWorker.has(platform)
        ? describeLate(platform, ready, now)
        : describeAlone(platform, ready, config)),
    ]
  })
  return found.length > 0 ? found : [ok(`${wait(countOf(waiting))}, and nothing is missing for them`)]
}

async function findWaiting(db: Reader, now: Date): Promise<Waiting[]> {
  const rows = await db.run.groupBy({
    by: ['platform', 'kind', 'scheduleId'],
    where: { state: 'QUEUED', OR: [{ notBefore: null }, { notBefore: { lte: now } }] },
    _count: true,
    _min: { queuedAt: true },
    orderBy: { platform: 'asc' },
  })
  const ids = rows.flatMap(({ scheduleId }) => (scheduleId === null ? [] : [scheduleId]))
  const schedules = await db.schedule.findMany({
    where: { id: { in: ids } },
    select: { id: true, period: true, cron: true },
  })
  const scheduleOf = new Map(schedules.map((one) => [one.id, one]))
  return rows.map(({ platform, kind, scheduleId, _count, _min }) => {
    const schedule = scheduleId === null ? undefined : scheduleOf.get(scheduleId)
    return {
      ...{ platform, kind, count: _count, since: _min.queuedAt ?? now },
      period: (schedule?.period as Definition['period'] | undefined) ?? null,
      cron: schedule?.cron ?? null,
    }
  })
}

const countOf = (groups: readonly Waiting[]) => groups.reduce((sum, { count }) => sum + count, 0)
const wait = (count: number) => `${counted(count, 'run')} ${count === 1 ? 'waits' : 'wait'}`

function describeStuck(platform: string, groups: readonly Waiting[]): Finding[] {
  if (groups.length === 0) return []
  const name = visibleName(platform)
  return [
    warning(
      `${wait(countOf(groups))} because ${name} has no template for opam packages: "hub template set ${name} FILE" adds one`,
    ),
  ]
}

function describeAlone(
  platform: string,
  groups: readonly Waiting[],
  { builderListen }: SchedulingConfig,
): Finding[] {
  if (groups.length === 0) return []
  const name = visibleName(platform)
  const help =
    builderListen === ''
      ? 'set --builder-listen, so that workers can connect'
      : `"hub worker --server HOST:${parseListenAddress(builderListen)?.port} --platform ${name}" starts one`
  return [warning(`${wait(countOf(groups))} for a worker of ${name}, and none is connected: ${help}`)]
}

/** Runs that were to be built again by now. */
function describeLate(platform: string, groups: readonly Waiting[], now: Date): Finding[] {
  const late = groups.filter(({ since, period, cron }) => {
    const interval = period === null ? null : intervalMs({ period, cron, timeZone: 'UTC' }, now)
    return interval !== null && now.getTime() - since.getTime() > interval
  })
  if (late.length === 0) return []
  const since = new Date(Math.min(...late.map((group) => group.since.getTime())))
  return [
    warning(
      `${counted(late.length, 'job')} on ${visibleName(platform)} ${late.length === 1 ? 'waits' : 'wait'} for longer than the period of ` +
        `the schedule, the first since ${since.toISOString()}: start more workers of the platform, or build less often`,
    ),
  ]
}

/** The protocol of workers has no authentication of its own: whoever reaches the port says what workers run. */
export function checkBuilderListener({
  builderListen,
  builderTlsCert,
  builderTokenRequired,
}: Pick<Config, 'builderListen' | 'builderTlsCert' | 'builderTokenRequired'>): Finding[] {
  if (builderListen === '') return []
  const host = parseListenAddress(builderListen)?.host ?? ''
  if (isLoopback(host) || (builderTlsCert !== '' && builderTokenRequired))
    return [ok(`workers connect to ${builderListen}`)]
  const missing = [
    ...(builderTlsCert === '' ? ['--builder-tls-cert and --builder-tls-key'] : []),
    ...(builderTokenRequired ? [] : ['--builder-token-required']),
  ]
  const why = builderTokenRequired
    ? `tokens of workers are sent to --builder-listen ${builderListen} without TLS`
    : `everybody who reaches --builder-listen ${builderListen} can schedule jobs and take them`
  return [warning(`${why}: set ${missing.join(' and ')}, or listen on 127.0.0.1`)]
}
