import { select } from 'd3-selection'
import 'd3-transition'
import { zoom, type ZoomBehavior, zoomIdentity, type ZoomTransform, zoomTransform } from 'd3-zoom'
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import type { Bounds, Point } from './radial-layout.ts'

const moveMs = 180
/** Pixels that the pointer may move by in a click. */
const clickDistance = 4

/**
 * Zoom of a drawing, from the whole of it to `closest` times that: by two fingers, or by the wheel with Ctrl
 * or ⌘, about the pointer; dragging moves it. When `wanted` change, one of them is brought into view.
 * `view.apply` tells where a point is shown.
 */
export function useZoom(
  drawing: RefObject<SVGSVGElement | null>,
  { x, y, width, height }: Bounds,
  closest: number,
  wanted: readonly Point[],
) {
  const [view, setView] = useState<ZoomTransform>(zoomIdentity)
  /** Where the zoom is on its way to: a key may be pressed again before it is there. */
  const goal = useRef(1)

  const behaviour = useMemo(() => {
    const whole: [[number, number], [number, number]] = [
      [x, y],
      [x + width, y + height],
    ]
    return zoom<SVGSVGElement, unknown>()
      .scaleExtent([1, closest])
      .extent(whole)
      .translateExtent(whole)
      .clickDistance(clickDistance)
      .filter(isMeant)
      .wheelDelta(wheelDelta)
  }, [x, y, width, height, closest])

  useEffect(() => {
    const svg = drawing.current
    if (!svg) return
    behaviour.on('zoom', ({ transform, sourceEvent }: { transform: ZoomTransform; sourceEvent: unknown }) => {
      if (sourceEvent) goal.current = transform.k
      setView(transform)
    })
    const selection = select<SVGSVGElement, unknown>(svg).call(behaviour).on('dblclick.zoom', null)
    // At its limits, too, the drawing is meant and not the page.
    const keepPage = (event: WheelEvent) => {
      if (isMeant.call(svg, event)) event.preventDefault()
    }
    svg.addEventListener('wheel', keepPage, { passive: false })
    // The current view may be outside of the new limits.
    behaviour.scaleBy(selection, 1)
    return () => {
      selection.interrupt().on('.zoom', null)
      svg.removeEventListener('wheel', keepPage)
    }
  }, [drawing, behaviour])

  useEffect(() => {
    if (drawing.current) reveal(drawing.current, behaviour, wanted)
  }, [drawing, behaviour, wanted])

  return {
    view,
    /** Zooms about a point, by default the middle of the view. `zoomBy(0)` shows the whole picture. */
    zoomBy: (factor: number, about?: Point) => {
      const svg = drawing.current
      const next = Math.min(Math.max(goal.current * factor, 1), closest)
      if (!svg || next === goal.current) return
      goal.current = next
      const at = about && zoomTransform(svg).apply([about.x, about.y])
      const selection = select<SVGSVGElement, unknown>(svg)
      if (prefersStillness()) behaviour.scaleTo(selection, next, at)
      else behaviour.scaleTo(selection.transition().duration(moveMs), next, at)
    },
    reveal: (point: Point) => {
      if (drawing.current) reveal(drawing.current, behaviour, [point])
    },
  }
}

/** Moves the first point to the middle, unless one of the points is visible. */
function reveal(
  svg: SVGSVGElement,
  behaviour: ZoomBehavior<SVGSVGElement, unknown>,
  points: readonly Point[],
): void {
  const view = zoomTransform(svg)
  const { x, y, width, height } = svg.viewBox.baseVal
  const margin = Math.min(width, height) / 16
  const isInView = (point: Point) =>
    Math.abs(view.applyX(point.x) - (x + width / 2)) <= width / 2 - margin &&
    Math.abs(view.applyY(point.y) - (y + height / 2)) <= height / 2 - margin
  const [first] = points
  if (first && !points.some(isInView)) behaviour.translateTo(select(svg), first.x, first.y)
}

/** The wheel without Ctrl scrolls the page, and so does one finger if the picture cannot be moved. */
function isMeant(this: SVGSVGElement, event: unknown): boolean {
  if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey
  if (event instanceof MouseEvent) return event.button === 0 && !event.ctrlKey
  return event instanceof TouchEvent && (event.touches.length > 1 || zoomTransform(this).k > 1)
}

/** In powers of two. Two fingers on a pad send many small steps, a wheel few large ones. */
function wheelDelta({ deltaY, deltaMode }: WheelEvent): number {
  const delta = -deltaY * (deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 0.02 : 0.5)
  return Math.min(Math.max(delta, -0.5), 0.5)
}

function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
