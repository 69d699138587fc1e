import { interpolateNumberArray } from 'd3-interpolate'
import { isWithin, type SizeNode } from './size-tree.ts'
import type { Box, Layout, Rect } from './treemap-layout.ts'

/** Role of a box in a transition. */
export type Fate = 'stays' | 'comes' | 'goes'

/** A box that is drawn on the way. The moves of its parts end before the move `end`. */
export type Move = { readonly box: Box; readonly fate: Fate; readonly end: number }

export type Transition = {
  /** Moves, each group before its parts. Disappearing boxes are drawn below the others. */
  readonly moves: readonly Move[]
  /** Four numbers for each move (x0, y0, x1, y1) at `t` from 0 to 1. The same array at every call. */
  readonly placesAt: (t: number) => Float32Array
}

/**
 * Transition between two layouts of the same tree. Boxes in both layouts move. Boxes in only one of them move with
 * the group that is entered or left.
 */
export function transitionOf(from: Layout, to: Layout): Transition {
  const before = new Map(from.boxes.map((box) => [box.node.id, box]))
  const after = new Map(to.boxes.map((box) => [box.node.id, box]))
  const pivot = pivotOf(from, to, before, after)
  const outwards = projection(pivot.from, pivot.to)
  const inwards = projection(pivot.to, pivot.from)

  const moves: Move[] = []
  const starts: number[] = []
  const ends: number[] = []
  const add = (boxes: readonly Box[], fateOf: (box: Box) => Fate | null) => {
    const fates = boxes.map(fateOf)
    // How many boxes before each one take part: turns places in the layout into places among the moves.
    const taken = [moves.length]
    for (const fate of fates) taken.push((taken.at(-1) ?? 0) + (fate ? 1 : 0))
    for (const [index, box] of boxes.entries()) {
      const fate = fates[index]
      if (!fate) continue
      const start = fate === 'goes' ? box : fate === 'comes' ? inwards(box) : (before.get(box.node.id) ?? box)
      const end = fate === 'goes' ? outwards(box) : box
      moves.push({ box, fate, end: taken[box.end] ?? 0 })
      starts.push(start.x0, start.y0, start.x1, start.y1)
      ends.push(end.x0, end.y0, end.x1, end.y1)
    }
  }
  add(from.boxes, ({ node }) => (after.has(node.id) ? null : 'goes'))
  add(to.boxes, ({ node }) => (before.has(node.id) ? 'stays' : 'comes'))
  return { moves, placesAt: interpolateNumberArray(Float32Array.from(starts), Float32Array.from(ends)) }
}

/** The place of the same group in both layouts: the inner one of both views, or what holds it and is shown. */
function pivotOf(
  from: Layout,
  to: Layout,
  before: ReadonlyMap<number, Box>,
  after: ReadonlyMap<number, Box>,
): { from: Rect; to: Rect } {
  const inner = isWithin(to.view, from.view) ? to.view : from.view
  for (let node: SizeNode | null = inner; node; node = node.parent) {
    const old = before.get(node.id)
    const next = after.get(node.id)
    if (old && next) return { from: old, to: next }
  }
  return { from: wholeOf(from), to: wholeOf(to) }
}

function wholeOf({ width, height }: Layout): Rect {
  return { x0: 0, y0: 0, x1: width, y1: height }
}

/** Limit of coordinates in pixels: larger ones are not visible, and `Float32Array` becomes inexact. */
const farthest = 50_000

/** Moves rectangles as `from` is moved to `to`. */
function projection(from: Rect, to: Rect): (rect: Rect) => Rect {
  const scaleX = (to.x1 - to.x0) / Math.max(from.x1 - from.x0, 1e-6)
  const scaleY = (to.y1 - to.y0) / Math.max(from.y1 - from.y0, 1e-6)
  const bound = (value: number) => Math.min(farthest, Math.max(-farthest, value))
  const x = (value: number) => bound(to.x0 + (value - from.x0) * scaleX)
  const y = (value: number) => bound(to.y0 + (value - from.y0) * scaleY)
  return (rect) => ({ x0: x(rect.x0), y0: y(rect.y0), x1: x(rect.x1), y1: y(rect.y1) })
}
