import { graphql } from '../gql/index.ts'

/** What the page shows of a run. The stream brings it again whenever the run changes. */
export const RunFragment = graphql(`
  fragment RunOnPage on Run {
    uuid
    jobName
    job {
      id
    }
    platformName
    state
    cause
    requestedBy
    reason
    queuedAt
    notBefore
    startedAt
    endedAt
    error
    timeoutSeconds
    medianDurationMs
    waiting {
      ahead
      reason
    }
    tries {
      number
      uuid
      state
      ending
      workerName
      assignedAt
      startedAt
      endedAt
      deadlineAt
      leaseUntil
      error
    }
    build {
      id
      uuid
      status
      job {
        id
        name
      }
    }
  }
`)
