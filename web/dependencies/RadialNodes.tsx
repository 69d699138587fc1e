import { memo } from 'react'
import { describePackage } from './describe-graph.ts'
import { dotRadius } from './names-with-room.ts'
import type { PackageGraph } from './package-graph.ts'
import { type Petal, type RadialLayout, shorten } from './radial-layout.ts'
import { shareLevel } from './share-level.ts'

type NodesProps = { graph: PackageGraph; layout: RadialLayout; withLabels: boolean }

/** The drawing of a graph. `useMarks` adds highlights and focus from outside. */
export const RadialNodes = memo(function RadialNodes({ graph, layout, withLabels }: NodesProps) {
  const counts = graph.dependants.map(({ length }) => length)
  const most = counts.reduce((l, r) => Math.max(l, r), 0)
  const shareOf = (index: number) => `deps-share-${shareLevel(counts[index] ?? 0, most)}`
  const nodeOf = (index: number, petal: number, dot: number) => ({
    role: 'button',
    tabIndex: petal < 0 ? 0 : -1,
    'data-package': index,
    'data-petal': petal,
    'data-dot': dot,
    'aria-label': describePackage(graph, index),
  })
  return (
    <>
      <path className="deps-spokes" d={layout.petals.map(({ x, y }) => `M0 0L${x} ${y}`).join('')} />
      {layout.petals.map((petal, petalIndex) => (
        <g key={petal.index} className="deps-petal">
          <path className="deps-fan" d={petal.outline} />
          <path
            className="deps-ribs"
            d={petal.dots.map(({ x, y }) => `M${petal.x} ${petal.y}L${x} ${y}`).join('')}
          />
          {petal.dots.map(({ index, x, y, isDeeper }, dotIndex) => (
            <circle
              key={index}
              {...nodeOf(index, petalIndex, dotIndex)}
              className={`deps-node ${isDeeper ? 'deps-deeper' : 'deps-dot'} ${shareOf(index)}`}
              cx={x}
              cy={y}
              r={dotRadius({ isDeeper })}
            />
          ))}
          <circle
            {...nodeOf(petal.index, petalIndex, -1)}
            className={`deps-node deps-direct ${shareOf(petal.index)}`}
            cx={petal.x}
            cy={petal.y}
            r={petal.radius}
          />
          {withLabels && <Label petal={petal} place={petalIndex} />}
        </g>
      ))}
      <circle {...nodeOf(0, -1, -1)} className="deps-node deps-root" cx={0} cy={0} r={layout.rootRadius} />
      <g transform={`translate(0 ${layout.rootRadius})`}>
        <text className="deps-root-label" y={16} textAnchor="middle" aria-hidden="true">
          {shorten(graph.names[0] ?? '')}
        </text>
      </g>
    </>
  )
})

/** Reads outwards on the right half of the circle, inwards on the left one: nowhere upside down. */
function Label(props: { petal: Petal; place: number }) {
  const { index, angle, label } = props.petal
  const isRight = angle <= Math.PI
  const turn = (angle * 180) / Math.PI + (isRight ? -90 : 90)
  return (
    <g transform={`translate(${label.x} ${label.y}) rotate(${turn.toFixed(2)})`}>
      <text
        className="deps-label"
        data-package={index}
        data-petal={props.place}
        data-dot={-1}
        textAnchor={isRight ? 'start' : 'end'}
        dominantBaseline="central"
        aria-hidden="true"
      >
        {label.text}
      </text>
    </g>
  )
}
