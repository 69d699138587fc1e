import { graphql } from '../../generated/operations/gql.ts'
import type {
  ScheduleOfCommandFragment,
  ScheduleOptions as GivenOptions,
  SchedulePeriod,
  WorkInput as GivenWork,
} from '../../generated/operations/graphql.ts'
import type { Period } from '../../scheduling/definition.ts'
import { InvalidScheduleError, ScheduleNotFoundError } from '../../scheduling/errors.ts'
import type { ScheduleOptions, WorkInput } from '../../scheduling/schedule-input.ts'
import { scriptText } from '../../scheduling/script-text.ts'
import type { PrintedSchedule, PrintedVersion } from '../print-scheduling.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { givenPolicy, toPolicy } from './section-policies.ts'
import { toDate, toDateOrNull } from './times.ts'

export const scheduleFragment = graphql(`
  fragment ScheduleOfCommand on Schedule {
    jobName
    version
    nextAt
    isPaused
    createdAt
    updatedAt
    kind
    opamPackage
    platforms
    scriptSha256
    period
    cron
    timeZone
    priority
    timeoutSeconds
    maxTries
    maxParallel
    limits {
      allowsNetwork
      memoryBytes
      diskBytes
      cpus
    }
    reproduce {
      times
      anyPlatform
      platforms
      within
    }
  }
`)

const listDocument = graphql(`
  query CommandSchedules($first: Int, $after: String) {
    schedules(first: $first, after: $after) {
      nodes {
        ...ScheduleOfCommand
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandSchedule($job: String!) {
    schedule(job: $job) {
      ...ScheduleOfCommand
      script
    }
  }
`)

const historyDocument = graphql(`
  query CommandScheduleVersions($first: Int, $after: String, $job: String!) {
    scheduleVersions(first: $first, after: $after, job: $job) {
      nodes {
        version
        at
        changedBy
        text
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const addDocument = graphql(`
  mutation CommandScheduleJob($job: String!, $work: WorkInput!, $options: ScheduleOptions) {
    scheduleJob(job: $job, work: $work, options: $options) {
      ... on ScheduleJobSuccess {
        jobName
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const runsDocument = graphql(`
  query CommandRunsOfSchedule($job: String!) {
    schedule(job: $job) {
      currentRuns {
        uuid
      }
    }
  }
`)

const updateDocument = graphql(`
  mutation CommandUpdateSchedule($job: String!, $work: WorkInput, $options: ScheduleOptions) {
    updateSchedule(job: $job, work: $work, options: $options) {
      ... on UpdateScheduleSuccess {
        jobName
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const rescheduleDocument = graphql(`
  mutation CommandReschedule($job: String!, $nextAt: DateTime!, $period: SchedulePeriod) {
    reschedule(job: $job, nextAt: $nextAt, period: $period) {
      ... on RescheduleSuccess {
        jobName
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** What changes a schedule without further words. */
export const scheduleActs = {
  remove: graphql(`
    mutation CommandRemoveSchedule($job: String!) {
      removeSchedule(job: $job) {
        ... on RemoveScheduleSuccess {
          jobName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
  pause: graphql(`
    mutation CommandPauseSchedule($job: String!) {
      pauseSchedule(job: $job) {
        ... on PauseScheduleSuccess {
          jobName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
  resume: graphql(`
    mutation CommandResumeSchedule($job: String!) {
      resumeSchedule(job: $job) {
        ... on ResumeScheduleSuccess {
          jobName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
}

function toSchedule(found: ScheduleOfCommandFragment): PrintedSchedule {
  const { jobName, nextAt, createdAt, updatedAt, version, isPaused } = found
  const { period, cron, timeZone, priority, timeoutSeconds, maxTries, maxParallel, limits, reproduce } = found
  return {
    ...{ job: jobName, version, nextAt: toDateOrNull(nextAt), isPaused },
    ...{ createdAt: toDate(createdAt), updatedAt: toDate(updatedAt) },
    definition: {
      work: toWork(found),
      ...{ period, cron, timeZone, priority, timeoutSeconds, maxTries, maxParallel, limits },
      reproduce: reproduce && toPolicy(reproduce),
    },
  }
}

function toWork({ kind, opamPackage, platforms, scriptSha256 }: ScheduleOfCommandFragment) {
  if (kind === 'SCRIPT') return { kind, platform: platforms?.[0] ?? '', scriptSha256 }
  return { kind, opamPackage: opamPackage ?? '', platforms }
}

/** As `listSchedules`. */
export async function listSchedulesAt(site: RemoteSite): Promise<PrintedSchedule[]> {
  const schedules = await allItems(site, listDocument, {}, ({ schedules }) => schedules)
  return schedules.map(toSchedule)
}

/** A schedule with its script; null: it has none, or the site does not show it. Throws ScheduleNotFoundError. */
export async function showScheduleAt(
  site: RemoteSite,
  job: string,
): Promise<{ schedule: PrintedSchedule; script: Uint8Array | null }> {
  const { schedule } = await site.ask(showDocument, { job })
  if (!schedule) throw new ScheduleNotFoundError(job)
  const { script, ...own } = schedule
  return { schedule: toSchedule(own), script: script === null ? null : Buffer.from(script) }
}

/** The versions of a schedule, the newest first. */
export async function listScheduleVersionsAt(
  site: RemoteSite,
  job: string,
  limit: number,
): Promise<PrintedVersion[]> {
  const versions = await allItems(site, historyDocument, { job }, (answer) => answer.scheduleVersions, limit)
  return versions.map(({ at, changedBy, ...own }) => ({ ...own, at: toDate(at), actor: changedBy }))
}

/** UUIDs of the runs that wait for it. */
export async function addScheduleAt(
  site: RemoteSite,
  job: string,
  work: WorkInput,
  options: Partial<ScheduleOptions>,
): Promise<string[]> {
  await site.act(addDocument, { job, work: givenWork(work), options: givenOptions(options) })
  const { schedule } = await site.ask(runsDocument, { job })
  return (schedule?.currentRuns ?? []).map(({ uuid }) => uuid)
}

export async function updateScheduleAt(
  site: RemoteSite,
  job: string,
  work: WorkInput | null,
  options: Partial<ScheduleOptions>,
): Promise<void> {
  const given = { options: givenOptions(options), ...(work ? { work: givenWork(work) } : {}) }
  await site.act(updateDocument, { job, ...given })
}

export async function rescheduleAt(
  site: RemoteSite,
  { job, nextAt, period }: { job: string; nextAt: Date; period: Period | null },
): Promise<void> {
  const then = period === null ? {} : { period: period satisfies SchedulePeriod }
  await site.act(rescheduleDocument, { job, nextAt: nextAt.toISOString(), ...then })
}

/** Throws InvalidScheduleError: the API takes text alone. */
function givenWork(work: WorkInput): GivenWork {
  if (work.kind === 'OPAM_PACKAGE') {
    const { opamPackage, platforms } = work
    return { opamPackage: { name: opamPackage, ...(platforms ? { platforms: [...platforms] } : {}) } }
  }
  const script = scriptText(work.script)
  if (script === null)
    throw new InvalidScheduleError('the script is not UTF-8: schedule it on the machine of the server')
  return { script: { platform: work.platform, script } }
}

function givenOptions({ reproduce, ...others }: Partial<ScheduleOptions>): GivenOptions {
  if (reproduce === undefined) return others
  return { ...others, reproduce: reproduce && givenPolicy(reproduce) }
}
