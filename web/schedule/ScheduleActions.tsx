import { ActButton, ConfirmButton } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import type { ScheduleRowFragment as ScheduleRow } from '../gql/graphql.ts'
import { visibleName } from '../ui/visible-text.ts'
import { RunNowButton } from './RunNowButton.tsx'

const PauseScheduleMutation = graphql(`
  mutation PauseSchedule($job: String!) {
    pauseSchedule(job: $job) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const ResumeScheduleMutation = graphql(`
  mutation ResumeSchedule($job: String!) {
    resumeSchedule(job: $job) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveScheduleMutation = graphql(`
  mutation RemoveSchedule($job: String!) {
    removeSchedule(job: $job) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

type Props = {
  schedule: Pick<ScheduleRow, 'isPaused' | 'jobName' | 'platforms'>
  /** On a page of its own, a schedule can be removed, too. */
  withRemoval?: boolean
  onRemoved?: () => void
}

/** What somebody who may schedule can do with a schedule. */
export default function ScheduleActions({ schedule, withRemoval = false, onRemoved }: Props) {
  const { isPaused, jobName: job, platforms } = schedule
  return (
    <span className="flex flex-wrap gap-1 roomy:flex-nowrap">
      <RunNowButton job={job} platforms={platforms} />
      {isPaused ? (
        <ActButton label="Resume" of={job} mutation={ResumeScheduleMutation} variables={{ job }} />
      ) : (
        <ActButton label="Pause" of={job} mutation={PauseScheduleMutation} variables={{ job }} />
      )}
      {withRemoval && (
        <ConfirmButton
          label="Remove"
          of={job}
          title={`Take ${visibleName(job)} out of the schedule?`}
          mutation={RemoveScheduleMutation}
          variables={() => ({ job })}
          {...(onRemoved ? { onDone: onRemoved } : {})}
        >
          <p>What waits of it is cancelled, what runs goes on. Its builds, and this history, stay.</p>
        </ConfirmButton>
      )}
    </span>
  )
}
