import { causeWords, describeCause, pathOf, summarizeDeepDiff } from '../deep-diff/cause-words.ts'
import type { DeepDiff, ListedDifference } from '../deep-diff/deep-diff.ts'
import type { Place } from '../deep-diff/difference.ts'
import { unifiedDiff } from '../diffs/text-diff.ts'

/** Why two files differ, and where, as lines for a terminal. Control characters of the files are still in them. */
export function deepDiffLines(diff: DeepDiff): string[] {
  return [
    summarizeDeepDiff(diff),
    ...diff.causes.flatMap((cause) => [
      '',
      `${cause.likelihood.toLowerCase()}: ${describeCause(cause)} ${causeWords[cause.kind].advice}`,
      ...cause.evidence.map(
        ({ difference, left, right }) => `  ${pathOf(diff.differences, difference)}: ${left} → ${right}`,
      ),
      ...(cause.evidenceCount > cause.evidence.length
        ? [`  … and ${cause.evidenceCount - cause.evidence.length} more`]
        : []),
    ]),
    '',
    ...treeLines(diff.differences),
  ]
}

function treeLines(differences: readonly ListedDifference[]): string[] {
  const depths: number[] = []
  return differences.flatMap((difference) => {
    const depth = difference.parent < 0 ? 0 : (depths[difference.parent] ?? 0) + 1
    depths.push(depth)
    return detailLines(difference).map((line, i) => `${'  '.repeat(i === 0 ? depth : depth + 1)}${line}`)
  })
}

const presenceWords = { BOTH: '', ONLY_LEFT: ', only left', ONLY_RIGHT: ', only right' }

function detailLines(difference: ListedDifference): string[] {
  const { name, kind, presence, leftBytes, rightBytes, remark, values, places, placeCount, text } = difference
  const sizes = leftBytes === rightBytes ? [leftBytes] : [leftBytes, rightBytes]
  const size = sizes.flatMap((bytes) => (bytes === null ? [] : [`${bytes}`])).join(' → ')
  return [
    `${name} (${kind.toLowerCase()}${size === '' ? '' : `, ${size} bytes`}${presenceWords[presence]})`,
    ...(remark === null ? [] : [`${remark}`]),
    ...values.map((value) => `${value.name}: ${value.left} → ${value.right}`),
    ...(text ? unifiedDiff(text, 'left', 'right').trimEnd().split('\n').slice(2) : []),
    ...places.flatMap(placeLines),
    ...(placeCount > places.length ? [`… ${placeCount - places.length} more places differ`] : []),
  ]
}

function placeLines(place: Place): string[] {
  return [
    ...hexdump(place.left, place.leftStart).map((row) => `- ${row}`),
    ...hexdump(place.right, place.rightStart).map((row) => `+ ${row}`),
  ]
}

const rowBytes = 16

/** `00000010  48 65 6c 6c 6f …  |Hello…|` */
function hexdump(hex: string, start: number): string[] {
  const bytes = Buffer.from(hex, 'hex')
  const rows: string[] = []
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const row = bytes.subarray(at, at + rowBytes)
    const digits = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = [...row]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('')
    rows.push(`${(start + at).toString(16).padStart(8, '0')}  ${digits.padEnd(rowBytes * 3 - 1)}  |${text}|`)
  }
  return rows
}
