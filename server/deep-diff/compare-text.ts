import { diffTexts } from '../diffs/text-diff.ts'
import { decodeExactly } from '../formats/exact-text.ts'
import type { Comparing } from './comparing.ts'
import { addRemark, differenceOf, type Difference, type Sign } from './difference.ts'
import { addPlaces } from './places.ts'

const lookedAtBytes = 64 * 1024

/** Whether a content is text: without control characters other than white space, as far as the first 64 KiB tell. */
export function isText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, lookedAtBytes)
  for (const byte of start) if (byte < 0x20 ? byte < 0x09 || byte > 0x0d : byte === 0x7f) return false
  return true
}

/** Compares two texts line by line. JSON in one line is compared as if it were printed in many. */
export function compareText(
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
): Difference {
  const difference = differenceOf('TEXT', name, left, right)
  let [one, other] = [decodeExactly(left), decodeExactly(right)]
  const [printed, otherPrinted] = [printJson(one), printJson(other)]
  if (printed !== null && otherPrinted !== null) [one, other] = [printed, otherPrinted]
  if (hasLongLine(one) || hasLongLine(other)) {
    addPlaces(difference, left, right)
    return difference
  }
  addTextDiff(difference, one, other, comparing)
  // Blanks between the values of JSON.
  if (difference.text?.hunks.length === 0) addPlaces(difference, left, right)
  return difference
}

/** Adds how two texts differ, and whether that is the order of their lines alone. */
export function addTextDiff(difference: Difference, left: string, right: string, comparing: Comparing): void {
  difference.text = diffTexts(left, right, comparing.text)
  const sign = orderSign(left.split('\n'), right.split('\n'))
  if (sign) {
    difference.signs.push(sign)
    addRemark(difference, 'the same lines in another order')
  }
}

const longestLine = 4_096

/** Whether a text has a line that nobody can read: it is compared as bytes. */
export function hasLongLine(text: string): boolean {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start)
    if (end < 0) end = text.length
    if (end - start > longestLine) return true
  }
  return false
}

const shortestJson = 80

function printJson(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed.length < shortestJson || trimmed.includes('\n') || !/^[{[]/.test(trimmed)) return null
  try {
    return `${JSON.stringify(JSON.parse(trimmed), null, 2)}\n`
  } catch {
    return null
  }
}

/** Fewer in another order tell nothing of a locale. */
const fewestSorted = 3
const languages = ['en', 'de', 'cs', 'sv']

/** Whether two lists hold the same in another order, with the first that differ; null if they do not. */
export function orderSign(left: readonly string[], right: readonly string[]): Sign | null {
  if (left.length !== right.length) return null
  const [one, other] = [left.toSorted(), right.toSorted()]
  if (!one.every((item, i) => item === other[i])) return null
  const at = left.findIndex((item, i) => item !== right[i])
  if (at < 0) return null
  const isOfLocales = isSorted(left, one) ? isCollated(right) : isSorted(right, one) && isCollated(left)
  return { kind: isOfLocales ? 'COLLATION' : 'ORDER', left: left[at] ?? '', right: right[at] ?? '' }
}

const withoutEmpty = (list: readonly string[]) => list.filter((item) => item !== '')

function isSorted(list: readonly string[], sorted: readonly string[]): boolean {
  const own = withoutEmpty(list)
  return withoutEmpty(sorted).every((item, i) => item === own[i])
}

/** Whether a list is sorted as people of some language sort. */
function isCollated(list: readonly string[]): boolean {
  const items = withoutEmpty(list)
  if (items.length < fewestSorted) return false
  return languages.some((language) => {
    const { compare } = new Intl.Collator(language, { ignorePunctuation: true })
    const plain = new Intl.Collator(language).compare
    const inOrder = (by: typeof compare) =>
      items.every((item, i) => i === 0 || by(items[i - 1] ?? '', item) <= 0)
    return inOrder(compare) || inOrder(plain)
  })
}
