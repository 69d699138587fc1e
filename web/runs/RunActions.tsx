import { useNavigate, useRevalidator } from 'react-router'
import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { TextField } from '../ui/TextField.tsx'
import { hasEnded, type Run } from './run-words.ts'

const CancelRunMutation = graphql(`
  mutation CancelRun($run: UUID!, $reason: String) {
    cancelRun(run: $run, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RetryRunMutation = graphql(`
  mutation RetryRun($run: UUID!, $reason: String) {
    retryRun(run: $run, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
      ... on RetryRunSuccess {
        run
      }
    }
  }
`)

/** What somebody who may schedule can do with a run. */
export default function RunActions({ run }: { run: Pick<Run, 'uuid' | 'state'> }) {
  const navigate = useNavigate()
  const { revalidate } = useRevalidator()
  const variables = (form: FormData) => ({ run: run.uuid, reason: textOf(form, 'reason') })
  if (hasEnded(run))
    return (
      <ConfirmButton
        label="Retry"
        title="Run this once more?"
        mutation={RetryRunMutation}
        variables={variables}
        onDone={(outcome) => {
          const { run: again } = outcome as { run?: string }
          if (again !== undefined) void navigate(paths.run(again))
        }}
      >
        <p>A new run builds what this one built, as it was defined then.</p>
        <Why />
      </ConfirmButton>
    )
  return (
    <ConfirmButton
      label="Cancel the run"
      title="Cancel this run?"
      mutation={CancelRunMutation}
      variables={variables}
      onDone={() => void revalidate()}
    >
      <p>It does not wait any more. If a worker has it, that is told to stop, and nothing is stored.</p>
      <Why />
    </ConfirmButton>
  )
}

const Why = () => (
  <TextField name="reason" spellCheck label="Why" hint="For the page of the run, and the audit log." />
)
