import { ActButton, ConfirmButton } from '../admin/ActButton.tsx'
import { graphql, readFragment, type FragmentType } from '../gql/index.ts'
import { Name } from '../ui/Name.tsx'
import { inputOf, SubscriptionFields } from './SubscriptionForm.tsx'
import { digestWords, transitionWords } from './subscription-words.ts'

const SubscriptionRowFragment = graphql(`
  fragment SubscriptionRow on NotificationSubscription {
    id
    jobs
    platforms
    events
    digest
  }
`)

export const UnsubscribeMutation = graphql(`
  mutation Unsubscribe($id: ID!) {
    unsubscribe(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const UpdateSubscriptionMutation = graphql(`
  mutation UpdateSubscription($id: ID!, $input: SubscriptionInput!) {
    updateSubscription(id: $id, input: $input) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

type Row = FragmentType<typeof SubscriptionRowFragment>

/** What the user has subscribed to, with ways to change and to end each. */
export function SubscriptionList({ subscriptions }: { subscriptions: readonly (Row & { id: string })[] }) {
  return (
    <ul aria-label="Subscriptions" className="mt-2">
      {subscriptions.map((row) => (
        <SubscriptionRow key={row.id} row={row} />
      ))}
    </ul>
  )
}

function SubscriptionRow({ row }: { row: Row }) {
  const { id, jobs, platforms, events, digest } = readFragment(SubscriptionRowFragment, row)
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-2">
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere">
          <Names names={jobs} all="all jobs" />
          {platforms && (
            <>
              {' on '}
              <Names names={platforms} all="" />
            </>
          )}
        </p>
        <p className="text-small text-quiet">
          {events.map((event) => transitionWords[event]).join(', ')}; {digestWords[digest]}
        </p>
      </div>
      <ConfirmButton
        label="Change"
        of={jobs.join(', ')}
        title="Change a subscription"
        mutation={UpdateSubscriptionMutation}
        variables={(form) => ({ id, input: inputOf(form) })}
      >
        <SubscriptionFields choice={{ jobs, platforms, events, digest }} />
      </ConfirmButton>
      <ActButton label="Unsubscribe" of={jobs.join(', ')} mutation={UnsubscribeMutation} variables={{ id }} />
    </li>
  )
}

function Names({ names, all }: { names: readonly string[]; all: string }) {
  if (names.length === 1 && names[0] === '*') return <>{all}</>
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ', '}
      <Name>{name}</Name>
    </span>
  ))
}
