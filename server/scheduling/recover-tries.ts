import type { Deps } from '../deps.ts'
import type { Run, RunTry } from '../generated/prisma/client.ts'
import type { ActiveTries, ActiveTry } from './active-tries.ts'
import { tryLimitMs } from './claim-runs.ts'
import { readRunDefinition } from './definition.ts'
import { endRun, endTry, putBack } from './end-try.ts'
import { inSlices, parametersPerStatement, slicesOf } from '../slices.ts'
import { readScripts } from './read-info.ts'

/** How long the hub's own workers have to come back. */
export const comeBackMs = 60_000

/** Others that write wait for no more than these. */
const triesPerTransaction = 100

type RecoverDeps = Pick<Deps, 'clock' | 'consoles' | 'db' | 'log' | 'writer'>
type Left = RunTry & { run: Run; worker: { protocol: string } | null }

/**
 * What was under way when the hub stopped: a try whose build is stored is over; one of the hub's own workers waits for it to come
 * back; any other puts its run back, once. Consoles that nobody needs any more are deleted.
 */
export async function recoverTries(deps: RecoverDeps, tries: ActiveTries): Promise<void> {
  const { consoles, db, log } = deps
  const left = await db.runTry.findMany({
    where: { state: { not: 'ENDED' } },
    orderBy: { id: 'asc' },
    include: { run: true, worker: { select: { protocol: true } } },
  })
  const scripts = await readScripts(
    db,
    left.map(({ scriptSha256 }) => scriptSha256),
  )
  const statusOf = await readStatuses(
    db,
    left.map(({ uuid }) => uuid),
  )
  const lost: Left[] = []
  for (const one of left) {
    const status = statusOf.get(one.uuid)
    if (status !== undefined) await endStored(deps, one, status)
    else if (one.worker?.protocol === 'HUB') tries.add(await awayTry(deps, one, scripts))
    else lost.push(one)
  }
  for (const some of slicesOf(lost, triesPerTransaction)) await putAllBack(deps, some)
  await consoles.sweep(new Set(tries.all().map(({ attempt }) => attempt.uuid)))
  if (left.length > 0) log.info({ tries: left.length, kept: tries.all().length }, 'runs recovered')
}

/** Of builds that are stored, by their UUIDs. */
async function readStatuses(
  db: RecoverDeps['db'],
  uuids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const builds = await inSlices(uuids, parametersPerStatement, (slice) =>
    db.build.findMany({ where: { uuid: { in: slice } }, select: { uuid: true, status: true } }),
  )
  return new Map(builds.map(({ uuid, status }) => [uuid, status]))
}

const putAllBack = ({ clock, writer }: RecoverDeps, lost: readonly Left[]) =>
  writer.transact(['runs'], async (tx) => {
    const why = 'the hub stopped while it ran'
    for (const { id, run } of lost) {
      const ending = await putBack(tx, run, why, 'LOST', clock.now())
      await endTry(tx, id, { ending, error: why }, clock.now())
    }
  })

/** A build with the UUID of the try is stored. */
export async function endStored(
  { clock, writer }: Pick<RecoverDeps, 'clock' | 'writer'>,
  { id, runId }: { id: RunTry['id']; runId: Run['id'] },
  status: string,
): Promise<void> {
  await writer.transact(['runs'], async (tx) => {
    await endTry(tx, id, { ending: 'STORED' }, clock.now())
    await endRun(tx, { id: runId }, status === 'SUCCEEDED' ? 'DONE' : 'FAILED', null, clock.now())
  })
}

async function awayTry(
  { clock, consoles }: RecoverDeps,
  { id, uuid, run, workerName, address, userId, scriptSha256, assignedAt, deadlineAt }: Left,
  scripts: (sha256: string) => Uint8Array,
): Promise<ActiveTry> {
  const { limits, timeoutSeconds } = readRunDefinition(run.definition)
  const timeoutMs = timeoutSeconds * 1_000
  // The clock of the machine may have been set meanwhile: it says what it can, within what a try may take.
  const [now, nowMs] = [clock.now().getTime(), clock.elapsedMs()]
  const leftMs = Math.min(deadlineAt.getTime() - now, tryLimitMs({ timeoutMs }))
  return {
    ...{ id, runId: run.id, console: await consoles.open(uuid) },
    attempt: {
      ...{ uuid, runUuid: run.uuid, job: run.job, platform: run.platform, limits, assignedAt },
      ...{ script: scripts(scriptSha256), timeoutMs },
    },
    worker: { name: workerName, address, protocol: 'HUB', userId },
    ...{ assignedMs: nowMs - Math.max(0, now - assignedAt.getTime()), deadlineMs: nowMs + leftMs },
    ...{ link: null, leaseMs: nowMs + comeBackMs, isFinishing: false, stop: null, listeners: new Set() },
  }
}
