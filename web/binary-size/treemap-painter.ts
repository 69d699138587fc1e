import { cachedMeasure } from './fit-label.ts'
import {
  type Canvas2D,
  labelSize,
  type Look,
  makeHatching,
  paintTreemap,
  type Scene,
} from './paint-treemap.ts'
import type { Layout } from './treemap-layout.ts'
import { transitionOf } from './treemap-transition.ts'

/** Duration of a zoom. */
const zoomMs = 420
/** More pixels than this cost more than they show (a page zoomed to 300 % on a fine screen). */
const mostRatio = 3

export type PaintStyle = Omit<Look, 'measure' | 'hatching'> & {
  /** A number that changes when fonts are loaded, so that texts are measured again. */
  readonly fontLoads: number
}

/** Draws layouts on a canvas, and animates the transition between two layouts. */
export type TreemapPainter = {
  /** Shows a layout; `isAnimated`: by moving there from the one that is shown. */
  show: (layout: Layout, style: PaintStyle, isAnimated: boolean) => void
  /** Stops the animation. */
  stop: () => void
}

/** Creates a painter. Throws if the browser has no canvas context. */
export function createPainter(element: HTMLCanvasElement, scale?: number): TreemapPainter {
  const canvas = contextOf(element)
  let shown: Layout | null = null
  let frame = 0
  let look: Look | null = null
  let lookStyle: PaintStyle | null = null

  function lookOf(style: PaintStyle, ratio: number): Look {
    if (look && lookStyle === style) return look
    const { font } = style.tokens
    const measure =
      look && look.tokens.font === font && lookStyle?.fontLoads === style.fontLoads
        ? look.measure
        : cachedMeasure((text) => {
            canvas.font = `500 ${labelSize}px ${font}`
            return canvas.measureText(text).width
          })
    lookStyle = style
    look = { ...style, measure, hatching: makeHatching(canvas, style.tokens.hatching, ratio) }
    return look
  }

  function show(layout: Layout, style: PaintStyle, isAnimated: boolean): void {
    cancelAnimationFrame(frame)
    const ratio = scale ?? Math.min(mostRatio, window.devicePixelRatio || 1)
    const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)]
    if (element.width !== width || element.height !== height) {
      element.width = width
      element.height = height
    }
    canvas.setTransform(ratio, 0, 0, ratio, 0, 0)
    const now = lookOf(style, ratio)
    const from = shown
    shown = layout
    const paint = (scene: Scene) => paintTreemap(canvas, scene, now, layout)
    const settle = () => paint(sceneOf(layout))

    if (!isAnimated || !from || from.view === layout.view) {
      settle()
      return
    }
    const { moves, placesAt } = transitionOf(from, layout)
    let start: number | null = null
    const step = (at: number) => {
      start ??= at
      const t = Math.min(1, (at - start) / zoomMs)
      if (t === 1) {
        settle()
        return
      }
      const eased = easeInOut(t)
      const alphas = { stays: 1, comes: eased, goes: 1 - eased }
      paint({ boxes: moves, places: placesAt(eased), alphas, isMoving: true })
      frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
  }

  return { show, stop: () => cancelAnimationFrame(frame) }
}

function contextOf(element: HTMLCanvasElement): Canvas2D {
  const context = element.getContext('2d', { alpha: false })
  if (!context) throw new Error('this browser gives no canvas')
  return context
}

/** Slow, fast, slow: a cubic. */
function easeInOut(t: number): number {
  return t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2
}

/** The scene of a layout without animation. */
function sceneOf({ boxes }: Layout): Scene {
  return {
    boxes: boxes.map((box) => ({ box, fate: 'stays', end: box.end })),
    places: Float32Array.from(boxes.flatMap(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1])),
    alphas: { stays: 1, comes: 1, goes: 1 },
    isMoving: false,
  }
}
