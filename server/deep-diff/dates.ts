/** A date or time in a text: the earliest and the latest moment that it may mean, in milliseconds since 1970. */
export type TextDate = { fromMs: number; toMs: number }

const dayMs = 86_400_000
/** Local time of any zone. */
const zoneMs = 14 * 3_600_000
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthPattern = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*'

/** Dates as compilers, packers and `date` write them, and seconds since 1970. */
export const datePattern = new RegExp(
  [
    String.raw`(?<!\d)(?:19|20)\d\d[-/.](?:0\d|1[0-2])[-/.](?:[0-2]\d|3[01])(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)`,
    String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:${monthPattern} {1,2}\d{1,2},?(?: \d\d:\d\d:\d\d)?(?: [A-Z]{3,4})? (?:19|20)\d\d|\d{1,2} ${monthPattern} (?:19|20)\d\d(?: \d\d:\d\d(?::\d\d)?(?: [+-]\d{4})?)?)`,
    String.raw`(?<!\d)\d\d:\d\d:\d\d(?!\d)`,
    String.raw`(?<![\w.])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T-]?\d{4,6}Z?)?(?!\w)`,
    String.raw`(?<![\w.])1\d{9}(?![\w])`,
  ].join('|'),
  'g',
)

/** What moment a match of `datePattern` means; null for a time without a date, and for what is no date. */
export function parseDate(text: string): TextDate | null {
  if (/^1\d{9}$/.test(text)) return { fromMs: Number(text) * 1000, toMs: Number(text) * 1000 + 999 }
  const compact = /^(\d{4})(\d\d)(\d\d)(?:[T-]?(\d\d)(\d\d)(\d\d)?Z?)?$/.exec(text)
  const plain =
    /^(\d{4})[-/.](\d\d)[-/.](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
      text,
    )
  const numbers = compact ?? plain
  if (numbers) {
    const [, year, month, day, hour, minute, second, zone] = numbers
    return span(Number(year), Number(month) - 1, Number(day), [hour, minute, second], zone)
  }
  const month = months.indexOf((new RegExp(monthPattern).exec(text)?.[0] ?? '').slice(0, 3).toLowerCase())
  const year = /(?:19|20)\d\d(?!:)/.exec(text.replace(/^.*?(?=\b(?:19|20)\d\d\b)/, ''))?.[0]
  const day = /(?<![\d:])\d{1,2}(?![\d:])/.exec(text)?.[0]
  if (month < 0 || year === undefined || day === undefined) return null
  const [, hour, minute, second] = /(\d\d):(\d\d)(?::(\d\d))?/.exec(text) ?? []
  return span(Number(year), month, Number(day), [hour, minute, second], /[+-]\d{4}$/.exec(text)?.[0])
}

function span(
  year: number,
  month: number,
  day: number,
  [hour, minute, second]: readonly (string | undefined)[],
  zone: string | undefined,
): TextDate {
  const start = Date.UTC(year, month, day, Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0))
  const precisionMs = hour === undefined ? dayMs : second === undefined ? 60_000 : 1000
  if (zone === 'Z') return { fromMs: start, toMs: start + precisionMs }
  const offset = /([+-])(\d\d):?(\d\d)/.exec(zone ?? '')
  if (offset) {
    const ms = (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 * (offset[1] === '-' ? 1 : -1)
    return { fromMs: start + ms, toMs: start + ms + precisionMs }
  }
  return { fromMs: start - zoneMs, toMs: start + precisionMs + zoneMs }
}

/** When a build ran, in milliseconds since 1970. */
export type BuildTime = { startedAt: number; finishedAt: number }

/** Clocks of builders are not exact, and a package is packed some time after its build. */
const toleranceMs = 3_600_000

/** Whether a date is from when a build ran. */
export function isOfBuild({ fromMs, toMs }: TextDate, { startedAt, finishedAt }: BuildTime): boolean {
  return toMs >= startedAt - toleranceMs && fromMs <= finishedAt + toleranceMs
}
