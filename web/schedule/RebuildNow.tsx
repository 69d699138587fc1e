import { useNavigate } from 'react-router'
import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { TextField } from '../ui/TextField.tsx'
import { useMaySchedule } from './may-schedule.ts'

const RebuildBuildMutation = graphql(`
  mutation RebuildBuild($build: UUID!, $platform: String, $reason: String) {
    rebuildBuild(build: $build, platform: $platform, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
      ... on RebuildBuildSuccess {
        run
      }
    }
  }
`)

/** Builds a build again, for who may schedule; nothing for others. `reason`: what the form suggests. */
export default function RebuildNow(props: {
  uuid: string
  platform: string
  label?: string
  reason?: string
}) {
  const { uuid, platform, label = 'Rebuild now', reason } = props
  const navigate = useNavigate()
  if (!useMaySchedule()) return null
  return (
    <ConfirmButton
      label={label}
      title="Build this again?"
      mutation={RebuildBuildMutation}
      variables={(form) => ({
        build: uuid,
        platform: textOf(form, 'platform') || null,
        reason: textOf(form, 'reason'),
      })}
      onDone={(outcome) => {
        const { run } = outcome as { run?: string }
        if (run !== undefined) void navigate(paths.run(run))
      }}
    >
      <p>
        The inputs that it recorded are built again, on another worker if there is one. The verdict says
        whether the output is the same.
      </p>
      <TextField name="platform" label="Platform" defaultValue={platform} />
      <TextField
        name="reason"
        spellCheck
        label="Why"
        {...(reason === undefined ? {} : { defaultValue: reason })}
      />
    </ConfirmButton>
  )
}
