import { formatDay, formatUtc } from './time.ts'

/** `2026-11-23`, with the exact UTC time as tooltip and for machines. `at`: RFC 3339. */
export function UtcDay({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatUtc(at)} className="whitespace-nowrap">
      {formatDay(at)}
    </time>
  )
}
