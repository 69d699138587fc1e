import { Link } from 'react-router'
import { CopyButton } from './CopyButton.tsx'

/**
 * A hash cut in the middle, with a button that copies it. The whole value is there for screen
 * readers, and is shown while the pointer or the focus is on it. `of` completes "SHA-256 of …". `to`:
 * the page of the content.
 */
export function Hash({ value, of, to }: { value: string; of: string; to?: string }) {
  const digits = (
    <>
      <code aria-hidden="true" className="text-quiet">
        {value.slice(0, 6)}…{value.slice(-6)}
      </code>
      <span className="sr-only">{value}</span>
    </>
  )
  return (
    <span className="hash group relative inline-flex items-center gap-1 whitespace-nowrap">
      {to === undefined ? (
        digits
      ) : (
        <Link to={to} className="text-quiet">
          {digits}
        </Link>
      )}
      <CopyButton text={value} what={`SHA-256 of ${of}`} />
      <code
        aria-hidden="true"
        className="pointer-events-none invisible absolute top-full right-0 z-10 rounded-md border border-line-strong bg-raised px-2 py-1 text-small group-focus-within:visible group-hover:visible narrow:fixed narrow:inset-x-2 narrow:top-auto narrow:bottom-2 narrow:whitespace-normal narrow:break-all"
      >
        {value}
      </code>
    </span>
  )
}
