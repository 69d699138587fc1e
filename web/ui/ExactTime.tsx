import { useNow } from './now.ts'
import { formatRelative, formatUtc } from './time.ts'

/** `2026-11-23 08:12:45Z`, with the relative time as tooltip. `at`: RFC 3339. */
export function ExactTime({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={formatRelative(at, now)} className="tabular-nums">
      {formatUtc(at)}
    </time>
  )
}
