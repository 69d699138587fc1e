import { Fragment, type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { counted } from '../ui/counted.ts'
import type { PackageGraph } from './package-graph.ts'
import { shareLevels } from './share-level.ts'

type Choose = (index: number | null) => void

/**
 * Beside the picture or the table: why the chosen package is there; without one, `otherwise`. On a narrow
 * screen it stays at the bottom, so that who chooses sees the answer.
 */
export function PackagePanel(props: {
  graph: PackageGraph
  chosen: number | null
  choose: Choose
  otherwise: ReactNode
}) {
  const { graph, chosen, choose, otherwise } = props
  const side =
    'text-small wide:sticky wide:top-4 wide:max-h-[calc(100dvh-2rem)] wide:self-start wide:overflow-y-auto'
  if (chosen === null) return <div className={side}>{otherwise}</div>
  return (
    <section
      aria-label={`About ${graph.names[chosen] ?? ''}`}
      className={`${side} bg-surface narrow:sticky narrow:bottom-0 narrow:z-10 narrow:max-h-[45dvh] narrow:overflow-y-auto narrow:border-t narrow:border-line-strong narrow:py-3`}
    >
      <About key={chosen} graph={graph} index={chosen} choose={choose} />
    </section>
  )
}

/** How to read the picture. */
export function Reading() {
  return (
    <div className="space-y-2 text-quiet">
      <p>
        The package that was built is in the middle. Around it are its direct dependencies, each with a fan of
        its own dependencies. The larger a disc, the more packages are there only because of this dependency.
      </p>
      <p className="flex flex-wrap items-center gap-x-2">
        needed by one
        <svg viewBox="0 0 90 12" width="90" height="12" aria-hidden="true" className="deps inline-block">
          {Array.from({ length: shareLevels }, (_, level) => (
            <circle key={level} className={`deps-dot deps-share-${level}`} cx={8 + level * 15} cy="6" r="5" />
          ))}
        </svg>
        by many
      </p>
      <p className="flex items-center gap-x-2">
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className="deps inline-block">
          <circle className="deps-deeper deps-share-0" cx="6" cy="6" r="4" />
        </svg>
        needed only by other dependencies
      </p>
      <p>
        Point at a direct dependency to see which others need the same packages. Choose a package to see why
        it is there.
      </p>
      <p>
        Zoom in to see the names of all packages: with the buttons, with two fingers, with Ctrl or ⌘ and the
        wheel; then drag to move.
      </p>
    </div>
  )
}

function About({ graph, index, choose }: { graph: PackageGraph; index: number; choose: Choose }) {
  const name = graph.names[index] ?? ''
  const root = graph.names[0] ?? ''
  const list = (indices: readonly number[]) => <Packages graph={graph} indices={indices} choose={choose} />
  const dependants = graph.dependants[index] ?? []
  const dependencies = graph.dependencies[index] ?? []
  const brought = graph.broughtBy(index)
  const all = graph.dependencyCounts[index] ?? 0
  const isRoot = index === 0
  const isNeeded = isRoot || graph.isNeeded(index)
  return (
    <div className="space-y-3 wrap-anywhere">
      <div className="flex items-start justify-between gap-2">
        <div>
          <h3 className="text-base">{name}</h3>
          <p className="text-quiet">
            {graph.versions[index] ?? sourceName(graph.sourceUrls[index]) ?? 'version not told'}
          </p>
        </div>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => choose(null)}>
          <Icon name="cross" />
        </button>
      </div>
      {!isRoot && (
        <Part title="Why it is there">
          {isNeeded ? (
            <DependencyPath graph={graph} path={graph.pathTo(index)} choose={choose} />
          ) : (
            `${root} does not need it: it served to build, or just is in the switch.`
          )}
        </Part>
      )}
      {!isRoot && isNeeded && (
        <Part title={brought.length > 0 ? `Only it brings ${brought.length} more` : 'Only it brings nothing'}>
          {brought.length > 0 ? list(brought) : `Without it, ${root} would need all others still.`}
        </Part>
      )}
      {!isRoot && (
        <Part title={`Needed by ${counted(dependants.length, 'package')}`}>{list(dependants)}</Part>
      )}
      <Part title={`Needs ${dependencies.length}${all > dependencies.length ? `, ${all} in all` : ''}`}>
        {graph.isDescribed[index] ? list(dependencies) : 'The switch does not tell what it needs.'}
      </Part>
      <p>
        <Link to={paths.package('opam', name)}>Who has it, in which version</Link>
      </p>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h4 className="text-quiet">{title}</h4>
      {children}
    </section>
  )
}

function DependencyPath(props: { graph: PackageGraph; path: readonly number[]; choose: Choose }) {
  return (
    <p>
      {props.path.map((index, at) => (
        <Fragment key={index}>
          {at > 0 && <span className="text-quiet"> → </span>}
          {at < props.path.length - 1 ? (
            <PackageButton {...props} index={index} />
          ) : (
            <strong>{props.graph.names[index]}</strong>
          )}
        </Fragment>
      ))}
    </p>
  )
}

const shownAtFirst = 12

function Packages(props: { graph: PackageGraph; indices: readonly number[]; choose: Choose }) {
  const { indices } = props
  const [isWhole, setIsWhole] = useState(false)
  // One more is not worth a click.
  const shown = isWhole || indices.length <= shownAtFirst + 1 ? indices : indices.slice(0, shownAtFirst)
  return (
    <ul className="flex flex-wrap gap-x-3">
      {shown.map((index) => (
        <li key={index}>
          <PackageButton {...props} index={index} />
        </li>
      ))}
      {shown.length < indices.length && (
        <li>
          <button type="button" className="text-quiet underline" onClick={() => setIsWhole(true)}>
            {indices.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  )
}

function PackageButton(props: { graph: PackageGraph; index: number; choose: Choose }) {
  return (
    <button
      type="button"
      className="text-left text-accent wrap-anywhere hover:underline"
      onClick={() => props.choose(props.index)}
    >
      {props.graph.names[props.index]}
    </button>
  )
}

/** The file or repository at the end of a source's URL. */
export function sourceName(url: string | null | undefined): string | null {
  const [last] = url?.replace(/[?#].*$/, '').match(/[^/]+(?=\/*$)/) ?? []
  return last ?? null
}
