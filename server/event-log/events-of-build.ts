import type { Verdict } from '../builds/verdict.ts'
import type { VerdictChange } from '../facts/change-verdicts.ts'
import { groupBy } from '../group-by.ts'
import { buildPath } from '../paths.ts'
import type { EventType } from './event-types.ts'
import type { PlaceState } from './place-state.ts'
import type { NewEvent } from './record-events.ts'

/** A build that has just been stored. */
export type ArrivedBuild = {
  uuid: string
  job: string
  platform: string
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  status: string
  /** EXITED, SIGNALLED, STOPPED or ABORTED, and the exit code or the number of the signal. */
  resultKind: string
  resultCode?: bigint
  inputId: string | null
  mainBinaryPath: string | null
  mainBinarySha256: string | null
  mainBinarySizeBytes: number | null
  verdict: Verdict
  /** It was copied from another site or from files: nobody is notified. */
  isCopy: boolean
}

/** Events name so many builds at most; `count` counts all. */
const namedBuilds = 20
/** One upload has events of so many jobs and platforms at most: those whose builds started last. */
const placesOfUpload = 100

const typeOfVerdict: Partial<Record<string, EventType>> = {
  REPRODUCED: 'build.reproduced',
  NOT_REPRODUCIBLE: 'build.not_reproducible',
}

/**
 * What a build has changed, as events. `before` is its job on its platform before it came, `changed` are the earlier builds with
 * another verdict because of it.
 *
 * The state of a job on a platform is the result of its newest build and the newest main binary, by the start of the builds. An
 * event of a change compares that state before and after the build. So a build that arrives late, after a newer one, changes no
 * state; that it came, and what it says of verdicts, are events all the same.
 */
export function eventsOfBuild(
  build: ArrivedBuild,
  before: PlaceState,
  changed: readonly VerdictChange[],
): NewEvent[] {
  const data = dataOf(build, before)
  const event = (type: EventType, more: object = {}): NewEvent => ({
    ...{ type, dedupeKey: `${type} ${build.uuid}` },
    ...{ job: build.job, platform: build.platform, build: build.uuid },
    data: { ...data, ...more },
  })
  const types = [
    'build.stored' as const,
    ...(build.status === 'FAILED' ? (['build.failed'] as const) : []),
    ...changesOfState(build, before),
  ]
  return [
    ...types.map((type) =>
      event(type, type === 'output.changed' ? { previousOutput: outputBefore(before) } : {}),
    ),
    ...eventsOfVerdicts(build, changed, event),
  ]
}

function changesOfState(build: ArrivedBuild, { newest, newestOutput }: PlaceState): EventType[] {
  const types: EventType[] = []
  // Of builds that started at once, the later one is newer, as in every list.
  if (newest && build.startedAt >= newest.startedAt && newest.status !== build.status)
    types.push(build.status === 'FAILED' ? 'build.newly_failing' : 'build.fixed')
  const { mainBinarySha256: sha256 } = build
  const isOther = newestOutput !== null && sha256 !== null && newestOutput.sha256 !== sha256
  if (isOther && build.startedAt >= newestOutput.startedAt) types.push('output.changed')
  return types
}

const outputBefore = ({ newestOutput }: PlaceState) =>
  newestOutput && { build: newestOutput.uuid, sha256: newestOutput.sha256 }

function dataOf(build: ArrivedBuild, { newest, section }: PlaceState) {
  const { uuid, job, platform, startedAt, finishedAt, receivedAt, status, verdict, inputId } = build
  const { mainBinaryPath: path, mainBinarySha256: sha256, mainBinarySizeBytes: sizeBytes } = build
  return {
    build: {
      ...{ uuid, job, platform, section, path: buildPath(job, uuid) },
      ...{ startedAt, finishedAt, receivedAt },
      result: {
        ...{ status, kind: build.resultKind },
        code: build.resultCode === undefined ? null : Number(build.resultCode),
      },
      ...{ verdict, inputId },
      output: sha256 === null ? null : { path, sha256, sizeBytes },
    },
    /** The newest build of the job on the platform before. */
    previous: newest && {
      ...{ uuid: newest.uuid, path: buildPath(job, newest.uuid), startedAt: newest.startedAt },
      ...{ status: newest.status, verdict: newest.verdict },
    },
    /** A newer build was there already. */
    isLate: newest !== null && startedAt < newest.startedAt,
    ...(build.isCopy && { isCopy: true }),
  }
}

/** One event for each job and platform whose builds have another verdict: of the new build, or the newest of the others. */
function eventsOfVerdicts(
  build: ArrivedBuild,
  changed: readonly VerdictChange[],
  eventOf: (type: EventType, more: object) => NewEvent,
): NewEvent[] {
  const placeOf = ({ job, platform }: { job: string; platform: string }) => JSON.stringify([job, platform])
  const own = typeOfVerdict[build.verdict]
  const others = changed
    .filter(({ to }) => typeOfVerdict[to] !== undefined)
    .toSorted((one, other) => Number(other.startedAt) - Number(one.startedAt))
  const ofOwnPlace = (one: VerdictChange) =>
    own !== undefined && placeOf(one) === placeOf(build) && one.to === build.verdict
  const ofOthers = others.filter((one) => !ofOwnPlace(one))
  const elsewhere = [...groupBy(ofOthers, (one) => `${placeOf(one)} ${one.to}`).values()]
    .toSorted(([one], [other]) => Number(other?.startedAt) - Number(one?.startedAt))
    .slice(0, placesOfUpload)
  return [
    ...(own === undefined ? [] : [eventOf(own, { changed: summaryOf(others.filter(ofOwnPlace)) })]),
    ...elsewhere.flatMap((group) => {
      const [newest] = group
      const type = newest && typeOfVerdict[newest.to]
      if (!newest || type === undefined) return []
      const { uuid, job, platform, startedAt, from, to } = newest
      return [
        {
          ...{ type, dedupeKey: `${type} ${build.uuid} ${uuid}` },
          ...{ job, platform, build: uuid },
          data: {
            build: { uuid, job, platform, path: buildPath(job, uuid), startedAt, verdict: to },
            previousVerdict: from,
            /** The build that showed it. */
            cause: {
              ...{ uuid: build.uuid, job: build.job, platform: build.platform },
              path: buildPath(build.job, build.uuid),
            },
            changed: summaryOf(group),
            ...(build.isCopy && { isCopy: true }),
          },
        },
      ]
    }),
  ]
}

/** Earlier builds with another verdict now, those that started last first. */
const summaryOf = (builds: readonly VerdictChange[]) => ({
  count: builds.length,
  builds: builds.slice(0, namedBuilds).map(({ uuid }) => uuid),
})
