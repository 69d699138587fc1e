import { graphql, readFragment, type FragmentType } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { ActForm, fieldOf } from './ActForm.tsx'

const QuietHoursFragment = graphql(`
  fragment QuietHours on QuietHours {
    from
    until
    timeZone
  }
`)

const SetQuietHoursMutation = graphql(`
  mutation SetQuietHours($from: Int, $until: Int, $timeZone: String!) {
    setQuietHours(from: $from, until: $until, timeZone: $timeZone) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** When nothing is sent. */
export function QuietHoursForm(props: { quietHours: FragmentType<typeof QuietHoursFragment> }) {
  const { from, until, timeZone } = readFragment(QuietHoursFragment, props.quietHours)
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <ActForm
      label="Quiet hours"
      mutation={SetQuietHoursMutation}
      variables={(form) => ({
        from: minuteOf(fieldOf(form, 'from')),
        until: minuteOf(fieldOf(form, 'until')),
        timeZone: fieldOf(form, 'zone'),
      })}
      button="Save the quiet hours"
      done="The quiet hours are saved."
    >
      <TextField label="From" name="from" type="time" defaultValue={timeOf(from)} />
      <TextField
        label="Until"
        name="until"
        type="time"
        defaultValue={timeOf(until)}
        hint="Both empty: mails come at any time."
      />
      <TextField
        label="Time zone"
        name="zone"
        required
        defaultValue={timeZone}
        hint={`Also for daily digests, which come at 8 o’clock. That of this browser is ${own}.`}
      />
    </ActForm>
  )
}

function minuteOf(text: string): number | null {
  const [hours, minutes] = text.split(':').map(Number)
  return hours === undefined || minutes === undefined ? null : hours * 60 + minutes
}

function timeOf(minute: number | null): string {
  if (minute === null) return ''
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
