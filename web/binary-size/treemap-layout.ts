import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'
import type { SizeNode } from './size-tree.ts'

/** A rectangle in pixels, from the top left of the picture. */
export type Rect = { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }

/**
 * A rectangle of the picture. `headHeight`: of the strip on top that bears the name of a group. The boxes of
 * its parts are those from the one after it up to (excluding) `end`.
 */
export type Box = Rect & { readonly node: SizeNode; readonly headHeight: number; readonly end: number }

export type Layout = {
  readonly view: SizeNode
  readonly width: number
  readonly height: number
  /** Boxes that are large enough to be visible, each group before its parts. */
  readonly boxes: readonly Box[]
}

export const headHeight = 18
/** Minimum side of a group. A smaller one is drawn as a single rectangle. */
const leastGroup = 7
/** Maximum share of the head, so that it does not hide the parts of the group. */
const leastHeaded = { width: 44, height: 46 }
/** Minimum side of a visible rectangle. */
const leastSide = 0.75
/** Groups in groups that are no smaller than these: a chain of them must not cost a second. */
const mostNested = 48

/** Wider than high: names are. */
const tile = treemapSquarify.ratio(1.35)

/** Lays out `view` on `width` × `height` pixels, only as deep as rectangles are visible. */
export function layoutTreemap(view: SizeNode, width: number, height: number): Layout {
  const boxes: Draft[] = []
  const open: Draft[] = [
    { node: view, x0: 0, y0: 0, x1: Math.max(0, width), y1: Math.max(0, height), headHeight: 0, end: 0 },
  ]
  // The groups that the box after the last one may lie in.
  const around: Draft[] = []
  for (let box = open.pop(); box; box = open.pop()) {
    for (let last = around.at(-1); last && last.node !== box.node.parent; last = around.at(-1)) {
      last.end = boxes.length
      around.pop()
    }
    around.push(box)
    boxes.push(box)
    if (!isOpened(box, view)) continue
    const inner = innerOf(box, box.node === view)
    const parts = placeParts(box.node, inner)
    // The last is taken first: the heaviest comes first in the drawing as well.
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]
      if (part) open.push(part)
    }
  }
  for (const box of around) box.end = boxes.length
  return { view, width, height, boxes }
}

type Draft = { -readonly [Key in keyof Box]: Box[Key] }

function isOpened({ node, x0, y0, x1, y1 }: Draft, view: SizeNode): boolean {
  if (node.weight === 0 || node.children.length === 0) return false
  if (node.depth - view.depth > mostNested) return false
  return Math.min(x1 - x0, y1 - y0) >= leastGroup
}

/** The area for the parts of a group: below the head, within the frame. */
function innerOf({ x0, y0, x1, y1, headHeight: head }: Draft, isView: boolean): Rect {
  if (isView) return { x0, y0, x1, y1 }
  const frame = Math.min(x1 - x0, y1 - y0) > 24 ? 2 : 1
  return { x0: x0 + frame, y0: y0 + (head > 0 ? head : frame), x1: x1 - frame, y1: y1 - frame }
}

function placeParts(group: SizeNode, { x0, y0, x1, y1 }: Rect): Draft[] {
  const level = hierarchy(group, (node) => (node === group ? node.children : null)).sum((node) =>
    node === group ? 0 : node.weight,
  )
  const placed = treemap<SizeNode>()
    .tile(tile)
    .size([x1 - x0, y1 - y0])(level)
  const boxes: Draft[] = []
  for (const part of placed.children ?? []) {
    const width = part.x1 - part.x0
    const height = part.y1 - part.y0
    if (width < leastSide || height < leastSide) continue
    const isHeaded =
      part.data.children.length > 0 && width >= leastHeaded.width && height >= leastHeaded.height
    boxes.push({
      node: part.data,
      x0: x0 + part.x0,
      y0: y0 + part.y0,
      x1: x0 + part.x1,
      y1: y0 + part.y1,
      headHeight: isHeaded ? headHeight : 0,
      end: 0,
    })
  }
  return boxes
}

/** The innermost box at a point. Null outside of the picture. */
export function boxAt({ boxes }: Layout, x: number, y: number): Box | null {
  // Parts come after their groups.
  for (let i = boxes.length - 1; i >= 0; i--) {
    const box = boxes[i]
    if (box && x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1) return box
  }
  return null
}
