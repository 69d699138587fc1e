import {
  type CSSProperties,
  type FocusEvent,
  type KeyboardEvent,
  type SyntheticEvent,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useWidth } from '../charts/use-width.ts'
import type { PackageGraph } from './package-graph.ts'
import { PackageNames } from './PackageNames.tsx'
import { PackageTip } from './PackageTip.tsx'
import { RadialNodes } from './RadialNodes.tsx'
import type { Point, RadialLayout } from './radial-layout.ts'
import { type Marks, useMarks } from './use-marks.ts'
import { useZoom } from './use-zoom.ts'
import { packageAt, type Place, placeOf, placesOf, pointAt, walk } from './walk.ts'
import { ZoomButtons, zoomOfKey } from './ZoomButtons.tsx'

const none: ReadonlySet<number> = new Set()
/** A small graph is not blown up any further by itself. */
const largestScale = 1.1
/** Pixels of the screen for one of the layout: as close as the zoom goes, where there is room for most names. */
const closestScale = 6

/**
 * The root in the middle, its direct dependencies around it, each with its fan. Who points at a direct one
 * sees where else its fan is needed; a click chooses a package, `null` when it meets none. Zoomed, distances
 * grow, and where there is room, packages have names. `found`: what a search found.
 */
export function RadialTree(props: {
  label: string
  graph: PackageGraph
  layout: RadialLayout
  withLabels: boolean
  chosen: number | null
  found: ReadonlySet<number> | null
  choose: (index: number | null) => void
}) {
  const { graph, layout, withLabels, chosen, found, choose } = props
  const drawing = useRef<SVGSVGElement>(null)
  const [pointed, setPointed] = useState<Place | null>(null)
  const path = useMemo(() => (chosen === null ? [] : graph.pathTo(chosen)), [graph, chosen])

  const marks = useMemo((): Marks => {
    const isChosen = new Set(chosen === null ? [] : [chosen])
    if (pointed)
      return {
        'is-lit': related(layout, pointed),
        'is-brought': none,
        'is-found': none,
        'is-chosen': isChosen,
      }
    return {
      'is-lit': new Set(path),
      'is-brought': new Set(chosen === null ? [] : graph.broughtBy(chosen)),
      'is-found': found ?? none,
      'is-chosen': isChosen,
    }
  }, [layout, graph, pointed, chosen, path, found])
  useMarks(drawing, marks, withLabels)

  const [box, setBox] = useState<HTMLElement | null>(null)
  const bounds = withLabels ? layout.bounds : layout.boundsOfDots
  const fit = Math.min(1, (useWidth(box) || bounds.width) / bounds.width)
  const wanted = useMemo(() => placesOf(layout, path).map((place) => pointAt(layout, place)), [layout, path])
  const { view, zoomBy, reveal } = useZoom(drawing, bounds, closestScale / fit, wanted)
  const growth = Math.max(1, view.k * fit)
  function onKeyDown(event: KeyboardEvent) {
    const place = readPlace(event.target)
    if (!place || event.altKey || event.ctrlKey || event.metaKey) return
    const factor = zoomOfKey(event.key)
    if (factor !== null) zoomBy(factor, pointAt(layout, place))
    else if (event.key === 'Enter' || event.key === ' ') choose(packageAt(layout, place))
    else if (event.key === 'Escape' && chosen !== null) choose(null)
    else {
      const next = walk(layout, place, event.key)
      if (!next) return
      focus(next)
    }
    event.preventDefault()
  }

  /** One node at a time is reached by Tab. */
  function focus(place: Place) {
    const svg = drawing.current
    svg?.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1')
    const node = svg?.querySelector<SVGElement>(`[data-petal="${place.petal}"][data-dot="${place.dot}"]`)
    node?.setAttribute('tabindex', '0')
    node?.focus()
  }

  function onFocus(event: FocusEvent) {
    const place = readPlace(event.target)
    setPointed(place)
    if (place) reveal(pointAt(layout, place))
  }

  const { x, y, width, height } = bounds
  const pointedAt = pointed && pointAt(layout, pointed)
  return (
    <div className="relative">
      <ZoomButtons
        scale={view.k}
        zoomBy={(factor) => {
          // The upper part is the one that is on the screen with the button.
          const [left, top] = view.invert([x + width / 2, y + height / 3])
          zoomBy(factor, wanted[0] ?? nearestFan(layout, { x: left, y: top }))
        }}
      />
      <div
        ref={setBox}
        className="relative mx-auto"
        style={{ maxWidth: width * largestScale }}
        onPointerLeave={() => setPointed(null)}
      >
        <svg
          ref={drawing}
          data-picture
          data-zoomed={view.k > 1 || undefined}
          className="deps block h-auto w-full"
          viewBox={`${x} ${y} ${width} ${height}`}
          role="group"
          aria-label={props.label}
          onPointerOver={(event) => setPointed(readPlace(event.target))}
          onFocus={onFocus}
          onBlur={() => setPointed(null)}
          onClick={(event) => {
            const place = readPlace(event.target)
            choose(place && packageAt(layout, place))
          }}
          onKeyDown={onKeyDown}
        >
          <g style={styleOf(view, growth)}>
            <RadialNodes graph={graph} layout={layout} withLabels={withLabels} />
            {path.length > 1 && <path className="deps-way" d={wayOf(layout, path)} />}
            <PackageNames
              graph={graph}
              layout={layout}
              growth={growth}
              view={view}
              bounds={bounds}
              withLabels={withLabels}
              marks={marks}
            />
          </g>
        </svg>
        {pointed && pointedAt && (
          <PackageTip
            graph={graph}
            index={packageAt(layout, pointed)}
            at={{ x: view.applyX(pointedAt.x), y: view.applyY(pointedAt.y) }}
            bounds={bounds}
          />
        )}
      </div>
    </div>
  )
}

