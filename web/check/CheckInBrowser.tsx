import { useId, useState } from 'react'
import { Icon } from '../ui/Icon.tsx'
import { TextField } from '../ui/TextField.tsx'
import {
  CannotCheckError,
  checkContent,
  describeStatement,
  hashFile,
  type Checked,
  type SiteKey,
} from './check-file.ts'
import { isKeyId, readPinnedKey, savePinnedKey } from './pinned-key.ts'

type State =
  | { kind: 'waiting' | 'checking' }
  | { kind: 'failed'; text: string }
  | { kind: 'checked'; name: string; checked: Checked }

async function fetchText(path: string): Promise<string> {
  const response = await fetch(path)
  if (!response.ok) throw new CannotCheckError(`The site has answered ${response.status}. Try again later.`)
  return response.text()
}

/** Null: the log has nothing about it yet. */
async function fetchProof(envelopeSha256: string): Promise<string | null> {
  const response = await fetch(`/log/proof/${envelopeSha256}`)
  if (response.status === 404) return null
  if (!response.ok) throw new CannotCheckError(`The log has answered ${response.status}. Try again later.`)
  return response.text()
}

/** Hashes a file in the browser, and checks what the site has signed about it. */
export function CheckInBrowser() {
  const id = useId()
  const [pinned, setPinned] = useState(readPinnedKey)
  const [typed, setTyped] = useState(pinned ?? '')
  const [state, setState] = useState<State>({ kind: 'waiting' })

  function pin(key: string | null) {
    savePinnedKey(key)
    setPinned(key)
    setTyped(key ?? '')
  }

  async function check(file: File) {
    setState({ kind: 'checking' })
    try {
      const sha256 = await hashFile(file)
      const [lines, keys] = await Promise.all([
        fetchText(`/hash/${sha256}/attestations`),
        fetchText('/keys.json'),
      ])
      const published = (JSON.parse(keys) as { keys: SiteKey[] }).keys
      setState({
        kind: 'checked',
        name: file.name,
        checked: await checkContent(sha256, lines, published, pinned, fetchProof),
      })
    } catch (error) {
      if (!(error instanceof CannotCheckError) && !(error instanceof TypeError)) throw error
      const text =
        error instanceof CannotCheckError ? error.message : 'The file or the site could not be read.'
      setState({ kind: 'failed', text: `${text} Use the commands below.` })
    }
  }

  return (
    <section aria-labelledby={`${id}-title`} className="mt-5">
      <h3 id={`${id}-title`}>In this browser</h3>
      <p className="mt-1">The file stays on your machine: the browser computes its hash.</p>
      <label
        className="mt-2 block cursor-pointer rounded-md border border-dashed border-line-strong bg-raised px-3 py-4 text-center"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          const [file] = event.dataTransfer.files
          if (file) void check(file)
        }}
      >
        Drop the file here, or choose it{' '}
        <input
          type="file"
          aria-label="File to check"
          className="max-w-full"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            if (file) void check(file)
          }}
        />
      </label>
      <div role="status" className="mt-2">
        {state.kind === 'checking' && 'Checking …'}
        {state.kind === 'failed' && <p className="text-bad">{state.text}</p>}
        {state.kind === 'checked' && <Result name={state.name} checked={state.checked} />}
      </div>
      {state.kind === 'checked' && pinned === null && state.checked.keyIds[0] !== undefined && (
        <button type="button" className="control mt-2" onClick={() => pin(state.checked.keyIds[0] ?? null)}>
          Save this key for the next time
        </button>
      )}
      <details className="mt-2">
        <summary className="cursor-pointer py-1 text-small">
          {pinned === null ? 'No key is saved in this browser' : `Saved key: ${pinned.slice(0, 16)}…`}
        </summary>
        <form
          className="mt-1 flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            const key = typed.trim().toLowerCase()
            if (isKeyId(key)) pin(key)
          }}
        >
          <div className="min-w-0 flex-1">
            <TextField
              label="Key id that you expect"
              hint="64 hexadecimal digits, from somebody whom you trust. A statement by another key is marked then."
              value={typed}
              pattern="\s*[0-9a-fA-F]{64}\s*"
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
          <button className="control">Save</button>
          {pinned !== null && (
            <button type="button" className="control" onClick={() => pin(null)}>
              Forget
            </button>
          )}
        </form>
      </details>
    </section>
  )
}

const signs = {
  good: { icon: 'check', tone: 'text-good', word: 'Good' },
  bad: { icon: 'cross', tone: 'text-bad', word: 'Bad' },
  open: { icon: 'minus', tone: 'text-quiet', word: 'Not known' },
} as const

function Result({ name, checked: { steps, statements } }: { name: string; checked: Checked }) {
  const isGood = steps.every(({ outcome }) => outcome !== 'bad')
  return (
    <>
      <p className={`font-semibold ${isGood ? 'text-good' : 'text-bad'}`}>
        <bdi>{name}</bdi>: {isGood ? 'this site has signed this file.' : 'this file is not confirmed.'}
      </p>
      <ol className="mt-1 space-y-1">
        {steps.map(({ outcome, text }) => (
          <li key={text} className="flex items-start gap-2">
            <Icon name={signs[outcome].icon} className={`mt-1 shrink-0 ${signs[outcome].tone}`} />
            <span className="min-w-0 wrap-anywhere">
              <span className="sr-only">{signs[outcome].word}: </span>
              {text}
            </span>
          </li>
        ))}
      </ol>
      {statements.length > 0 && (
        <>
          <p className="mt-2">What is claimed:</p>
          <ul className="list-disc space-y-1 pl-5">
            {statements.map((one, n) => (
              <li key={n} className="wrap-anywhere">
                {describeStatement(one)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
