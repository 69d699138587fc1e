import { type ReactNode, useMemo, useRef } from 'react'
import { Picture } from '../charts/Picture.tsx'
import './binary-size.css'
import { findGroup } from './node-path.ts'
import { readTokens } from './read-tokens.ts'
import { sizeData } from './size-data.ts'
import { searchSizes } from './size-search.ts'
import {
  type Grouping,
  nodesOf,
  readSizeTree,
  type Scope,
  type SizeColumns,
  type SizeNode,
  type Weighing,
} from './size-tree.ts'
import { describeMatches, noteOfChange, noteOfSize, wordsOfChange, wordsOfSize } from './size-words.ts'
import { SizeChoice, SizeSearch } from './SizeControls.tsx'
import { ChangeLegend, PartsLegend } from './SizeLegend.tsx'
import { SizeTable } from './SizeTable.tsx'
import { SizeTrail } from './SizeTrail.tsx'
import { colourByChange, colourByPart, type Tokens } from './treemap-colours.ts'
import { layoutTreemap } from './treemap-layout.ts'
import { createPainter } from './treemap-painter.ts'
import { TreemapCanvas } from './TreemapCanvas.tsx'
import { useSizeView } from './use-size-view.ts'

const groupings: { value: Grouping; label: string }[] = [
  { value: 'package', label: 'By package' },
  { value: 'module', label: 'By module' },
]
const weighings: { value: Weighing; label: string }[] = [
  { value: 'change', label: 'Changes' },
  { value: 'size', label: 'Sizes' },
]
const scopes: { value: Scope; label: string }[] = [
  { value: 'explained', label: 'Explained' },
  { value: 'all', label: 'Whole file' },
]

/** CSS pixels of the saved image. */
const savedSize = { width: 1200, height: 640 }

/**
 * The parts of a binary, or with `isDiff` the changes between two binaries, as a treemap in the common frame of
 * pictures. `prefix`: prefix of its parameters in the address. `summary`: the picture in words.
 */
export function SizePicture(props: {
  columns: SizeColumns
  isDiff: boolean
  name: string
  title: string
  headingLevel?: 2 | 3
  fileName: readonly string[]
  prefix: string
  pageHref?: string
  summary: (root: SizeNode) => ReactNode
}) {
  const { columns, isDiff } = props
  const view = useSizeView(props.prefix, isDiff ? 'change' : 'size')
  const { grouping, weighing } = view
  // A file without symbols has nothing else to show.
  const { hasExplained, hasPackages } = useMemo(() => whatIsIn(columns), [columns])
  const scope = hasExplained ? view.scope : 'all'
  const root = useMemo(
    () => readSizeTree(columns, { grouping, weighing, scope }),
    [columns, grouping, weighing, scope],
  )
  const group = useMemo(() => findGroup(root, view.at), [root, view.at])
  const matches = useMemo(() => searchSizes(root, view.query), [root, view.query])
  const host = useRef<HTMLDivElement>(null)

  const look = useMemo(
    () =>
      isDiff
        ? { colourBy: colourByChange, note: noteOfChange, describe: wordsOfChange }
        : {
            colourBy: (tokens: Tokens) => colourByPart(root, tokens),
            note: noteOfSize,
            describe: (node: SizeNode) => wordsOfSize(root, node),
          },
    [isDiff, root],
  )

  function drawCanvas(scale: number): HTMLCanvasElement {
    if (!host.current) throw new Error('it is not drawn yet')
    const canvas = document.createElement('canvas')
    const tokens = readTokens(host.current)
    const layout = layoutTreemap(group, savedSize.width, savedSize.height)
    const style = { tokens, colours: look.colourBy(tokens), note: look.note, matches, fontLoads: 0 }
    createPainter(canvas, scale).show(layout, style, false)
    return canvas
  }

  /** With another grouping, the same group has another path or does not exist. */
  function regroup(next: Grouping) {
    const other = readSizeTree(columns, { grouping: next, weighing })
    view.group(next, [...nodesOf(other)].find(({ id }) => id === group.id) ?? null)
  }

  const trail = (
    <div className="mb-1.5 flex flex-wrap justify-between gap-x-6 text-small">
      <SizeTrail root={root} view={group} addressOf={view.addressOf} note={look.note} />
      <p role="status" className="text-quiet tabular-nums">
        {matches && describeMatches(matches, root)}
      </p>
    </div>
  )
  return (
    <div ref={host} className="size-picture">
      <Picture
        name={props.name}
        title={props.title}
        headingLevel={props.headingLevel}
        fileName={props.fileName}
        pageHref={props.pageHref}
        summary={props.summary(root)}
        data={() => sizeData(root, isDiff)}
        drawCanvas={drawCanvas}
        controls={
          <>
            <SizeSearch text={view.query} onType={view.search} />
            {hasPackages && (
              <SizeChoice label="Grouping" options={groupings} value={grouping} onChoose={regroup} />
            )}
            {hasExplained && (
              <SizeChoice label="Parts" options={scopes} value={scope} onChoose={view.choose} />
            )}
            {isDiff && <SizeChoice label="Area" options={weighings} value={weighing} onChoose={view.weigh} />}
          </>
        }
        table={() => (
          <>
            {trail}
            <SizeTable
              key={`${group.id} ${grouping}`}
              label={props.title}
              root={root}
              view={group}
              matches={matches}
              isDiff={isDiff}
              addressOf={view.addressOf}
            />
          </>
        )}
      >
        {trail}
        <TreemapCanvas
          label={`Parts of ${group.name}`}
          view={group}
          colourBy={look.colourBy}
          note={look.note}
          describe={look.describe}
          matches={matches}
          onOpen={view.goTo}
        />
        {isDiff ? (
          <ChangeLegend isAll={weighing === 'size'} />
        ) : (
          <PartsLegend root={root} addressOf={view.addressOf} />
        )}
        <p className="mt-1 text-small text-quiet">
          A click opens a part, <kbd>Esc</kbd> leaves it. With the keyboard: arrows walk, <kbd>Enter</kbd>{' '}
          opens.
        </p>
      </Picture>
    </div>
  )
}

function whatIsIn(columns: SizeColumns): { hasExplained: boolean; hasPackages: boolean } {
  return {
    hasExplained: readSizeTree(columns).isExplained,
    hasPackages: columns.kinds.includes('PACKAGE'),
  }
}
