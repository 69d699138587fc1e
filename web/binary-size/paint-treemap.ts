import { fitLabel, type Measure } from './fit-label.ts'
import type { CanvasTokens } from './read-tokens.ts'
import type { SizeMatches } from './size-search.ts'
import type { SizeNode } from './size-tree.ts'
import type { Colours, Fill } from './treemap-colours.ts'
import type { Box } from './treemap-layout.ts'
import type { Fate } from './treemap-transition.ts'

/** Properties that do not change between the frames of an animation. */
export type Look = {
  readonly tokens: CanvasTokens
  readonly colours: Colours
  /** Text below or beside a name: `405 KiB`. */
  readonly note: (node: SizeNode) => string
  readonly matches: SizeMatches | null
  readonly measure: Measure
  readonly hatching: CanvasPattern | null
}

/** Boxes to draw: each group before its parts, which end before the entry `end`. */
export type Scene = {
  readonly boxes: readonly { readonly box: Box; readonly fate: Fate; readonly end: number }[]
  /** x0, y0, x1, y1 of each box. */
  readonly places: Float32Array
  readonly alphas: Readonly<Record<Fate, number>>
  /** Whether the scene is a frame of an animation, where speed counts. */
  readonly isMoving: boolean
}

export const labelSize = 11.5
const padding = 5
/** Smaller boxes are skipped during an animation: area in square pixels, and side of an opened group. */
const leastMoving = { area: 14, side: 9 }
/** Opacity of nodes that do not match the search. */
const unfoundAlpha = { group: 0.5, leaf: 0.25 }

export type Canvas2D = CanvasRenderingContext2D

/** Draws a scene on `width` × `height` CSS pixels. */
export function paintTreemap(
  canvas: Canvas2D,
  scene: Scene,
  look: Look,
  { width, height }: { width: number; height: number },
): void {
  const { boxes, places, alphas, isMoving } = scene
  const { tokens, colours, matches } = look
  canvas.globalAlpha = 1
  canvas.fillStyle = tokens.gap
  canvas.fillRect(0, 0, width, height)
  canvas.font = `500 ${labelSize}px ${tokens.font}`
  canvas.textBaseline = 'alphabetic'
  const found: Found[] = []
  for (let i = 0; i < boxes.length; i++) {
    const entry = boxes[i]
    if (!entry) break
    const { box, fate } = entry
    const x0 = places[4 * i] ?? 0
    const y0 = places[4 * i + 1] ?? 0
    const w = (places[4 * i + 2] ?? 0) - x0
    const h = (places[4 * i + 3] ?? 0) - y0
    const isSmall = w < 0.5 || h < 0.5 || (isMoving && w * h < leastMoving.area)
    if (isSmall || x0 >= width || y0 >= height || x0 + w <= 0 || y0 + h <= 0) {
      // Its parts are not visible either. During an animation, parts may move ahead of their group.
      if (!isMoving || fate === 'goes') i = Math.max(i, entry.end - 1)
      continue
    }
    const { node } = box
    const isGroup = node.children.length > 0
    const isDim = matches !== null && !matches.within.has(node.id)
    const fill = colours(node)
    // A line separates neighbours, unless they are as thin as the line.
    const gap = w > 3 && h > 3 ? 1 : w > 1.5 && h > 1.5 ? 0.4 : 0
    const alpha = alphas[fate]
    canvas.globalAlpha = alpha * (!isDim ? 1 : isGroup ? unfoundAlpha.group : unfoundAlpha.leaf)
    canvas.fillStyle = fill.colour
    canvas.fillRect(x0, y0, w - gap, h - gap)
    if (fill.isHatched && look.hatching && w * h > 60) {
      canvas.fillStyle = look.hatching
      canvas.fillRect(x0, y0, w - gap, h - gap)
    }
    if (matches?.ids.has(node.id)) found.push({ x: x0, y: y0, w: w - gap, h: h - gap, alpha })
    if (w > 26 && h > 13 && node.parent) {
      canvas.globalAlpha = isDim ? alpha * 0.55 : alpha
      canvas.fillStyle = tokens.text
      paintLabel(canvas, box, look, { x0, y0, w, h }, fill)
    }
    if (isMoving && (w < leastMoving.side || h < leastMoving.side)) i = Math.max(i, entry.end - 1)
  }
  outlineFound(canvas, found, tokens.text)
  canvas.globalAlpha = 1
}

