import type { TextDiff } from '../diffs/text-diff.ts'
import type { ChangedValue } from '../formats/named-values.ts'

/** What is compared: a container by its format, a part of a program, a text, or bytes that are nothing known. */
export const differenceKinds = [
  'AR',
  'TAR',
  'ZIP',
  'GZIP',
  'XZ',
  'ZSTD',
  'ELF',
  'SECTION',
  'SYMBOL',
  'TEXT',
  'BYTES',
  'METADATA',
] as const
export type DifferenceKind = (typeof differenceKinds)[number]

/** Which side has it. */
export type Presence = 'BOTH' | 'ONLY_LEFT' | 'ONLY_RIGHT'

/**
 * A range in which the sides differ. `left` and `right` are bytes around it as hexadecimal digits, which begin at `leftStart` and
 * `rightStart`; offsets count from the start of the content that is compared. The texts are the printable characters around it;
 * null if there are none.
 */
export type Place = {
  leftOffset: number
  leftBytes: number
  leftStart: number
  left: string
  leftText: string | null
  rightOffset: number
  rightBytes: number
  rightStart: number
  right: string
  rightText: string | null
}

/** What a comparison noticed that tells of a cause. `left` and `right` are examples of it. */
export type Sign = {
  kind: 'ORDER' | 'COLLATION' | 'COMPRESSION' | 'BUILD_ID' | 'COMPILER'
  left: string
  right: string
}

/**
 * A difference and those that it consists of. `remark`: what there is to say in words. `values`: its metadata that differ.
 * `placeCount`: how many places differ, of which `places` are the first.
 */
export type Difference = {
  name: string
  kind: DifferenceKind
  presence: Presence
  leftBytes: number | null
  rightBytes: number | null
  remark: string | null
  values: ChangedValue[]
  places: Place[]
  placeCount: number
  text: TextDiff | null
  signs: Sign[]
  children: Difference[]
}

/** A difference without details. */
export function differenceOf(
  kind: DifferenceKind,
  name: string,
  left: Pick<Uint8Array, 'length'> | null,
  right: Pick<Uint8Array, 'length'> | null,
): Difference {
  return {
    ...{ name, kind },
    presence: left ? (right ? 'BOTH' : 'ONLY_LEFT') : right ? 'ONLY_RIGHT' : 'BOTH',
    leftBytes: left?.length ?? null,
    rightBytes: right?.length ?? null,
    remark: null,
    values: [],
    places: [],
    placeCount: 0,
    text: null,
    signs: [],
    children: [],
  }
}

/** The values that differ. */
export function changedValues(
  rows: readonly (readonly [name: string, left: string, right: string])[],
): ChangedValue[] {
  return rows.flatMap(([name, left, right]) => (left === right ? [] : [{ name, left, right }]))
}

/** Whether something was found. */
export function hasDetails({ remark, values, placeCount, text, children }: Difference): boolean {
  return remark !== null || values.length > 0 || placeCount > 0 || text !== null || children.length > 0
}

export function addRemark(difference: Difference, words: string): void {
  difference.remark = difference.remark === null ? words : `${difference.remark}; ${words}`
}
