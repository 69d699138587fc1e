import { graphql } from '../../generated/operations/gql.ts'
import type { RunCause, RunOfCommandFragment, RunState } from '../../generated/operations/graphql.ts'
import type { RunFilter } from '../../scheduling/list-runs.ts'
import { RunNotFoundError } from '../../scheduling/errors.ts'
import type { PrintedRun, PrintedTry } from '../print-runs.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

export const runFragment = graphql(`
  fragment RunOfCommand on Run {
    uuid
    jobName
    platformName
    state
    cause
    kind
    requestedBy
    reason
    priority
    queuedAt
    startedAt
    endedAt
    error
    reproduces
    tryCount
  }
`)

const listDocument = graphql(`
  query CommandRuns($first: Int, $after: String, $filter: RunFilter) {
    runs(first: $first, after: $after, filter: $filter) {
      nodes {
        ...RunOfCommand
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandRun($uuid: UUID!) {
    run(uuid: $uuid) {
      ...RunOfCommand
      tries {
        number
        uuid
        workerName
        address
        state
        ending
        assignedAt
        startedAt
        endedAt
        error
      }
    }
  }
`)

const cancelDocument = graphql(`
  mutation CommandCancelRun($run: UUID!, $reason: String) {
    cancelRun(run: $run, reason: $reason) {
      ... on CancelRunSuccess {
        run
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const retryDocument = graphql(`
  mutation CommandRetryRun($run: UUID!, $reason: String) {
    retryRun(run: $run, reason: $reason) {
      ... on RetryRunSuccess {
        run
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const runJobDocument = graphql(`
  mutation CommandRunJob($job: String!, $platforms: [String!], $reason: String) {
    runJob(job: $job, platforms: $platforms, reason: $reason) {
      ... on RunJobSuccess {
        runs
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

function toRun({
  jobName,
  platformName,
  queuedAt,
  startedAt,
  endedAt,
  ...own
}: RunOfCommandFragment): PrintedRun {
  return {
    ...own,
    ...{ job: jobName, platform: platformName, queuedAt: toDate(queuedAt) },
    ...{ startedAt: toDateOrNull(startedAt), endedAt: toDateOrNull(endedAt) },
  }
}

/** As `listRuns`. */
export async function listRunsAt(site: RemoteSite, filter: RunFilter, limit: number): Promise<PrintedRun[]> {
  const { states, causes, ...others } = filter
  const given = {
    ...others,
    // The options of the command have no other values.
    ...(states === undefined ? {} : { states: states as RunState[] }),
    ...(causes === undefined ? {} : { causes: causes as RunCause[] }),
  }
  const runs = await allItems(site, listDocument, { filter: given }, ({ runs }) => runs, limit)
  return runs.map(toRun)
}

/** As `findRun`. Throws RunNotFoundError. */
export async function showRunAt(
  site: RemoteSite,
  uuid: string,
): Promise<PrintedRun & { tries: PrintedTry[] }> {
  const { run } = await site.ask(showDocument, { uuid })
  if (!run) throw new RunNotFoundError(uuid)
  const { tries, ...own } = run
  return {
    ...toRun(own),
    tries: tries.map(({ assignedAt, startedAt, endedAt, ...attempt }) => ({
      ...{ ...attempt, assignedAt: toDate(assignedAt) },
      ...{ startedAt: toDateOrNull(startedAt), endedAt: toDateOrNull(endedAt) },
    })),
  }
}

type Asked = { uuid: string; reason: string | null }

export async function cancelRunAt(site: RemoteSite, { uuid, reason }: Asked): Promise<void> {
  await site.act(cancelDocument, { run: uuid, reason })
}

/** UUID of the new run. */
export async function retryRunAt(site: RemoteSite, { uuid, reason }: Asked): Promise<string> {
  return (await site.act(retryDocument, { run: uuid, reason })).run
}

/** UUIDs of the runs. */
export async function runJobAt(
  site: RemoteSite,
  asked: { job: string; platforms: string[] | null; reason: string | null },
): Promise<string[]> {
  return (await site.act(runJobDocument, asked)).runs
}
