import { describePackage } from './describe-graph.ts'
import type { PackageGraph } from './package-graph.ts'
import type { Bounds, Point } from './radial-layout.ts'

/**
 * A line about the highlighted package, beside it. For screen readers it is the name of the node. `at`: in `bounds`.
 */
export function PackageTip(props: { graph: PackageGraph; index: number; at: Point; bounds: Bounds }) {
  const { graph, index, at, bounds } = props
  const left = `${((at.x - bounds.x) / bounds.width) * 100}%`
  const top = `${((at.y - bounds.y) / bounds.height) * 100}%`
  const half = bounds.width / 2
  const side = at.x > half * 0.2 ? 'deps-tip-left' : at.x < half * -0.2 ? 'deps-tip-right' : 'deps-tip-middle'
  return (
    <div className={`deps-tip ${side}`} aria-hidden="true" style={{ left, top }}>
      {describePackage(graph, index)}
    </div>
  )
}
