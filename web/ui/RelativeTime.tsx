import { useNow } from './now.ts'
import { formatRelative, formatUpcoming, formatUtc } from './time.ts'

/** `3 hours ago`, with the exact UTC time as tooltip and for machines. `at`: RFC 3339. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={formatUtc(at)} className="whitespace-nowrap">
      {formatRelative(at, now)}
    </time>
  )
}

/** `in 3 hours`, of something planned, with the exact UTC time as tooltip and for machines. `at`: RFC 3339. */
export function UpcomingTime({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={formatUtc(at)} className="whitespace-nowrap">
      {formatUpcoming(at, now)}
    </time>
  )
}
