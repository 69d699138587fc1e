import { useEffect, useState } from 'react'
import { Icon } from './Icon.tsx'

type State = 'ready' | 'copied' | 'failed'
const spoken: Record<State, string> = { ready: '', copied: 'Copied', failed: 'Copying failed' }

/** Puts `text` on the clipboard and says so. `what` completes "Copy …". */
export function CopyButton({ text, what }: { text: string | (() => string); what: string }) {
  const [state, setState] = useState<State>('ready')

  useEffect(() => {
    if (state === 'ready') return
    const timer = setTimeout(() => setState('ready'), 2000)
    return () => clearTimeout(timer)
  }, [state])

  async function copy() {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
      setState('copied')
    } catch {
      // Without a secure context, or without the permission, there is no clipboard.
      setState('failed')
    }
  }

  const icon = state === 'copied' ? 'check' : state === 'failed' ? 'cross' : 'copy'
  const tone = state === 'copied' ? 'text-good' : state === 'failed' ? 'text-bad' : ''
  return (
    <>
      <button
        type="button"
        className={`icon-button ${tone}`}
        onClick={() => void copy()}
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
      >
        <Icon name={icon} />
      </button>
      <span role="status" className="sr-only">
        {spoken[state]}
      </span>
    </>
  )
}
