import { ConfirmButton } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { type KnownSchedule, readScheduleForm, ScheduleFields } from './ScheduleFields.tsx'

const UpdateScheduleMutation = graphql(`
  mutation UpdateSchedule($job: String!, $work: WorkInput, $options: ScheduleOptions) {
    updateSchedule(job: $job, work: $work, options: $options) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** Changes the schedule of a job. */
export default function EditScheduleButton(props: { job: string; known: KnownSchedule }) {
  const { job, known } = props
  return (
    <ConfirmButton
      label="Edit"
      of={`the schedule of ${job}`}
      title="Edit this schedule"
      mutation={UpdateScheduleMutation}
      variables={(form) => {
        const { options, work } = readScheduleForm(form)
        // A script that is not text stays as it is.
        const isKept = known.kind === 'SCRIPT' && known.script === null
        return { job, options, ...(isKept ? {} : { work }) }
      }}
    >
      <ScheduleFields known={known} />
    </ConfirmButton>
  )
}
