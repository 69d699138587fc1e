import { nodesOf, type SizeNode } from './size-tree.ts'

export type SizeMatches = {
  /** Ids of the nodes whose name contains the text. */
  readonly ids: ReadonlySet<number>
  /** The matches, heaviest first, without matches inside of another match. */
  readonly tops: readonly SizeNode[]
  /** Ids of the matches and of all nodes in them. */
  readonly within: ReadonlySet<number>
  /** Bytes of all matches. Nested matches count once. */
  readonly leftBytes: number
  readonly rightBytes: number
}

/** The parts whose name contains `text`, ignoring case. Null if the text is blank. */
export function searchSizes(root: SizeNode, text: string): SizeMatches | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return null
  const ids = new Set<number>()
  const within = new Set<number>()
  const tops: SizeNode[] = []
  let leftBytes = 0
  let rightBytes = 0
  for (const node of nodesOf(root)) {
    // The node for a group's own bytes has the name of the group, so it matches as well.
    const matches = node.kind !== 'OWN' && node.parent !== null && node.name.toLowerCase().includes(wanted)
    const isInMatch = node.parent !== null && within.has(node.parent.id)
    if (matches) ids.add(node.id)
    if (matches || isInMatch) within.add(node.id)
    if (matches && !isInMatch) {
      tops.push(node)
      leftBytes += node.leftBytes
      rightBytes += node.rightBytes
    }
  }
  tops.sort((a, b) => b.weight - a.weight || a.id - b.id)
  return { ids, within, tops, leftBytes, rightBytes }
}
