import { arc, pie, pointRadial } from 'd3-shape'
import type { PackageGraph } from './package-graph.ts'

export type Point = { x: number; y: number }

/** A package in the fan of a direct dependency. `isDeeper`: it is not needed by that itself, but further below. */
export type Dot = Point & { index: number; isDeeper: boolean }

/** A direct dependency with its fan. */
export type Petal = Point & {
  index: number
  /** Radius of its disc. */
  radius: number
  /** Clockwise from the top, in radians. */
  angle: number
  dots: readonly Dot[]
  /** Outline of its share of the circle, as an SVG path. */
  outline: string
  /** Its name, cut when long: where it begins, going away from the middle. */
  label: Point & { text: string }
}

/** In CSS pixels around the root at 0, 0. */
export type RadialLayout = {
  petals: readonly Petal[]
  rootRadius: number
  /** Bounds of the drawing, with and without the names of direct dependencies. */
  bounds: Bounds
  boundsOfDots: Bounds
}

export type Bounds = { x: number; y: number; width: number; height: number }

/** Between the middles of two dots. */
const pitch = 12
/** Height of a name, across its direction. */
const labelHeight = 17
/** On average, with room to spare: the font is known only once it is drawn. */
const letterWidth = 7
const longestLabel = 32
const margin = 16
const smallestRing = 84
/** From a direct dependency to the first row of its fan. */
const stem = 26
/** A fan is no wider than this, in radians, or it would no longer be one. */
const widestFan = 1.1

/**
 * The picture of opam-graph: the root in the middle, its direct dependencies around it, each with a fan
 * of those that it needs. A package is in the fan of everyone who needs it; what none of the direct ones
 * needs itself is in one fan, that of the direct one on the shortest way to it. So each needed package
 * is somewhere.
 */
export function radialLayout(graph: PackageGraph): RadialLayout {
  const fans = fansOf(graph)
  // Small fans keep room for a name, large ones get more, to stay short.
  const slices = pie<(typeof fans)[number]>()
    .sort(null)
    .value(({ dots }) => 1 + dots.length / 12)(fans)
  const narrowest = Math.min(...slices.map(({ startAngle, endAngle }) => endAngle - startAngle))
  const ring = Math.max(smallestRing, labelHeight / narrowest - stem)

  const fan = arc().cornerRadius(4)
  const petals = slices.map(({ data: { index, dots }, startAngle, endAngle }): Petal => {
    const angle = (startAngle + endAngle) / 2
    const width = Math.min((endAngle - startAngle) * 0.86, widestFan)
    const rows = inRows(dots, ring + stem, width)
    const distanceOf = (rowIndex: number) => ring + stem + rowIndex * pitch
    const end = distanceOf(rows.length)
    const widest = rows.reduce((most, row, rowIndex) => Math.max(most, row.length / distanceOf(rowIndex)), 0)
    const halfOutline = (widest * pitch) / 2 + 0.01
    return {
      index,
      angle,
      // The area shows how many packages it brings in, limited to its share of the circle.
      radius: Math.min(
        4.5 + 1.7 * Math.sqrt(graph.broughtBy(index).length),
        14,
        ((endAngle - startAngle) * ring) / 2 - 1,
      ),
      ...at(angle, ring),
      dots: rows.flatMap((row, rowIndex) => {
        const distance = distanceOf(rowIndex)
        return row.map((dot, place) => ({
          ...dot,
          ...at(angle + ((place - (row.length - 1) / 2) * pitch) / distance, distance),
        }))
      }),
      outline:
        fan({
          innerRadius: ring,
          outerRadius: end,
          startAngle: angle - halfOutline,
          endAngle: angle + halfOutline,
        }) ?? '',
      label: { ...at(angle, end + (rows.length > 0 ? 0 : -8)), text: shorten(graph.names[index] ?? '') },
    }
  })

  const rootRadius = 13
  // Its name stands below it.
  const rootEnds = [
    { x: 0, y: -rootRadius },
    { x: 0, y: rootRadius * 2 },
  ]
  const dots = petals.flatMap((petal) => [petal, ...petal.dots, petal.label])
  const names = petals.map(({ angle, label }) =>
    at(angle, Math.hypot(label.x, label.y) + label.text.length * letterWidth),
  )
  return {
    petals,
    rootRadius,
    bounds: boundsOf([...rootEnds, ...dots, ...names]),
    boundsOfDots: boundsOf([...rootEnds, ...dots]),
  }
}

/** A name that leaves room for the picture. */
export function shorten(name: string): string {
  const letters = Array.from(name)
  return letters.length > longestLabel ? `${letters.slice(0, longestLabel - 1).join('')}…` : name
}

/** The root is in the middle of it from side to side. */
function boundsOf(points: readonly Point[]): Bounds {
  const halfWidth = points.reduce((most, { x }) => Math.max(most, Math.abs(x)), smallestRing) + margin
  const top = points.reduce((least, { y }) => Math.min(least, y), 0) - margin
  const bottom = points.reduce((most, { y }) => Math.max(most, y), 0) + margin
  const [x, y] = [Math.floor(-halfWidth), Math.floor(top)]
  return { x, y, width: -2 * x, height: Math.ceil(bottom) - y }
}

/** Fans in the order of names; in each, the most shared packages come first, and deeper ones last. */
function fansOf(graph: PackageGraph) {
  const direct = graph.dependencies[0] ?? []
  const placed = new Set([0, ...direct, ...direct.flatMap((index) => graph.dependencies[index] ?? [])])
  const deeper = direct.map((): number[] => [])
  for (const index of graph.names.keys())
    if (graph.isNeeded(index) && !placed.has(index))
      deeper[direct.indexOf(graph.pathTo(index)[1] ?? 0)]?.push(index)
  const byShare = (l: number, r: number) =>
    (graph.dependants[r]?.length ?? 0) - (graph.dependants[l]?.length ?? 0) || l - r
  const toDots = (indices: readonly number[], isDeeper: boolean) =>
    indices.toSorted(byShare).map((index) => ({ index, isDeeper }))
  return direct.map((index, place) => ({
    index,
    dots: [...toDots(graph.dependencies[index] ?? [], false), ...toDots(deeper[place] ?? [], true)],
  }))
}

/** Row after row, each as long as the fan is wide there. */
function inRows<Item>(items: readonly Item[], start: number, width: number): Item[][] {
  const rows: Item[][] = []
  for (let next = 0; next < items.length;) {
    const length = Math.max(1, Math.floor((width * (start + rows.length * pitch)) / pitch))
    rows.push(items.slice(next, next + length))
    next += length
  }
  return rows
}

function at(angle: number, distance: number): Point {
  const [x, y] = pointRadial(angle, distance)
  return { x: round(x), y: round(y) }
}

/** A tenth of a pixel is nothing to see, but makes the drawing a third shorter as a file. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
