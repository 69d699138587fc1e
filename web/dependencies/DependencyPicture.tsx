import { type ReactNode, useMemo } from 'react'
import { Picture } from '../charts/Picture.tsx'
import { useViewParameter } from '../charts/use-view-parameter.ts'
import { useFilterText } from '../address/use-filter-text.ts'
import './dependencies.css'
import { counted } from '../ui/counted.ts'
import { describeGraph } from './describe-graph.ts'
import { DependencyTable } from './DependencyTable.tsx'
import { type GraphColumns, packageGraph, type PackageGraph } from './package-graph.ts'
import { PackagePanel, Reading } from './PackagePanel.tsx'
import { radialLayout } from './radial-layout.ts'
import { RadialTree } from './RadialTree.tsx'
import { useIsWide } from './use-is-wide.ts'
import { packageParameter, searchParameter, viewParameter } from './view-parameters.ts'

/**
 * The dependencies of a build as a picture or a table, with a search and, beside it, what the chosen
 * package is there for. `pageHref`: of the page of its own, elsewhere than there.
 */
export function DependencyPicture(props: {
  columns: GraphColumns
  job: string
  platform: string
  pageHref?: string | undefined
}) {
  const { columns, job, platform } = props
  const graph = useMemo(() => packageGraph(columns), [columns])
  const layout = useMemo(() => radialLayout(graph), [graph])
  const [chosen, choose] = useChosenPackage(graph)
  const [text, setText] = useFilterText(searchParameter)
  const found = useMemo(() => findByName(graph, text), [graph, text])
  const isWide = useIsWide()

  const withPanel = (content: ReactNode, otherwise: ReactNode) => (
    <div className="grid gap-x-6 gap-y-4 wide:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="min-w-0">{content}</div>
      <PackagePanel graph={graph} chosen={chosen} choose={choose} otherwise={otherwise} />
    </div>
  )
  return (
    <Picture
      name={viewParameter}
      title={`${graph.names[0] ?? ''} and its packages`}
      headingLevel={3}
      summary={describeGraph(graph)}
      fileName={[job, 'dependencies', platform]}
      data={() => dataOf(graph)}
      {...(props.pageHref === undefined ? {} : { pageHref: props.pageHref })}
      controls={<PackageSearch text={text} setText={setText} found={found} choose={choose} />}
      table={() =>
        withPanel(
          <DependencyTable graph={graph} found={found} chosen={chosen} choose={choose} />,
          <p className="text-quiet narrow:hidden">Choose a package to see why it is there.</p>,
        )
      }
    >
      {withPanel(
        <RadialTree
          label={`Dependencies of ${graph.names[0] ?? ''}: arrow keys walk, Enter shows why, + and - zoom`}
          graph={graph}
          layout={layout}
          withLabels={isWide}
          chosen={chosen}
          found={found}
          choose={choose}
        />,
        <Reading />,
      )}
    </Picture>
  )
}

/** The package that the address names, if the graph has it. */
function useChosenPackage(graph: PackageGraph): [number | null, (index: number | null) => void] {
  const [name, setName] = useViewParameter(packageParameter)
  const index = name === null ? -1 : graph.names.indexOf(name)
  return [
    index < 0 ? null : index,
    (chosen) => setName(chosen === null ? null : (graph.names[chosen] ?? null)),
  ]
}

/** Null: nothing is searched. */
function findByName({ names }: PackageGraph, text: string): Set<number> | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return null
  return new Set([...names.keys()].filter((index) => names[index]?.toLowerCase().includes(wanted)))
}

function PackageSearch(props: {
  text: string
  setText: (text: string) => void
  found: ReadonlySet<number> | null
  choose: (index: number) => void
}) {
  const { text, setText, found, choose } = props
  return (
    <form
      role="search"
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const [first] = found ?? []
        if (first !== undefined) choose(first)
      }}
    >
      <input
        type="search"
        aria-label="Find a package"
        placeholder="Find a package"
        className="control w-44 justify-start"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span role="status" className="text-small text-quiet">
        {found && (found.size > 0 ? counted(found.size, 'package') : 'no package')}
      </span>
    </form>
  )
}

function dataOf(graph: PackageGraph) {
  const nameOf = (index: number) => graph.names[index] ?? ''
  const rows = [...graph.names.keys()].map((index) => ({
    name: nameOf(index),
    version: graph.versions[index] ?? null,
    direct: graph.isDirect(index),
    needed: index === 0 || graph.isNeeded(index),
    dependants: graph.dependants[index]?.length ?? 0,
    onlyBrings: graph.broughtBy(index).length,
    dependencies: graph.dependencies[index]?.length ?? 0,
    allDependencies: graph.dependencyCounts[index] ?? 0,
    source: graph.sourceUrls[index] ?? null,
  }))
  const json = {
    root: nameOf(0),
    packages: rows.map((row, index) => ({
      ...row,
      dependants: graph.dependants[index]?.map(nameOf),
      onlyBrings: graph.broughtBy(index).map(nameOf),
      dependencies: graph.dependencies[index]?.map(nameOf),
      why: row.needed ? graph.pathTo(index).map(nameOf) : [],
    })),
  }
  return { rows, json }
}
