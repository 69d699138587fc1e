import { useState } from 'react'
import { useViewParameter } from '../charts/use-view-parameter.ts'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { counted } from '../ui/counted.ts'
import type { PackageGraph } from './package-graph.ts'
import { sourceName } from './PackagePanel.tsx'
import { onlyParameter, sortParameter } from './view-parameters.ts'

const shownAtFirst = 60

type Order = { label: string; rank: (graph: PackageGraph, index: number) => number }

/** Names break ties. */
const orders = {
  dependants: { label: 'needed by most', rank: (graph, index) => -(graph.dependants[index]?.length ?? 0) },
  brings: { label: 'brings in most', rank: (graph, index) => -graph.broughtBy(index).length },
  needs: { label: 'needs most', rank: (graph, index) => -(graph.dependencyCounts[index] ?? 0) },
  distance: {
    label: 'nearest first',
    rank: (graph, index) => (graph.isNeeded(index) ? graph.pathTo(index).length : Infinity),
  },
  name: { label: 'name', rank: () => 0 },
} satisfies Record<string, Order>

const usualOrder = 'dependants'

/** The table twin of the picture: all packages but the root. `found`: only those. */
export function DependencyTable(props: {
  graph: PackageGraph
  found: ReadonlySet<number> | null
  chosen: number | null
  choose: (index: number | null) => void
}) {
  const { graph, found, chosen, choose } = props
  const [sort, setSort] = useViewParameter(sortParameter)
  const [only, setOnly] = useViewParameter(onlyParameter)
  const order = isOrder(sort) ? sort : usualOrder
  const onlyDirect = only === 'direct'
  const [isWhole, setIsWhole] = useState(false)
  const indices = sortedBy(graph, orders[order]).filter(
    (index) => (!found || found.has(index)) && (!onlyDirect || graph.isDirect(index)),
  )
  const shown = isWhole ? indices : indices.slice(0, shownAtFirst)
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-small">
        <label className="flex items-center gap-2">
          Sort by
          <select
            className="control"
            value={order}
            onChange={({ target: { value } }) => setSort(value === usualOrder ? null : value)}
          >
            {Object.entries(orders).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={onlyDirect}
            onChange={(event) => setOnly(event.target.checked ? 'direct' : null)}
          />
          direct ones only
        </label>
      </div>
      <Table
        label="Packages"
        columns={[
          { name: 'Package' },
          { name: 'Version' },
          { name: 'Needed by', number: true },
          { name: 'Only it brings', number: true },
          { name: 'Needs, in all', number: true },
          { name: 'There for' },
        ]}
      >
        {shown.map((index) => (
          <PackageRow
            key={index}
            graph={graph}
            index={index}
            isChosen={index === chosen}
            choose={() => choose(index === chosen ? null : index)}
          />
        ))}
      </Table>
      {indices.length === 0 && <p className="py-3 text-quiet">No package fits.</p>}
      {shown.length < indices.length && (
        <button type="button" className="control mt-3" onClick={() => setIsWhole(true)}>
          Show all {counted(indices.length, 'package')}
        </button>
      )}
    </>
  )
}

function isOrder(name: string | null): name is keyof typeof orders {
  return name !== null && Object.hasOwn(orders, name)
}

function sortedBy(graph: PackageGraph, { rank }: Order): number[] {
  const ranks = graph.names.map((_, index) => rank(graph, index))
  const rankOf = (index: number) => ranks[index] ?? 0
  return [...graph.names.keys()]
    .slice(1)
    .toSorted((l, r) => (rankOf(l) === rankOf(r) ? l - r : rankOf(l) < rankOf(r) ? -1 : 1))
}

function PackageRow(props: { graph: PackageGraph; index: number; isChosen: boolean; choose: () => void }) {
  const { graph, index, isChosen, choose } = props
  const all = graph.dependencyCounts[index] ?? 0
  return (
    <Row>
      <Cell className="name">
        <button
          type="button"
          aria-pressed={isChosen}
          className={`text-left text-accent wrap-anywhere hover:underline ${isChosen ? 'font-semibold' : ''}`}
          onClick={choose}
        >
          {graph.names[index]}
        </button>
      </Cell>
      <Cell className="wrap-anywhere">{graph.versions[index] ?? sourceName(graph.sourceUrls[index])}</Cell>
      <Number value={graph.dependants[index]?.length ?? 0} label="needed by" />
      <Number value={graph.isNeeded(index) ? graph.broughtBy(index).length : 0} label="only it brings" />
      <Number value={graph.isDescribed[index] ? all : null} label="needs" />
      <Cell className="text-small text-quiet">{placeInWords(graph, index)}</Cell>
    </Row>
  )
}

/** A count with its unit. The narrow list has no column heads, so the cell contains the unit. */
function Number({ value, label }: { value: number | null; label: string }) {
  return (
    <Cell number>
      <span className="text-small text-quiet wide:hidden" aria-hidden="true">{`${label} `}</span>
      {value === null ? '?' : value.toLocaleString('en-US')}
    </Cell>
  )
}

function placeInWords(graph: PackageGraph, index: number): string {
  if (graph.isDirect(index)) return 'direct'
  if (!graph.isNeeded(index)) return 'not needed'
  return `by ${graph.names[graph.parents[index] ?? 0] ?? ''}`
}
