import { useState } from 'react'
import { cutText } from './cut-text.ts'

const lettersAtFirst = 280

/** A text that may be very long: its beginning, and a button for the rest. */
export function LongText({ text, what }: { text: string; what: string }) {
  const [isWhole, setIsWhole] = useState(false)
  const beginning = cutText(text, lettersAtFirst)
  if (beginning === text) return text
  return (
    <>
      <span className="whitespace-pre-wrap">{isWhole ? text : beginning}</span>{' '}
      <button
        type="button"
        aria-expanded={isWhole}
        className="text-small font-normal whitespace-nowrap text-accent underline-offset-3 hover:underline"
        onClick={() => setIsWhole(!isWhole)}
      >
        {isWhole ? 'Show less' : `Show ${what} (${text.length.toLocaleString('en-US')} characters)`}
      </button>
    </>
  )
}
