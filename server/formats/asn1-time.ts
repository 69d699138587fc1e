/** Text that is no ASN.1 time; the message is the reason. */
export class Asn1TimeError extends Error {
  override readonly name = 'Asn1TimeError'
}

const date = String.raw`(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)`
const offset = String.raw`(?<sign>[+-])(?<offsetHours>\d\d)(?<offsetMinutes>\d\d)`
const utcTime = new RegExp(String.raw`^(?<year>\d\d)${date}(?<minute>\d\d)(?<second>\d\d)?(?:Z|${offset})$`)
const generalizedTime = new RegExp(
  String.raw`^(?<year>\d{4})${date}(?:(?<minute>\d\d)(?:(?<second>\d\d)(?:\.(?<fraction>\d+))?)?)?(?:Z|${offset})?$`,
)

/** UTCTime (X.680, 47): two digits of the year, of which 50 to 99 are in the 20th century. Throws Asn1TimeError. */
export function parseUtcTime(text: string): Date {
  const fields = utcTime.exec(text)?.groups
  if (!fields) throw new Asn1TimeError('not of the form YYMMDDhhmm[ss]Z')
  const year = numberOf(fields['year'])
  return instant(year < 50 ? 2000 + year : 1900 + year, fields)
}

/**
 * GeneralizedTime (X.680, 46) in the forms that builder's decoder takes: minutes and seconds
 * may be missing, so may the zone (then it is UTC); a fraction needs a point. What is finer
 * than a millisecond is cut. Throws Asn1TimeError.
 */
export function parseGeneralizedTime(text: string): Date {
  const fields = generalizedTime.exec(text)?.groups
  if (!fields) throw new Asn1TimeError('not of the form YYYYMMDDhh[mm[ss[.fff]]][Z]')
  return instant(numberOf(fields['year']), fields)
}

/** GeneralizedTime in UTC, the fraction in three digits where it is not zero, as builder's encoder writes it. */
export function formatGeneralizedTime(at: Date): string {
  const iso = at.toISOString()
  if (iso.length !== '0000-00-00T00:00:00.000Z'.length)
    throw new RangeError(`no GeneralizedTime for year ${iso}`)
  return iso.replace(/[-:T]/g, '').replace('.000', '')
}

function instant(year: number, fields: Record<string, string | undefined>): Date {
  const [month, day] = [inRange(fields['month'], 'month', 1, 12), inRange(fields['day'], 'day', 1, 31)]
  const hour = inRange(fields['hour'], 'hour', 0, 23)
  const minute = inRange(fields['minute'], 'minute', 0, 59)
  // 60 is a leap second: the first instant of the next minute, as builder reads it.
  const second = inRange(fields['second'], 'second', 0, 60)
  const millisecond = numberOf((fields['fraction'] ?? '').padEnd(3, '0').slice(0, 3))

  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  if (at.getUTCDate() !== day) throw new Asn1TimeError(`month ${month} has no day ${day}`)
  at.setUTCHours(hour, minute, second, millisecond)

  const offsetHours = inRange(fields['offsetHours'], 'offset', 0, 23)
  const offsetMinutes = offsetHours * 60 + inRange(fields['offsetMinutes'], 'offset', 0, 59)
  at.setTime(at.getTime() - (fields['sign'] === '-' ? -1 : 1) * offsetMinutes * 60_000)
  if (at.getUTCFullYear() < 0 || at.getUTCFullYear() > 9999) throw new Asn1TimeError('year is out of range')
  return at
}

function inRange(digits: string | undefined, what: string, low: number, high: number): number {
  if (digits === undefined) return 0
  const value = numberOf(digits)
  if (value < low || value > high) throw new Asn1TimeError(`${what} ${digits} is out of range`)
  return value
}

function numberOf(digits: string | undefined): number {
  return Number(digits ?? 0)
}
