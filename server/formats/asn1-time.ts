import { type DerPlace, malformed } from './der-header.ts'

const date = String.raw`(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)`
const offset = String.raw`(?<sign>[+-])(?<offsetHours>\d\d)(?<offsetMinutes>\d\d)`
const utcTime = new RegExp(String.raw`^(?<year>\d\d)${date}(?<minute>\d\d)(?<second>\d\d)?(?:Z|${offset})$`)
const generalizedTime = new RegExp(
  String.raw`^(?<year>\d{4})${date}(?:(?<minute>\d\d)(?:(?<second>\d\d)(?:\.(?<fraction>\d+))?)?)?(?:Z|${offset})?$`,
)

/** UTCTime (X.680, 47): two digits of the year, of which 50 to 99 are in the 20th century. Throws MalformedError. */
export function parseUtcTime(text: string, place: DerPlace): Date {
  const fields = utcTime.exec(text)?.groups
  if (!fields) throw malformed(place, 'is not of the form YYMMDDhhmm[ss]Z')
  const year = Number(fields['year'])
  return instant(year < 50 ? 2000 + year : 1900 + year, fields, place)
}

/**
 * GeneralizedTime (X.680, 46) in the forms that builder's decoder accepts: minutes and seconds may be
 * missing, and so may the zone, which is then UTC. A fraction needs a point. Fractions of a millisecond are
 * cut. Throws MalformedError.
 */
export function parseGeneralizedTime(text: string, place: DerPlace): Date {
  const fields = generalizedTime.exec(text)?.groups
  if (!fields) throw malformed(place, 'is not of the form YYYYMMDDhh[mm[ss[.fff]]][Z]')
  return instant(Number(fields['year']), fields, place)
}

/** GeneralizedTime in UTC, the fraction in three digits where it is not zero, as builder's encoder writes it. */
export function formatGeneralizedTime(at: Date): string {
  const iso = at.toISOString()
  if (iso.length !== '0000-00-00T00:00:00.000Z'.length) throw new RangeError(`${iso} is no GeneralizedTime`)
  return iso.replace(/[-:T]/g, '').replace('.000', '')
}

function instant(year: number, fields: Record<string, string | undefined>, place: DerPlace): Date {
  const inRange = (field: string, low: number, high: number): number => {
    const digits = fields[field] ?? '0'
    const value = Number(digits)
    if (value < low || value > high) throw malformed(place, `has ${field} ${digits}`)
    return value
  }
  const month = inRange('month', 1, 12)
  const day = inRange('day', 1, 31)
  const hour = inRange('hour', 0, 23)
  const minute = inRange('minute', 0, 59)
  // 60 is a leap second: the first instant of the next minute, as builder reads it.
  const second = inRange('second', 0, 60)
  const millisecond = Number((fields['fraction'] ?? '').padEnd(3, '0').slice(0, 3))
  const offsetMinutes = inRange('offsetHours', 0, 23) * 60 + inRange('offsetMinutes', 0, 59)

  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  if (at.getUTCDate() !== day) throw malformed(place, `has day ${day} in month ${month}`)
  at.setUTCHours(hour, minute - (fields['sign'] === '-' ? -1 : 1) * offsetMinutes, second, millisecond)
  const isInRange = at.getUTCFullYear() >= 0 && at.getUTCFullYear() <= 9999
  if (!isInRange) throw malformed(place, 'lies outside of the years 0 to 9999')
  return at
}
