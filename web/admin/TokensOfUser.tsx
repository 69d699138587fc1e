import type { OperationVariables } from '@apollo/client'
import { useState, type ComponentProps } from 'react'
import type { Role } from '../gql/graphql.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { TextField } from '../ui/TextField.tsx'
import { ConfirmButton, textOf } from './ActButton.tsx'
import { TokenTable } from './TokenTable.tsx'
import type { Mutation } from './use-act.ts'

/** The scopes that the form begins with. */
const usualScopes: Record<Role, string> = {
  ...{ ADMIN: 'upload:*', UPLOADER: 'upload:*', READER: 'read', WORKER: 'work' },
}

type AskedToken = { name: string; scopes: string[]; days: number }

/**
 * The tokens of one user, and a way to create one, whose text is shown once. `create`: a mutation whose result has the token;
 * `variables` are those that it takes.
 */
export function TokensOfUser<Variables extends OperationVariables>({
  create,
  variables,
  title,
  role,
  mayCreate,
  ...table
}: Omit<ComponentProps<typeof TokenTable>, 'isOfOneUser'> & {
  create: Mutation<Variables>
  variables: (asked: AskedToken) => Variables
  /** Of the dialog. */
  title: string
  role: Role
  mayCreate: boolean
}) {
  const [newToken, setNewToken] = useState<string | null>(null)
  return (
    <>
      {newToken !== null && (
        <p role="status" className="mb-3 rounded-md border border-line bg-raised p-3">
          The new token, which is shown only now: <code className="wrap-anywhere">{newToken}</code>{' '}
          <CopyButton text={newToken} what="the token" />
        </p>
      )}
      {table.tokens.length > 0 ? <TokenTable {...table} isOfOneUser /> : <p className="text-quiet">none</p>}
      {mayCreate && (
        <div className="mt-2">
          <ConfirmButton
            label="Create token"
            title={title}
            mutation={create}
            variables={(form) =>
              variables({
                name: textOf(form, 'name'),
                scopes: textOf(form, 'scopes').split(/\s+/).filter(Boolean),
                days: Number(textOf(form, 'days')) || 90,
              })
            }
            onDone={(outcome) => setNewToken(textOfToken(outcome))}
          >
            <TextField name="name" label="What it is for" required />
            <TextField
              name="scopes"
              label="Scopes"
              defaultValue={usualScopes[role]}
              hint="read, upload:JOB, upload:*, attest, schedule, work, admin:read, admin; with spaces between."
              required
            />
            <TextField name="days" label="Days until it ends, at most 365" type="number" defaultValue="90" />
          </ConfirmButton>
        </div>
      )}
    </>
  )
}

/** The text in the result of the mutation. */
function textOfToken(outcome: Record<string, unknown>): string | null {
  const { token } = outcome as { token?: { text?: string } }
  return token?.text ?? null
}
