import { parseRfc3339 } from '../rfc3339.ts'

/** The most characters that a search may have. */
export const maxTermLength = 200
/** Words that are looked at: the first ones. */
const maxWords = 8

/** What somebody looks for, by what it can find. */
export type SearchTerm = {
  /** As it was typed, in lower case, without blanks around it. */
  text: string
  /** A whole SHA-256: 64 lower-case hexadecimal digits. */
  sha256: string | null
  /** A whole UUID, in lower case. */
  uuid: string | null
  /** The first digits of a SHA-256: 6 to 63 of them. */
  digits: string | null
  /** The first characters of a UUID: 6 or more. */
  uuidStart: string | null
  /** A day or a month that it names, in UTC: from the one instant, before the other. */
  days: { since: Date; until: Date } | null
  /** Runs of letters and digits of the rest, in lower case, each once. */
  words: string[]
}

/**
 * Reads what somebody looks for. `sha256:` before a hash, as tools print it, is understood; so are capitals, blanks between
 * groups of digits, and whole lines of `sha256sum` and `sha256`.
 */
export function readTerm(input: string): SearchTerm {
  const text = input.trim().normalize('NFC').toLowerCase()
  const [days, rest] = takeDays(text)
  const words = rest.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return {
    text,
    sha256: wholeHash(text),
    uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null,
    digits: /^[0-9a-f]{6,63}$/.test(text) ? text : null,
    uuidStart: isStartOfUuid(text) ? text : null,
    days,
    words: [...new Set(words)].slice(0, maxWords),
  }
}

function wholeHash(text: string): string | null {
  return (
    /^(?:sha256[:= ]\s*)?([0-9a-f]{64})$/.exec(text)?.[1] ??
    /^\\?([0-9a-f]{64}) [ *]/.exec(text)?.[1] ??
    /^sha256 \(.*\) = ([0-9a-f]{64})$/.exec(text)?.[1] ??
    /^[0-9a-f]{64}$/.exec(text.replaceAll(' ', ''))?.[0] ??
    null
  )
}

/** A word without any digit, such as `facade`, is one. */
function isStartOfUuid(text: string): boolean {
  const whole = '00000000-0000-4000-8000-000000000000'
  return (
    text.length >= 6 &&
    /\d/.test(text) &&
    /^[0-9a-f-]{6,36}$/.test(text) &&
    [...text].every((character, at) => (character === '-') === (whole[at] === '-'))
  )
}

/** The first day (`2026-11-23`) or month (`2026-11`) of a text, and the text without it. */
function takeDays(text: string): [SearchTerm['days'], string] {
  const match = /(?<![^\s])(\d{4}-\d\d)(-\d\d)?(?![^\s])/.exec(text)
  const [found = '', month = '', day] = match ?? []
  const since = match && parseRfc3339(`${month}${day ?? '-01'}T00:00:00Z`)
  if (!since) return [null, text]
  const until = new Date(since)
  if (day === undefined) until.setUTCMonth(until.getUTCMonth() + 1)
  else until.setUTCDate(until.getUTCDate() + 1)
  return [{ since, until }, text.replace(found, ' ')]
}

/** The words for the tables of words (migration 0042): `dns* prim*` finds what has words that begin so. Null: there are none. */
export const matchOf = ({ words }: Pick<SearchTerm, 'words'>): string | null =>
  words.length === 0 ? null : words.map((word) => `${word}*`).join(' ')