type Found = { x: number; y: number; w: number; h: number; alpha: number }

function outlineFound(canvas: Canvas2D, found: readonly Found[], colour: string): void {
  canvas.strokeStyle = colour
  for (const { x, y, w, h, alpha } of found) {
    canvas.globalAlpha = alpha
    canvas.lineWidth = Math.min(1.5, w / 2, h / 2)
    canvas.strokeRect(
      x + canvas.lineWidth / 2,
      y + canvas.lineWidth / 2,
      w - canvas.lineWidth,
      h - canvas.lineWidth,
    )
  }
}

function paintLabel(
  canvas: Canvas2D,
  { node, headHeight }: Box,
  { note, measure }: Look,
  { x0, y0, w, h }: { x0: number; y0: number; w: number; h: number },
  { colour, isHatched }: Fill,
): void {
  const room = w - 2 * padding
  const isGroup = node.children.length > 0
  // A group whose parts are drawn has room for text only in its head.
  if (isGroup && headHeight === 0 && Math.min(w, h) >= 7) return
  const name = nameOf(node)
  const alpha = canvas.globalAlpha
  if (isGroup && headHeight > 0) {
    const label = fitLabel(name, room, measure)
    if (!label) return
    canvas.fillText(label, x0 + padding, y0 + 13)
    const text = note(node)
    const textWidth = measure(text)
    if (label === name && measure(name) + textWidth + 10 <= room) {
      canvas.globalAlpha = alpha * 0.78
      canvas.fillText(text, x0 + w - padding - textWidth, y0 + 13)
    }
    return
  }
  if (h < 15) return
  const label = fitLabel(name, room, measure)
  if (!label) return
  const text = note(node)
  const hasNote = h >= 33 && measure(text) <= room
  if (isHatched) {
    // Text across hatching is hard to read.
    const ink = canvas.fillStyle
    const width = Math.max(measure(label), hasNote ? measure(text) : 0)
    canvas.fillStyle = colour
    canvas.fillRect(x0 + padding - 3, y0 + 3, width + 6, hasNote ? 30 : Math.min(h - 5, 16))
    canvas.fillStyle = ink
  }
  canvas.fillText(label, x0 + padding, y0 + (h < 22 ? (h + labelSize) / 2 - 1.5 : 15))
  if (!hasNote) return
  canvas.globalAlpha = alpha * 0.78
  canvas.fillText(text, x0 + padding, y0 + 29)
}

/** Label of a rectangle. A group's own bytes have no label, because the head of the group shows the name. */
export function nameOf({ kind, name, parent }: SizeNode): string {
  if (kind !== 'OWN') return name
  return parent?.parent === null ? 'not in any part' : 'itself'
}

/** Diagonal hatching for unexplained bytes. Null if the browser does not support patterns. */
export function makeHatching(canvas: Canvas2D, colour: string, ratio: number): CanvasPattern | null {
  const tile = document.createElement('canvas')
  const side = Math.round(7 * ratio)
  tile.width = side
  tile.height = side
  const pen = tile.getContext('2d')
  if (!pen) return null
  pen.strokeStyle = colour
  pen.lineWidth = ratio
  pen.beginPath()
  // Beyond the corners, so that the lines meet in the next tile.
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift - 1, side + 1)
    pen.lineTo(shift + side + 1, -1)
  }
  pen.stroke()
  const pattern = canvas.createPattern(tile, 'repeat')
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio))
  return pattern
}
