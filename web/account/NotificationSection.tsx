import { useSearchParams } from 'react-router'
import { ActButton } from '../admin/ActButton.tsx'
import { graphql, readFragment, type FragmentType } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { ActForm, fieldOf } from './ActForm.tsx'
import { QuietHoursForm } from './QuietHoursForm.tsx'
import { SubscriptionForm } from './SubscriptionForm.tsx'
import { SubscriptionList } from './SubscriptionList.tsx'

const NotificationsFragment = graphql(`
  fragment Notifications on Viewer {
    canGetMail
    email {
      address
      confirmedAt
      problem
    }
    subscriptions {
      id
      ...SubscriptionRow
    }
    quietHours {
      ...QuietHours
    }
  }
`)

const SetEmailMutation = graphql(`
  mutation SetEmail($email: String) {
    setEmail(email: $email) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const ConfirmEmailMutation = graphql(`
  mutation ConfirmEmail($code: String!) {
    confirmEmail(code: $code) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const SendTestMailMutation = graphql(`
  mutation SendTestMail {
    sendTestMail {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** What the user is told of by e-mail, and where. */
export function NotificationSection({ viewer }: { viewer: FragmentType<typeof NotificationsFragment> }) {
  const { canGetMail, email, subscriptions, quietHours } = readFragment(NotificationsFragment, viewer)
  return (
    <section aria-labelledby="notifications">
      <h2 id="notifications">Notifications</h2>
      <p className="mt-1 text-quiet">
        Mails about jobs that fail newly, are fixed, or change. Jobs that one cause breaks are one mail.
      </p>
      {!canGetMail && (
        <p className="mt-1 text-warn">This site sends no mail: its operator has not set that up.</p>
      )}
      <Confirmation />
      <h3 className="mt-4">Address</h3>
      {email ? <Address {...email} /> : <p className="mt-1">Nothing is sent: there is no address.</p>}
      <ActForm
        label="Address for notifications"
        mutation={SetEmailMutation}
        variables={(form) => ({ email: fieldOf(form, 'email') })}
        button={email ? 'Change the address' : 'Save the address'}
        done="Open the mail that comes now, and confirm the address."
      >
        <TextField label="E-mail address" name="email" type="email" autoComplete="email" required />
      </ActForm>
      <h3 className="mt-4">Subscriptions</h3>
      {subscriptions.length === 0 ? (
        <p className="mt-1">None: choose below, or on the page of a job.</p>
      ) : (
        <SubscriptionList subscriptions={subscriptions} />
      )}
      <SubscriptionForm />
      <h3 className="mt-4">Quiet hours</h3>
      <QuietHoursForm quietHours={quietHours} />
    </section>
  )
}

function Address({
  address,
  confirmedAt,
  problem,
}: {
  address: string
  confirmedAt: string | null
  problem: string | null
}) {
  return (
    <>
      <p className="mt-1 wrap-anywhere">
        {address}{' '}
        {problem !== null ? (
          <span className="text-bad">
            refused by the mail server, so that nothing is sent: {problem}. Give the address again when that
            is mended.
          </span>
        ) : confirmedAt === null ? (
          <span className="text-warn">not confirmed: open the mail that was sent there</span>
        ) : (
          <span className="text-good">confirmed</span>
        )}
      </p>
      <p className="mt-2 flex flex-wrap gap-2">
        {confirmedAt !== null && (
          <ActButton label="Send a test mail" mutation={SendTestMailMutation} variables={{}} />
        )}
        <ActButton label="Remove the address" mutation={SetEmailMutation} variables={{ email: null }} />
      </p>
    </>
  )
}

/** For who comes by the link of the mail: a button, since programs that look at links confirm nothing. */
function Confirmation() {
  const [search, setSearch] = useSearchParams()
  const code = search.get('confirm-email')
  if (code === null) return null
  return (
    <div className="mt-2 rounded-md border border-line bg-raised p-3">
      <p className="mb-2">You have opened the mail that confirms your address.</p>
      <ActButton
        label="Confirm my address"
        mutation={ConfirmEmailMutation}
        variables={{ code }}
        onDone={() => setSearch({}, { replace: true })}
      />
    </div>
  )
}
