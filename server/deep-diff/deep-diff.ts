import { withFileRanges } from '../formats/file-ranges.ts'
import { compareContent } from './compare-content.ts'
import { limits, type Comparing } from './comparing.ts'
import { findCauses, type BuildTimes, type Cause } from './causes.ts'
import type { Difference } from './difference.ts'

/** A difference in a list of all, in pre-order: `parent` is the number of the one that it is part of, -1 for the first. */
export type ListedDifference = Omit<Difference, 'children' | 'signs'> & { parent: number }

/** Where two files differ, and why. Empty lists: they are equal. */
export type DeepDiff = { causes: Cause[]; differences: ListedDifference[] }

/** Two contents under one name, the files with their symbols, and when they were built. */
export type ComparedContents = {
  name: string
  left: Uint8Array
  right: Uint8Array
  debug?: { left: Uint8Array | null; right: Uint8Array | null }
  times: BuildTimes
}

/**
 * Compares two contents down to the place, through archives, compressed files and programs, and looks for the causes. After eight
 * seconds, 384 MiB of decompressed bytes or 500 differences it goes no deeper, and says so.
 */
export async function diffDeep(
  { name, left, right, debug = { left: null, right: null }, times }: ComparedContents,
  {
    now = () => performance.now(),
    inflatedBytes = limits.inflatedBytes,
  }: Partial<Pick<Comparing, 'now' | 'inflatedBytes'>> = {},
): Promise<DeepDiff> {
  const comparing: Comparing = {
    now,
    deadlineMs: now() + limits.milliseconds,
    inflatedBytes,
    differences: limits.differences,
    text: { characters: limits.textCharacters, milliseconds: limits.milliseconds / 4 },
    debug,
    compare: compareContent,
  }
  const root = await compareContent(name, left, right, comparing, 0)
  if (!root) return { causes: [], differences: [] }
  const differences: Difference[] = []
  const listed: ListedDifference[] = []
  const list = (difference: Difference, parent: number) => {
    const { children, signs: _signs, ...facts } = difference
    differences.push(difference)
    const number = listed.push({ ...facts, parent }) - 1
    for (const child of children) list(child, number)
  }
  list(root, -1)
  return { causes: findCauses(differences, times), differences: listed }
}

/** Paths of files; `leftDebug` and `rightDebug` hold the symbols of programs that have none. */
export type ComparedFiles = {
  name: string
  left: string
  right: string
  leftDebug?: string | undefined
  rightDebug?: string | undefined
  times: BuildTimes
}

/** The task of worker processes that compares two files. Returns a DeepDiff as JSON. */
export async function diffFilesDeep({
  name,
  left,
  right,
  leftDebug,
  rightDebug,
  times,
}: ComparedFiles): Promise<Uint8Array> {
  const read = (path: string) => withFileRanges(path, (file) => file.read(0, file.sizeBytes))
  const debug = {
    left: leftDebug === undefined ? null : read(leftDebug),
    right: rightDebug === undefined ? null : read(rightDebug),
  }
  return Buffer.from(
    JSON.stringify(await diffDeep({ name, left: read(left), right: read(right), debug, times })),
  )
}
