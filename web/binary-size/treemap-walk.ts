import { isWithin, type SizeNode } from './size-tree.ts'
import type { Box, Layout } from './treemap-layout.ts'

/** A rectangle in the accessible tree of the picture. */
export type WalkItem = {
  readonly box: Box
  /** Counted from 1, below the view. */
  readonly level: number
  readonly position: number
  /** Null for one without parts; else whether its parts are in the list. */
  readonly isOpen: boolean | null
}

/** Maximum number of siblings in the tree: the heaviest ones. The table has the others. */
const mostSiblings = 300

/** The parts of the view, and of each group on the path to `at`, in the order of the tree. */
export function walkItems(layout: Layout, at: SizeNode | null): WalkItem[] {
  const byParent = boxesByParent(layout)
  const items: WalkItem[] = []
  const add = (group: SizeNode, level: number) => {
    for (const [index, box] of (byParent.get(group) ?? []).slice(0, mostSiblings).entries()) {
      const { node } = box
      const isOpen = node.children.length === 0 ? null : at !== null && at !== node && isWithin(at, node)
      items.push({ box, level, position: index + 1, isOpen })
      if (isOpen) add(node, level + 1)
    }
  }
  add(layout.view, 1)
  return items
}

function boxesByParent({ boxes }: Layout): Map<SizeNode | null, Box[]> {
  const byParent = new Map<SizeNode | null, Box[]>()
  for (const box of boxes) {
    const siblings = byParent.get(box.node.parent)
    if (siblings) siblings.push(box)
    else byParent.set(box.node.parent, [box])
  }
  return byParent
}

/** The rectangle that a key leads to, as in a tree view. Null if the key is not a navigation key or has no target. */
export function walk(layout: Layout, at: SizeNode, key: string): SizeNode | null {
  const siblings = partsShown(layout, at.parent)
  const index = siblings.indexOf(at)
  switch (key) {
    case 'ArrowDown':
      return siblings[index + 1] ?? null
    case 'ArrowUp':
      return siblings[index - 1] ?? null
    case 'Home':
      return siblings[0] ?? null
    case 'End':
      return siblings.at(-1) ?? null
    case 'ArrowRight':
      return partsShown(layout, at)[0] ?? null
    case 'ArrowLeft':
      return at.parent && at.parent !== layout.view ? at.parent : null
    default:
      return null
  }
}

function partsShown({ boxes }: Layout, group: SizeNode | null): SizeNode[] {
  return boxes
    .filter(({ node }) => node.parent === group)
    .slice(0, mostSiblings)
    .map(({ node }) => node)
}

/**
 * The group that a click opens. A click on the head or frame of a group opens that group; any other click opens the
 * part of the view at that point, one level at a time. Null if there is nothing to open.
 */
export function groupToOpen({ view }: Layout, { node }: Box): SizeNode | null {
  if (node === view) return null
  if (node.children.length > 0) return node
  let part = node
  while (part.parent && part.parent !== view) part = part.parent
  return part.children.length > 0 ? part : null
}
