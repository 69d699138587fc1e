import { ActButton, ConfirmButton } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import type { QueueRowFragment as QueueRow } from '../gql/graphql.ts'
import { visibleName } from '../ui/visible-text.ts'

const PauseQueueMutation = graphql(`
  mutation PauseQueue($platform: String!) {
    pauseQueue(platform: $platform) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const ResumeQueueMutation = graphql(`
  mutation ResumeQueue($platform: String!) {
    resumeQueue(platform: $platform) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const DropPlatformMutation = graphql(`
  mutation DropPlatform($platform: String!) {
    dropPlatform(platform: $platform) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const UndropPlatformMutation = graphql(`
  mutation UndropPlatform($platform: String!) {
    undropPlatform(platform: $platform) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** What somebody who may schedule can do with the queue of a platform. */
export default function QueueActions({ queue }: { queue: QueueRow }) {
  const { droppedAt, isPaused, platformName: platform } = queue
  if (droppedAt !== null)
    return (
      <ActButton label="Take back" of={platform} mutation={UndropPlatformMutation} variables={{ platform }} />
    )
  return (
    <span className="flex flex-wrap gap-1 wide:flex-nowrap">
      {isPaused ? (
        <ActButton label="Resume" of={platform} mutation={ResumeQueueMutation} variables={{ platform }} />
      ) : (
        <ActButton label="Pause" of={platform} mutation={PauseQueueMutation} variables={{ platform }} />
      )}
      <ConfirmButton
        label="Drop"
        of={platform}
        title={`Give up ${visibleName(platform)}?`}
        mutation={DropPlatformMutation}
        variables={() => ({ platform })}
        name={platform}
      >
        <p>
          Its queue goes, and the schedules of its scripts. What runs goes on. Opam packages are not queued
          for it any more.
        </p>
      </ConfirmButton>
    </span>
  )
}
