import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { TextField } from '../ui/TextField.tsx'
import { ConfirmButton, textOf } from './ActButton.tsx'

const UserAddressFragment = graphql(`
  fragment UserAddress on EmailAddress {
    address
    confirmedAt
    problem
  }
`)

const SetUserEmailMutation = graphql(`
  mutation SetUserEmail($name: String!, $email: String) {
    setUserEmail(name: $name, email: $email) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

type Email = FragmentType<typeof UserAddressFragment> | null

/** Where notifications of a user go, and whether they arrive. */
export function UserAddress({ email }: { email: Email }) {
  const found = readFragment(UserAddressFragment, email)
  if (!found) return <>nowhere</>
  const { address, confirmedAt, problem } = found
  return (
    <span className="wrap-anywhere">
      {address}
      {problem !== null ? (
        <span className="text-bad"> (refused by the mail server: {problem})</span>
      ) : (
        confirmedAt === null && <span className="text-warn"> (not confirmed)</span>
      )}
    </span>
  )
}

/** Sets it. */
export function ChangeUserAddress({ name, email }: { name: string; email: Email }) {
  return (
    <ConfirmButton
      label="Change address"
      title={`Where notifications of ${name} go`}
      mutation={SetUserEmailMutation}
      variables={(form) => ({ name, email: textOf(form, 'email') })}
    >
      <TextField
        name="email"
        label="E-mail address"
        type="email"
        defaultValue={readFragment(UserAddressFragment, email)?.address}
        hint="It counts at once, without a mail that confirms it. Empty: nothing is sent."
      />
    </ConfirmButton>
  )
}
