import type { SizeMatches } from './size-search.ts'
import type { SizeNode } from './size-tree.ts'

export type SizeSort = { by: 'name' | 'left' | 'right' | 'change'; isDescending: boolean }

/** A row of the table. Its position among its siblings counts from 1. `isOpen` is null for a row without children. */
export type SizeRow = {
  readonly node: SizeNode
  readonly level: number
  readonly position: number
  readonly siblings: number
  readonly isOpen: boolean | null
}

/** The rows of the tree table below `view`: siblings sorted, the parts of open groups after them. */
export function openRows(view: SizeNode, open: ReadonlySet<number>, sort: SizeSort): SizeRow[] {
  const compare = comparing(sort)
  const rows: SizeRow[] = []
  const add = (group: SizeNode, level: number) => {
    const parts = [...group.children].sort(compare)
    for (const [index, node] of parts.entries()) {
      const isOpen = node.children.length === 0 ? null : open.has(node.id)
      rows.push({ node, level, position: index + 1, siblings: parts.length, isOpen })
      // The depth is limited to the groups that the reader opened.
      if (isOpen) add(node, level + 1)
    }
  }
  add(view, 1)
  return rows
}

/** The results of a search as a flat list. */
export function foundRows({ tops }: SizeMatches, sort: SizeSort): SizeRow[] {
  return [...tops]
    .sort(comparing(sort))
    .map((node, index) => ({ node, level: 1, position: index + 1, siblings: tops.length, isOpen: null }))
}

const names = new Intl.Collator('en', { numeric: true })

function comparing({ by, isDescending }: SizeSort): (a: SizeNode, b: SizeNode) => number {
  const change = ({ leftBytes, rightBytes }: SizeNode) => rightBytes - leftBytes
  const ascending = {
    name: (a: SizeNode, b: SizeNode) => names.compare(a.name, b.name),
    left: (a: SizeNode, b: SizeNode) => a.leftBytes - b.leftBytes,
    right: (a: SizeNode, b: SizeNode) => a.rightBytes - b.rightBytes,
    change: (a: SizeNode, b: SizeNode) => change(a) - change(b),
  }[by]
  return (a, b) => (isDescending ? -ascending(a, b) : ascending(a, b)) || a.id - b.id
}
