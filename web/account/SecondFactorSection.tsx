import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { graphql, readFragment, type FragmentType } from '../gql/index.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { TextField } from '../ui/TextField.tsx'
import { FormError } from './FormError.tsx'
import { PasswordPrompt } from './PasswordPrompt.tsx'
import { QrCode } from './QrCode.tsx'
import { needsPassword, refusalOf } from './refusal.ts'

const SecondFactorFragment = graphql(`
  fragment SecondFactor on Viewer {
    hasSecondFactor
    recoveryCodesLeft
  }
`)

const StartSecondFactor = graphql(`
  mutation StartSecondFactor {
    startSecondFactor {
      __typename
      ... on StartSecondFactorSuccess {
        secondFactor {
          secret
          uri
          ticket
        }
      }
      ... on Refusal {
        message
      }
    }
  }
`)

const EnableSecondFactor = graphql(`
  mutation EnableSecondFactor($input: EnableSecondFactorInput!) {
    enableSecondFactor(input: $input) {
      __typename
      ... on EnableSecondFactorSuccess {
        recoveryCodes
      }
      ... on Refusal {
        message
      }
    }
  }
`)

const DisableSecondFactor = graphql(`
  mutation DisableSecondFactor($input: DisableSecondFactorInput!) {
    disableSecondFactor(input: $input) {
      __typename
      ... on Refusal {
        message
      }
      ... on NotAuthorizedError {
        code
      }
    }
  }
`)

type Secret = { secret: string; uri: string; ticket: string }
const unreachable = 'The server cannot be reached. Try it again.'

/** Turns the second factor on and off. */
export function SecondFactorSection({ viewer }: { viewer: FragmentType<typeof SecondFactorFragment> }) {
  const { hasSecondFactor, recoveryCodesLeft } = readFragment(SecondFactorFragment, viewer)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  return (
    <section aria-labelledby="second-factor">
      <h2 id="second-factor">Second factor</h2>
      {codes && <RecoveryCodes codes={codes} />}
      {hasSecondFactor ? (
        <>
          <p className="mt-1">
            <span className="text-good">On.</span> Signing in needs a code from your telephone. Recovery codes
            that are left: {recoveryCodesLeft}.
          </p>
          <Disable onDone={() => setCodes(null)} />
        </>
      ) : (
        <Enable onDone={setCodes} />
      )}
    </section>
  )
}

function Enable({ onDone }: { onDone: (codes: readonly string[]) => void }) {
  const [start, { loading: isStarting }] = useMutation(StartSecondFactor, { fetchPolicy: 'no-cache' })
  const [enable, { loading: isEnabling }] = useMutation(EnableSecondFactor, {
    fetchPolicy: 'no-cache',
    refetchQueries: ['AccountPage'],
  })
  const [secret, setSecret] = useState<Secret | null>(null)
  const [asksPassword, setAsksPassword] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function begin() {
    setProblem(null)
    setAsksPassword(false)
    try {
      const result = (await start()).data?.startSecondFactor
      if (result?.__typename === 'StartSecondFactorSuccess') setSecret(result.secondFactor)
      else if (needsPassword(result)) setAsksPassword(true)
      else setProblem(refusalOf(result))
    } catch {
      setProblem(unreachable)
    }
  }

  async function confirm(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const code = new FormData(event.currentTarget).get('code') as string
    setProblem(null)
    try {
      const input = { code, ticket: secret?.ticket ?? '' }
      const result = (await enable({ variables: { input } })).data?.enableSecondFactor
      if (result?.__typename === 'EnableSecondFactorSuccess') onDone(result.recoveryCodes)
      else setProblem(refusalOf(result))
    } catch {
      setProblem(unreachable)
    }
  }

  if (asksPassword)
    return <PasswordPrompt onDone={() => void begin()} onCancel={() => setAsksPassword(false)} />
  if (!secret)
    return (
      <>
        <p className="mt-1 text-quiet">Off. With it, a password alone does not sign anybody in.</p>
        {problem && <FormError>{problem}</FormError>}
        <button type="button" className="control mt-2" disabled={isStarting} onClick={() => void begin()}>
          Turn it on
        </button>
      </>
    )
  return (
    <form className="mt-2 max-w-80 space-y-4" onSubmit={(event) => void confirm(event)}>
      <p>Scan this with an app for one-time codes, or type the secret there.</p>
      <QrCode text={secret.uri} label="QR code with the secret of the second factor" />
      <p className="flex items-center gap-1">
        <code className="min-w-0 break-all">{secret.secret}</code>
        <CopyButton text={secret.secret} what="the secret" />
      </p>
      {problem && <FormError>{problem}</FormError>}
      <TextField
        label="Code"
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        hint="The six digits that the app shows now."
      />
      <button type="submit" className="control control-main" disabled={isEnabling}>
        Turn it on
      </button>
    </form>
  )
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div role="status" className="mt-2 max-w-[30rem] rounded-md border border-line-strong p-3">
      <p className="flex items-start gap-2">
        <span>
          Recovery codes: each signs you in once without the telephone. They are shown only now: keep them in
          a safe place.
        </span>
        <CopyButton text={codes.join('\n')} what="the recovery codes" />
      </p>
      <ul className="mt-2 grid grid-cols-2 gap-x-4 narrow:grid-cols-1">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Disable({ onDone }: { onDone: () => void }) {
  const [disable, { loading }] = useMutation(DisableSecondFactor, {
    fetchPolicy: 'no-cache',
    refetchQueries: ['AccountPage'],
  })
  const [isOpen, setIsOpen] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const input = { password: fields.get('password') as string, code: fields.get('code') as string }
    setProblem(null)
    try {
      const problem = refusalOf((await disable({ variables: { input } })).data?.disableSecondFactor)
      setProblem(problem)
      if (problem === null) onDone()
    } catch {
      setProblem(unreachable)
    }
  }

  if (!isOpen)
    return (
      <button type="button" className="control mt-2" onClick={() => setIsOpen(true)}>
        Turn it off
      </button>
    )
  return (
    <form className="mt-2 max-w-80 space-y-4" onSubmit={(event) => void send(event)}>
      {problem && <FormError>{problem}</FormError>}
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
      <TextField
        label="Code"
        name="code"
        autoComplete="one-time-code"
        required
        hint="From the app on your telephone, or a recovery code."
      />
      <button type="submit" className="control" disabled={loading}>
        Turn it off
      </button>
    </form>
  )
}
