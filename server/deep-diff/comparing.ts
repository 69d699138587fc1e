import type { TextBudget } from '../diffs/text-diff.ts'
import { addRemark, type Difference } from './difference.ts'

/** Compares two contents; null if they are equal. */
export type Compare = (
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
  depth: number,
) => Promise<Difference | null>

/** One comparison under way: what all its parts may still use together. Each part takes its share off. */
export type Comparing = {
  /** A clock in milliseconds, and when to descend no further. */
  now: () => number
  deadlineMs: number
  /** Bytes that may still be decompressed, on both sides together. */
  inflatedBytes: number
  /** Differences that may still be added. */
  differences: number
  text: TextBudget
  /** Files with the symbols of the programs that are compared first, where these lack them. */
  debug: { left: Uint8Array | null; right: Uint8Array | null }
  compare: Compare
}

export const limits = {
  /** A package in an archive in an image has less. */
  depth: 8,
  milliseconds: 8_000,
  inflatedBytes: 384 * 1024 ** 2,
  differences: 500,
  members: 20_000,
  textBytes: 4 * 1024 ** 2,
  textCharacters: 512 * 1024,
}

/** Whether the time is over. */
export function isLate({ now, deadlineMs }: Comparing): boolean {
  return now() > deadlineMs
}

/**
 * Adds differences to the one that consists of them, as long as there is room. `more` counts those that were found but not
 * compared.
 */
export function addChildren(
  parent: Difference,
  children: readonly Difference[],
  comparing: Comparing,
  more = 0,
): void {
  const room = Math.max(0, comparing.differences)
  const added = children.slice(0, room)
  comparing.differences -= added.length
  parent.children.push(...added)
  const left = children.length - added.length + more
  if (left > 0)
    addRemark(parent, `${left} more ${left === 1 ? 'difference is' : 'differences are'} not listed`)
}
