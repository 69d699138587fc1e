import { graphql } from '../../generated/operations/gql.ts'
import type { QueueState } from '../../scheduling/list-runs.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDateOrNull } from './times.ts'

const listDocument = graphql(`
  query CommandQueues($first: Int, $after: String) {
    queues(first: $first, after: $after) {
      nodes {
        platformName
        isPaused
        droppedAt
        waitingCount
        runningCount
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** What changes the queue of a platform. */
export const queueActs = {
  pause: graphql(`
    mutation CommandPauseQueue($platform: String!) {
      pauseQueue(platform: $platform) {
        ... on PauseQueueSuccess {
          platformName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
  resume: graphql(`
    mutation CommandResumeQueue($platform: String!) {
      resumeQueue(platform: $platform) {
        ... on ResumeQueueSuccess {
          platformName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
  drop: graphql(`
    mutation CommandDropPlatform($platform: String!) {
      dropPlatform(platform: $platform) {
        ... on DropPlatformSuccess {
          platformName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
  undrop: graphql(`
    mutation CommandUndropPlatform($platform: String!) {
      undropPlatform(platform: $platform) {
        ... on UndropPlatformSuccess {
          platformName
        }
        ... on Refusal {
          refusal: message
        }
      }
    }
  `),
}

/** As `listQueues`. */
export async function listQueuesAt(site: RemoteSite): Promise<QueueState[]> {
  const queues = await allItems(site, listDocument, {}, ({ queues }) => queues)
  return queues.map(({ platformName, isPaused, droppedAt, waitingCount, runningCount }) => ({
    ...{ platform: platformName, isPaused, droppedAt: toDateOrNull(droppedAt) },
    ...{ waiting: waitingCount, running: runningCount },
  }))
}
