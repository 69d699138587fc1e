import { memo, useMemo } from 'react'
import { growthStep, namesWithRoom, type PlacedName } from './names-with-room.ts'
import type { PackageGraph } from './package-graph.ts'
import type { Bounds, RadialLayout } from './radial-layout.ts'
import type { Marks } from './use-marks.ts'

/**
 * The names that fit when the picture is zoomed and distances have grown by `growth`. A saved picture shows the
 * whole graph and has no such names. `view` converts a point to its position in `bounds`.
 */
export function PackageNames(props: {
  graph: PackageGraph
  layout: RadialLayout
  growth: number
  view: { apply: (point: [number, number]) => [number, number] }
  bounds: Bounds
  withLabels: boolean
  marks: Marks
}) {
  const { graph, layout, growth, view, bounds, withLabels, marks } = props
  const step = growth > 1 ? growthStep(growth) : null
  const names = useMemo(
    () => (step === null ? [] : namesWithRoom(layout, graph.names, step, withLabels)),
    [layout, graph, step, withLabels],
  )
  const all = Object.entries(marks)
  const marksOf = (index: number) =>
    all.flatMap(([name, packages]) => (packages.has(index) ? name : [])).join(' ')
  return (
    <g data-screen-only aria-hidden="true">
      {names
        .filter((name) => isNear(bounds, view.apply([name.x, name.y])))
        .map((name) => (
          <Name key={`${name.petal} ${name.dot}`} name={name} marks={marksOf(name.index)} />
        ))}
    </g>
  )
}

/** In the picture, or so near that its name may reach into it. */
function isNear({ x, y, width, height }: Bounds, [left, top]: [number, number]): boolean {
  return Math.abs(left - (x + width / 2)) <= width * 0.6 && Math.abs(top - (y + height / 2)) <= height * 0.6
}

const Name = memo(function Name({ name, marks }: { name: PlacedName; marks: string }) {
  return (
    <g transform={`translate(${name.x} ${name.y})`}>
      <text
        className={`deps-name ${marks}`}
        data-petal={name.petal}
        data-dot={name.dot}
        x={name.dx.toFixed(1)}
        y={name.dy.toFixed(1)}
        textAnchor={name.anchor}
        dominantBaseline="central"
      >
        {name.text}
      </text>
    </g>
  )
})