/** The zoom is set in the style, which a saved picture does not contain: it always shows the whole graph. */
function styleOf({ x, y, k }: { x: number; y: number; k: number }, growth: number): CSSProperties {
  return {
    transform: `translate(${x}px, ${y}px) scale(${k})`,
    '--deps-names': 1 / growth,
    '--deps-nodes': 1 / Math.sqrt(growth),
  } as CSSProperties
}

/** The middle of the fan that is nearest to a point: where the root is, a closer look shows nothing. */
function nearestFan({ petals }: RadialLayout, from: Point): Point | undefined {
  const distance = ({ x, y }: Point) => Math.hypot(x - from.x, y - from.y)
  return petals
    .map((petal) => ({ x: (petal.x + petal.label.x) / 2, y: (petal.y + petal.label.y) / 2 }))
    .toSorted((l, r) => distance(l) - distance(r))[0]
}

/** A direct dependency and its fan, or a package wherever it is. */
function related(layout: RadialLayout, place: Place): Set<number> {
  const fan = place.dot < 0 ? (layout.petals[place.petal]?.dots ?? []) : []
  return new Set([packageAt(layout, place), ...fan.map(({ index }) => index)])
}

/** A line through the packages of a way, all in the fan of its first step. */
function wayOf(layout: RadialLayout, path: readonly number[]): string {
  const points = path.slice(1).flatMap((_, at) => {
    const place = placeOf(layout, [...path.slice(0, 2), ...path.slice(2, at + 2)])
    return place ? [pointAt(layout, place)] : []
  })
  return `M0 0${points.map(({ x, y }) => `L${x} ${y}`).join('')}`
}

function readPlace(target: SyntheticEvent['target']): Place | null {
  const node = target instanceof SVGElement ? target : null
  const { petal, dot } = node?.dataset ?? {}
  return petal === undefined || dot === undefined ? null : { petal: Number(petal), dot: Number(dot) }
}
