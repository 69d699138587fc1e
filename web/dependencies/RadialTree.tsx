import { type KeyboardEvent, useMemo, useRef, useState, type SyntheticEvent } from 'react'
import { describePackage } from './describe-graph.ts'
import type { PackageGraph } from './package-graph.ts'
import { RadialNodes } from './RadialNodes.tsx'
import type { Bounds, RadialLayout } from './radial-layout.ts'
import { type Marks, useMarks } from './use-marks.ts'
import { packageAt, type Place, placeOf, walk } from './walk.ts'

const none: ReadonlySet<number> = new Set()
/** A small graph is not blown up any further. */
const largestScale = 1.1

/**
 * The root in the middle, its direct dependencies around it, each with its fan. Who points at a direct one
 * sees where else its fan is needed; a click chooses a package, `null` when it meets none. `found`: what a
 * search found.
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

  const { x, y, width, height } = withLabels ? layout.bounds : layout.boundsOfDots

  function onKeyDown(event: KeyboardEvent) {
    const place = readPlace(event.target)
    if (!place || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Enter' || event.key === ' ') choose(packageAt(layout, place))
    else if (event.key === 'Escape' && chosen !== null) choose(null)
    else {
      const next = walk(layout, place, event.key)
      if (!next) return
      focus(next)
    }
    event.preventDefault()
  }

  /** One node at a time is reached by Tab. */
  function focus({ petal, dot }: Place) {
    const svg = drawing.current
    svg?.querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1')
    const node = svg?.querySelector<SVGElement>(`[data-petal="${petal}"][data-dot="${dot}"]`)
    node?.setAttribute('tabindex', '0')
    node?.focus()
  }

  return (
    <div
      className="relative mx-auto"
      style={{ maxWidth: width * largestScale }}
      onPointerLeave={() => setPointed(null)}
    >
      <svg
        ref={drawing}
        data-picture
        className="deps block h-auto w-full"
        viewBox={`${x} ${y} ${width} ${height}`}
        role="group"
        aria-label={props.label}
        onPointerOver={(event) => setPointed(readPlace(event.target))}
        onFocus={(event) => setPointed(readPlace(event.target))}
        onBlur={() => setPointed(null)}
        onClick={(event) => {
          const place = readPlace(event.target)
          choose(place && packageAt(layout, place))
        }}
        onKeyDown={onKeyDown}
      >
        <RadialNodes graph={graph} layout={layout} withLabels={withLabels} />
        {path.length > 1 && <path className="deps-way" d={wayOf(layout, path)} />}
      </svg>
      {pointed && <Tip graph={graph} layout={layout} place={pointed} bounds={{ x, y, width, height }} />}
    </div>
  )
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

function pointAt({ petals }: RadialLayout, { petal, dot }: Place) {
  const found = petals[petal]
  return found?.dots[dot] ?? found ?? { x: 0, y: 0 }
}

function readPlace(target: SyntheticEvent['target']): Place | null {
  const node = target instanceof SVGElement ? target : null
  const { petal, dot } = node?.dataset ?? {}
  return petal === undefined || dot === undefined ? null : { petal: Number(petal), dot: Number(dot) }
}

/** What is pointed at, in a line beside it; screen readers hear it as the node's name. */
function Tip(props: { graph: PackageGraph; layout: RadialLayout; place: Place; bounds: Bounds }) {
  const { graph, layout, place, bounds } = props
  const { x, y } = pointAt(layout, place)
  const left = `${((x - bounds.x) / bounds.width) * 100}%`
  const top = `${((y - bounds.y) / bounds.height) * 100}%`
  const half = bounds.width / 2
  const side = x > half * 0.2 ? 'deps-tip-left' : x < half * -0.2 ? 'deps-tip-right' : 'deps-tip-middle'
  return (
    <div className={`deps-tip ${side}`} aria-hidden="true" style={{ left, top }}>
      {describePackage(graph, packageAt(layout, place))}
    </div>
  )
}
