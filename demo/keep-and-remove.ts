import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'
import { buildPath } from '../server/paths.ts'
import { pinBuild } from '../server/retention/pins.ts'
import { removeBuilds } from '../server/retention/remove-builds.ts'

const job = 'dns-primary'

/**
 * What an operator does now and then: the newest unikernel of a job runs somewhere and is pinned, and the oldest one is
 * removed. Returns the paths of both.
 */
export async function keepAndRemove(
  { db, writer }: Pick<Deps, 'db' | 'writer'>,
  now: Date,
): Promise<{ pinned: string; removed: string }> {
  const select = { id: true, uuid: true }
  const where = { job: { name: job }, mainBinarySha256: { not: null }, status: 'SUCCEEDED' }
  const [newest, oldest] = [
    await db.build.findFirst({ where, orderBy: [{ startedAt: 'desc' }, { id: 'desc' }], select }),
    await db.build.findFirst({ where, orderBy: [{ startedAt: 'asc' }, { id: 'asc' }], select }),
  ]
  if (!newest || !oldest) throw new Error(`the demo has no build of ${job}`)
  await pinBuild(writer, byServer(now), newest.uuid, 'runs on both name servers')
  const removal = { reason: 'hub vacuum except-latest 20', removedAt: now }
  await removeBuilds(writer, [oldest.id], removal, { leavesNewest: true })
  return { pinned: buildPath(job, newest.uuid), removed: buildPath(job, oldest.uuid) }
}
