import type { Deps } from '../deps.ts'
import type { BuildId } from '../ids.ts'
import { findChanges, inputKey, type InputChange, type InputKind } from './build-inputs.ts'
import { describeBisection } from './describe-bisection.ts'
import { findBuiltElsewhere, findExcerpt } from './find-hints.ts'
import { findBrokenTogether, type BrokenTogether } from './find-broken-together.ts'
import { findSeries, findStoredBuilds, type StoredBuild } from './find-series.ts'
import { judgeChanges, type JudgedChange, type SeriesBuild } from './judge-changes.ts'
import { readInputs, type Reading } from './read-inputs.ts'

/** What happened between two builds: it began to fail, it began to succeed, it has another output, or nothing that has a cause. */
export type Effect = 'BROKE' | 'FIXED' | 'OUTPUT_CHANGED' | 'NOTHING'

/** Which change of the inputs between two builds of a job had an effect. */
export type Bisection = {
  job: string
  platform: string
  effect: Effect
  /** The two builds that were asked about. */
  left: BuildId
  right: BuildId
  /** The last build before the effect and the first one with it. */
  before: BuildId
  after: BuildId
  /** The builds that were looked at, in order of time. */
  series: SeriesBuild[]
  /** Suspects first, cleared ones last. */
  changes: JudgedChange[]
  /** Kinds of inputs that one of the two builds does not tell. */
  unknown: InputKind[]
  packagesFrom: 'SWITCH' | 'CONSOLE'
  /** Jobs that broke within the same hours. */
  together: BrokenTogether | null
  /** The answer in a sentence or two. */
  words: string
  /** The console of the failed build has not been read yet: more is known soon. */
  isPassing: boolean
}

type Asking = Pick<Deps, 'db' | 'clock'> & Reading

/** Null: a build does not exist, or they are builds of two jobs. The older of the two is the left one, however they are given. */
export async function bisectBuilds(
  asking: Asking,
  leftUuid: string,
  rightUuid: string,
): Promise<Bisection | null> {
  const found = await findStoredBuilds(asking.db, { uuids: [leftUuid, rightUuid] })
  const [left, right] = found.toSorted((l, r) => l.startedAt.getTime() - r.startedAt.getTime() || l.id - r.id)
  if (!left || !right || left.jobId !== right.jobId) return null
  const effect = effectOf(left, right)
  const stored =
    left.platformId === right.platformId ? await findSeries(asking.db, left, right) : [left, right]
  const [before, after] = narrow(stored, left, right, effect)
  const packagesFrom = before.opamSwitchSha256 && after.opamSwitchSha256 ? 'SWITCH' : 'CONSOLE'
  const failures = incidentOf(stored, effect === 'BROKE' ? after : before)
  const series = await Promise.all(
    stored.map(async (build): Promise<SeriesBuild> => ({
      id: build.id,
      side:
        build.status === 'FAILED' && !failures.has(build.id) ? 'OTHER' : sideOf(build, left, right, effect),
      inputs: await readInputs(asking, build, packagesFrom),
    })),
  )
  const inputsOf = ({ id }: StoredBuild) => series.find((one) => one.id === id)?.inputs ?? {}
  const [ofBefore, ofAfter] = [inputsOf(before), inputsOf(after)]
  const failed = effect === 'BROKE' ? after : effect === 'FIXED' ? before : null
  const excerpt = failed && (await findExcerpt(asking.db, failed))
  const together = effect === 'BROKE' ? await findTogetherWith(asking, after.id) : null
  const changed = findChanges(ofBefore, ofAfter)
  const hints = { job: right.job, excerpt, brokenElsewhere: brokenWith(together, changed) }
  const builtElsewhere = await findBuiltElsewhere(asking.db, right.jobId, changed)
  const result: Omit<Bisection, 'words'> = {
    ...{ job: right.job, platform: right.platform, effect, left: left.id, right: right.id },
    ...{ before: before.id, after: after.id, series, packagesFrom, together },
    changes:
      effect === 'NOTHING'
        ? asPossible(changed)
        : judgeChanges(changed, series, { ...hints, builtElsewhere }),
    unknown: unknownKinds.filter((kind) => !ofBefore[kind] || !ofAfter[kind]),
    isPassing: failed !== null && excerpt === null,
  }
  return { ...result, words: describeBisection(result) }
}

/** What a build may leave untold. */
const unknownKinds: readonly InputKind[] = ['PACKAGE', 'SYSTEM_PACKAGE', 'ENVIRONMENT']

function effectOf(left: StoredBuild, right: StoredBuild): Effect {
  if (left.status !== right.status) return right.status === 'FAILED' ? 'BROKE' : 'FIXED'
  const isOther = left.mainBinarySha256 !== right.mainBinarySha256
  return left.status === 'SUCCEEDED' && isOther ? 'OUTPUT_CHANGED' : 'NOTHING'
}

function sideOf(
  build: StoredBuild,
  left: StoredBuild,
  right: StoredBuild,
  effect: Effect,
): SeriesBuild['side'] {
  const isLike = (other: StoredBuild) =>
    effect === 'BROKE' || effect === 'FIXED'
      ? build.status === other.status
      : build.status === other.status && build.mainBinarySha256 === other.mainBinarySha256
  if (isLike(right)) return 'AFTER'
  return isLike(left) ? 'BEFORE' : 'OTHER'
}

/** The failures in a row that a build is one of: what failed at another time may have failed for another reason. */
function incidentOf(stored: readonly StoredBuild[], one: StoredBuild): Set<BuildId> {
  const at = stored.findIndex(({ id }) => id === one.id)
  const isGood = ({ status }: StoredBuild) => status === 'SUCCEEDED'
  const first = stored.findLastIndex((build, index) => index < at && isGood(build)) + 1
  const end = stored.findIndex((build, index) => index > at && isGood(build))
  return new Set(stored.slice(first, end === -1 ? undefined : end).map(({ id }) => id))
}

/** The last build like the left one that is followed by one like the right one, and that. */
function narrow(
  stored: readonly StoredBuild[],
  left: StoredBuild,
  right: StoredBuild,
  effect: Effect,
): readonly [StoredBuild, StoredBuild] {
  const from = stored.findIndex(({ id }) => id === left.id)
  const to = stored.findIndex(({ id }) => id === right.id)
  const asked = stored.slice(from, to + 1)
  const sides = asked.map((build) => sideOf(build, left, right, effect))
  const last = sides.lastIndexOf('BEFORE')
  const first = sides.indexOf('AFTER', last)
  return [asked[last] ?? left, asked[first] ?? right]
}

async function findTogetherWith(asking: Asking, id: BuildId): Promise<BrokenTogether | null> {
  const all = await findBrokenTogether(asking)
  return all.find(({ incidents }) => incidents.some(({ firstBadId }) => firstBadId === id)) ?? null
}

/** How many other jobs broke with each of the changes. */
function brokenWith(together: BrokenTogether | null, changes: readonly InputChange[]): Map<string, number> {
  const shared = new Map(together?.changes.map((one) => [inputKey(one), one]))
  return new Map(
    changes.flatMap((change) => {
      const found = shared.get(inputKey(change))
      return found && found.right === change.right ? [[inputKey(change), found.jobCount - 1] as const] : []
    }),
  )
}

const asPossible = (changes: readonly InputChange[]): JudgedChange[] =>
  changes.map((change) => ({ ...change, standing: 'POSSIBLE', reason: '', clearedBy: null }))
