import { useQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'
import { present } from '../present.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { TextField } from '../ui/TextField.tsx'
import { ActButton, ConfirmButton, textOf } from './ActButton.tsx'
import { MayChangeQuery } from './may-change.ts'

const BuildRemovalQuery = graphql(`
  query BuildRemoval($uuid: UUID!) {
    admin {
      buildRemoval(uuid: $uuid) {
        pinnedCount
        bytes
      }
    }
  }
`)

const PinBuildMutation = graphql(`
  mutation PinBuild($uuid: UUID!, $reason: String!) {
    pinBuild(uuid: $uuid, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const UnpinBuildMutation = graphql(`
  mutation UnpinBuild($uuid: UUID!) {
    unpinBuild(uuid: $uuid) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveBuildMutation = graphql(`
  mutation RemoveBuild($uuid: UUID!, $reason: String!) {
    removeBuild(uuid: $uuid, reason: $reason) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** What an administrator can do to a build; nothing for others. `onChange`: the build is another one now. */
export default function BuildActions(props: { uuid: string; isPinned: boolean; onChange: () => void }) {
  const { uuid, isPinned, onChange } = props
  const { data } = useQuery(MayChangeQuery, { fetchPolicy: 'no-cache', errorPolicy: 'all' })
  if (!data?.admin?.mayChange) return null
  return (
    <div role="group" aria-label="Administration of this build" className="flex flex-wrap gap-1">
      {isPinned ? (
        <ActButton label="Unpin" mutation={UnpinBuildMutation} variables={{ uuid }} onDone={onChange} />
      ) : (
        <>
          <ConfirmButton
            label="Pin"
            title="Keep this build?"
            mutation={PinBuildMutation}
            variables={(form) => ({ uuid, reason: textOf(form, 'reason') })}
            onDone={onChange}
          >
            <p>Retention does not remove it until it is unpinned.</p>
            <TextField name="reason" spellCheck label="Why, for its page" />
          </ConfirmButton>
          <ConfirmButton
            label="Remove"
            title="Remove this build?"
            mutation={RemoveBuildMutation}
            variables={(form) => ({ uuid, reason: textOf(form, 'reason') })}
            // The address shows what is left of it.
            onDone={() => location.reload()}
          >
            <BuildRemoval uuid={uuid} />
            <TextField name="reason" spellCheck label="Why, for the page that is left" />
          </ConfirmButton>
        </>
      )}
    </div>
  )
}

function BuildRemoval({ uuid }: { uuid: string }) {
  const { data, error } = useQuery(BuildRemovalQuery, { variables: { uuid }, fetchPolicy: 'no-cache' })
  if (error) return <p className="text-bad">{error.message}</p>
  if (!data) return <p className="text-quiet">Counting …</p>
  return (
    <p>
      The build goes for good, with <ByteSize bytes={present(data.admin).buildRemoval.bytes} />. Content that
      other builds have, too, stays.
    </p>
  )
}
