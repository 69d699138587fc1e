import type { Deps } from '../deps.ts'
import { findFixedIncidents, findOpenIncidents, type Incident } from '../builds/find-incidents.ts'
import { groupBy } from '../group-by.ts'
import { findChanges, inputKey, type InputChange } from './build-inputs.ts'
import { findStoredBuilds, type StoredBuild } from './find-series.ts'
import { readInputs, type Reading } from './read-inputs.ts'

/** A change that jobs which broke together have in common. `left`: the old state, if it was the same for all. */
export type SharedChange = InputChange & { jobCount: number }

/** Jobs that broke within hours of each other. */
export type BrokenTogether = {
  incidents: Incident[]
  jobCount: number
  firstAt: Date
  lastAt: Date
  /** What changed for all of them; or else for most of them, and for two at least. */
  changes: SharedChange[]
}

const hourMs = 3_600_000
/** Failures are of one event if this much time lies between one and the next, at most. */
export const togetherMs = 2 * hourMs
const incidentDays = 30
/** The newest incidents that are looked at. */
const maxLooked = 60
const maxShared = 50

type Asking = Pick<Deps, 'db' | 'clock'> & Reading
type Broken = { incident: Incident; good: StoredBuild | null; bad: StoredBuild }

/**
 * Which jobs broke within two hours of another one, in the last 30 days, and which changes of their inputs they share; the newest first. Three
 * statements.
 */
export async function findBrokenTogether(asking: Asking): Promise<BrokenTogether[]> {
  const { db, clock } = asking
  const since = new Date(clock.now().getTime() - incidentDays * 24 * hourMs)
  const incidents = [...(await findOpenIncidents(db, null)), ...(await findFixedIncidents(db, null, since))]
    .toSorted((l, r) => r.lastBadId - l.lastBadId)
    .slice(0, maxLooked)
  if (new Set(incidents.map(({ job }) => job)).size < 2) return []
  const ids = incidents.flatMap(({ firstBadId, lastGoodId }) => [
    firstBadId,
    ...(lastGoodId ? [lastGoodId] : []),
  ])
  const builds = new Map((await findStoredBuilds(db, { ids })).map((build) => [build.id, build]))
  const broken = incidents
    .flatMap((incident): Broken[] => {
      const bad = builds.get(incident.firstBadId)
      const good = incident.lastGoodId === null ? null : (builds.get(incident.lastGoodId) ?? null)
      return bad ? [{ incident, good, bad }] : []
    })
    .toSorted((l, r) => l.bad.startedAt.getTime() - r.bad.startedAt.getTime())
  const groups = clustersOf(broken).filter((one) => jobCountOf(one) > 1)
  return Promise.all(groups.toReversed().map((group) => describeGroup(asking, group)))
}

const jobCountOf = (group: readonly Broken[]) => new Set(group.map(({ incident }) => incident.job)).size

/** Splits a list in order of time where more than two hours lie between. */
function clustersOf(broken: readonly Broken[]): Broken[][] {
  const clusters: Broken[][] = []
  for (const one of broken) {
    const current = clusters.at(-1)
    const previous = current?.at(-1)
    const isNear = previous && one.bad.startedAt.getTime() - previous.bad.startedAt.getTime() <= togetherMs
    if (current && isNear) current.push(one)
    else clusters.push([one])
  }
  return clusters
}

async function describeGroup(asking: Asking, group: readonly Broken[]): Promise<BrokenTogether> {
  const changes = await Promise.all(
    group.map(async (one) =>
      (await changesOf(asking, one)).map((change) => ({ job: one.incident.job, change })),
    ),
  )
  const [first, last] = [group[0], group.at(-1)]
  if (!first || !last) throw new Error('a group without builds')
  return {
    incidents: group.map(({ incident }) => incident),
    jobCount: jobCountOf(group),
    ...{ firstAt: first.bad.startedAt, lastAt: last.bad.startedAt },
    changes: sharedOf(changes.flat()),
  }
}

async function changesOf(asking: Asking, { good, bad }: Broken): Promise<InputChange[]> {
  if (!good) return []
  const from = good.opamSwitchSha256 && bad.opamSwitchSha256 ? 'SWITCH' : 'CONSOLE'
  const [before, after] = await Promise.all([readInputs(asking, good, from), readInputs(asking, bad, from)])
  return findChanges(before, after)
}

/** The changes to the same state that most jobs have, and two at least. */
function sharedOf(all: readonly { job: string; change: InputChange }[]): SharedChange[] {
  const groups = [...groupBy(all, ({ change }) => `${inputKey(change)} ${change.right}`).values()]
  const shared = groups.map((group) => ({ group, jobCount: new Set(group.map(({ job }) => job)).size }))
  const most = Math.max(0, ...shared.map(({ jobCount }) => jobCount))
  if (most < 2) return []
  return shared
    .filter(({ jobCount }) => jobCount === most)
    .flatMap(({ group, jobCount }) => {
      const change = group[0]?.change
      if (!change) return []
      const isSame = group.every((one) => one.change.left === change.left)
      return [{ ...change, left: isSame ? change.left : null, jobCount }]
    })
    .slice(0, maxShared)
}
