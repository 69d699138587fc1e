import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { useQuery } from '@apollo/client/react'

const RunJobMutation = graphql(`
  mutation RunJob($job: String!, $platforms: [String!], $reason: String) {
    runJob(job: $job, platforms: $platforms, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
      ... on RunJobSuccess {
        runs
      }
    }
  }
`)

const QueuedPlatformsQuery = graphql(`
  query QueuedPlatforms {
    queues(first: 100) {
      nodes {
        platformName
        droppedAt
        workerCount
      }
    }
  }
`)

/** Queues a job in front of all others. `platforms`: those that it is built on; null: all. */
export function RunNowButton(props: {
  job: string
  platforms: readonly string[] | null
  onDone?: (runs: string[]) => void
}) {
  const { job, onDone } = props
  return (
    <ConfirmButton
      label="Run now"
      of={job}
      title={`Run ${visibleName(job)} now?`}
      mutation={RunJobMutation}
      variables={(form) => ({
        job,
        platforms: form.has('platform') ? form.getAll('platform').map(String) : null,
        reason: textOf(form, 'reason'),
      })}
      onDone={(outcome) => onDone?.((outcome as { runs?: string[] }).runs ?? [])}
    >
      <p>It goes in front of what waits. The next time of its schedule stays.</p>
      <Platforms only={props.platforms} />
      <TextField name="reason" spellCheck label="Why" hint="For the page of the run, and the audit log." />
    </ConfirmButton>
  )
}

function Platforms({ only }: { only: readonly string[] | null }) {
  const { data } = useQuery(QueuedPlatformsQuery, { fetchPolicy: 'no-cache' })
  const queues = data?.queues?.nodes.filter(
    ({ platformName, droppedAt }) => droppedAt === null && (only === null || only.includes(platformName)),
  )
  if (!queues) return <p className="text-quiet">Looking for platforms …</p>
  if (queues.length === 0)
    return <p className="text-warn">No platform has a queue for it: it waits for the first worker.</p>
  return (
    <fieldset>
      <legend className="text-small text-quiet">On; none is chosen: on all of these</legend>
      {queues.map(({ platformName, workerCount }) => (
        <label key={platformName} className="mt-1 flex items-center gap-2">
          <input type="checkbox" name="platform" value={platformName} />
          {visibleName(platformName)}
          {workerCount === 0 && <span className="text-small text-quiet">no worker is connected</span>}
        </label>
      ))}
    </fieldset>
  )
}
