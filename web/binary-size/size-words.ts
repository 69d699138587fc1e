import { formatExactDelta, formatSizeDelta } from '../ui/signed.ts'
import { formatByteSize, formatExactBytes } from '../ui/byte-size.ts'
import { describePath } from './node-path.ts'
import type { SizeMatches } from './size-search.ts'
import type { SizeKind, SizeNode } from './size-tree.ts'

export const kindWords: Record<SizeKind, string> = {
  FILE: 'file',
  PACKAGE: 'package',
  MODULE: 'module',
  CODE: 'code',
  DATA: 'data',
  FUNCTION: 'function',
  OBJECT: 'object',
  RUNTIME: 'runtime',
  SECTION: 'section',
  OTHER: 'group',
  OWN: 'in none of its parts',
}

/** A part of a whole: `22.5 %`, `< 0.1 %`, `0 %`. */
export function formatShare(bytes: number, wholeBytes: number): string {
  if (bytes === 0 || wholeBytes === 0) return '0 %'
  const percent = (100 * bytes) / wholeBytes
  if (percent < 0.05) return '< 0.1 %'
  return `${bytes === wholeBytes ? '100' : Math.min(percent, 99.9).toFixed(1)} %`
}

/** Description of a node: its path and its sizes, the readable one first. */
export type NodeWords = { path: string; kind: string; facts: readonly string[] }

/** Description of a part of one build. `root`: the whole file. */
export function wordsOfSize(root: SizeNode, node: SizeNode): NodeWords {
  const { rightBytes, kind } = node
  return {
    path: describePath(node),
    kind: kindWords[kind],
    facts: [
      formatByteSize(rightBytes),
      `${formatShare(rightBytes, root.rightBytes)} of the file`,
      formatExactBytes(rightBytes),
    ],
  }
}

/** Description of a part in a comparison of two builds. */
export function wordsOfChange(node: SizeNode): NodeWords {
  const { leftBytes, rightBytes, kind } = node
  return {
    path: describePath(node),
    kind: kindWords[kind],
    facts: [
      noteOfChange(node),
      `${sizeOrAbsent(leftBytes)} → ${sizeOrAbsent(rightBytes)}`,
      formatExactDelta(rightBytes - leftBytes),
    ],
  }
}

/** Text beside a name in the picture: `+4.2 KiB`, `new, +4.2 KiB`. */
export function noteOfChange({ leftBytes, rightBytes }: SizeNode): string {
  const delta = formatSizeDelta(rightBytes - leftBytes)
  if (leftBytes === rightBytes) return leftBytes === 0 ? 'empty' : 'unchanged'
  if (leftBytes === 0) return `new, ${delta}`
  return rightBytes === 0 ? `gone, ${delta}` : delta
}

export function noteOfSize({ rightBytes }: SizeNode): string {
  return formatByteSize(rightBytes)
}

function sizeOrAbsent(bytes: number): string {
  return bytes === 0 ? '∅' : formatByteSize(bytes)
}

/** Summary of a search: `12 parts match: 1.2 MiB, 10.9 % of the file`. */
export function describeMatches({ ids, rightBytes, leftBytes }: SizeMatches, root: SizeNode): string {
  if (ids.size === 0) return 'Nothing matches.'
  const count = `${ids.size.toLocaleString('en-US')} ${ids.size === 1 ? 'part matches' : 'parts match'}`
  const isDiff = root.leftBytes !== root.rightBytes || leftBytes !== rightBytes
  const size = formatByteSize(rightBytes)
  return isDiff
    ? `${count}: ${formatByteSize(leftBytes)} → ${size}, ${formatSizeDelta(rightBytes - leftBytes)}`
    : `${count}: ${size}, ${formatShare(rightBytes, root.rightBytes)} of the file`
}

/** The largest parts that are explained: `ocaml 405 KiB (22.5 %), fmt …`. `most` of them. */
export function describeLargest(root: SizeNode, most: number): string {
  return root.children
    .filter(({ isExplained, rightBytes }) => isExplained && rightBytes > 0)
    .slice(0, most)
    .map(
      ({ name, rightBytes }) =>
        `${name} ${formatByteSize(rightBytes)} (${formatShare(rightBytes, root.rightBytes)})`,
    )
    .join(', ')
}
