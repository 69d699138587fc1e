import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { readScheduleForm, ScheduleFields } from './ScheduleFields.tsx'

const ScheduleJobMutation = graphql(`
  mutation ScheduleJob($job: String!, $work: WorkInput!, $options: ScheduleOptions) {
    scheduleJob(job: $job, work: $work, options: $options) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** Schedules a job. */
export default function AddScheduleButton() {
  return (
    <ConfirmButton
      label="Schedule a job"
      title="Schedule a job"
      mutation={ScheduleJobMutation}
      variables={(form) => ({ job: textOf(form, 'job'), ...readScheduleForm(form) })}
    >
      <TextField name="job" label="Job" required hint="It is queued once as soon as it is scheduled." />
      <ScheduleFields />
    </ConfirmButton>
  )
}
