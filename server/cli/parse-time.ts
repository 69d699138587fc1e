import { InvalidArgumentError } from 'commander'
import { parseRfc3339 } from '../rfc3339.ts'

/** A time that is given on the command line. Throws InvalidArgumentError. */
export function parseTime(text: string): Date {
  const time = parseRfc3339(text)
  if (!time) throw new InvalidArgumentError('it must be an RFC 3339 time, such as 2026-01-01T00:00:00Z')
  return time
}
