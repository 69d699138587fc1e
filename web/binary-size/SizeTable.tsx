import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { Link, type To } from 'react-router'
import { formatExactDelta, formatSizeDelta } from '../diffs/signed.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Icon } from '../ui/Icon.tsx'
import { describePath } from './node-path.ts'
import { nameOf } from './paint-treemap.ts'
import { foundRows, openRows, type SizeRow, type SizeSort } from './size-rows.ts'
import type { SizeMatches } from './size-search.ts'
import type { SizeNode } from './size-tree.ts'
import { formatShare, kindWords } from './size-words.ts'

type Column = { by: SizeSort['by']; name: string }

const oneBuild: Column[] = [
  { by: 'name', name: 'Part' },
  { by: 'right', name: 'Size' },
]
const twoBuilds: Column[] = [
  { by: 'name', name: 'Part' },
  { by: 'left', name: 'Left' },
  { by: 'right', name: 'Right' },
  { by: 'change', name: 'Change' },
]

/** Pixels of a row; binary-size.css says the same. */
const rowHeight = 30

/**
 * The table twin of the picture: the parts of `view` as a tree that unfolds, or what the search found. Rows
 * are drawn when they come into sight, so that 20,000 are no burden.
 */
export function SizeTable(props: {
  label: string
  root: SizeNode
  view: SizeNode
  matches: SizeMatches | null
  isDiff: boolean
  addressOf: (group: SizeNode) => To
}) {
  const { root, view, matches, isDiff } = props
  const columns = isDiff ? twoBuilds : oneBuild
  const [sort, setSort] = useState<SizeSort>({ by: isDiff ? 'change' : 'right', isDescending: true })
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const rows = useMemo(
    () => (matches ? foundRows(matches, sort) : openRows(view, open, sort)),
    [matches, view, open, sort],
  )
  const [at, setAt] = useState(0)
  const current = Math.min(at, rows.length - 1)
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // The row that has the focus must stay in the document, or the browser forgets it.
    rangeExtractor: (range) =>
      [...new Set([...(current >= 0 ? [current] : []), ...defaultRangeExtractor(range)])].sort(
        (a, b) => a - b,
      ),
  })

  function toggle({ node, isOpen }: SizeRow, wanted = !isOpen) {
    if (isOpen === null || wanted === isOpen) return
    const next = new Set(open)
    if (wanted) next.add(node.id)
    else next.delete(node.id)
    setOpen(next)
  }

  function goTo(index: number) {
    if (index < 0 || index >= rows.length) return
    setAt(index)
    virtual.scrollToIndex(index)
    // The row may have to be drawn first.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }),
    )
  }

  function onKeyDown(event: KeyboardEvent) {
    const row = rows[current]
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return
    const isInRow = event.target instanceof HTMLElement && event.target.role === 'row'
    if (!isInRow) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1)
    switch (event.key) {
      case 'ArrowDown':
        goTo(current + 1)
        break
      case 'ArrowUp':
        goTo(current - 1)
        break
      case 'PageDown':
        goTo(Math.min(rows.length - 1, current + page))
        break
      case 'PageUp':
        goTo(Math.max(0, current - page))
        break
      case 'Home':
        goTo(0)
        break
      case 'End':
        goTo(rows.length - 1)
        break
      case 'ArrowRight':
        if (row.isOpen) goTo(current + 1)
        else toggle(row, true)
        break
      case 'ArrowLeft':
        if (row.isOpen) toggle(row, false)
        else goTo(rows.findLastIndex(({ level }, index) => index < current && level < row.level))
        break
      case 'Enter':
      case ' ':
        toggle(row)
        break
      default:
        return
    }
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + (isDiff ? 0 : 1)}
      className={`size-table ${isDiff ? 'size-table-diff' : ''}`}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="size-row size-table-head">
          {columns.map(({ by, name }) => (
            <div
              key={by}
              role="columnheader"
              className={by === 'name' ? '' : 'text-right'}
              aria-sort={sort.by !== by ? undefined : sort.isDescending ? 'descending' : 'ascending'}
            >
              <button
                type="button"
                className="size-sort"
                onClick={() =>
                  setSort({ by, isDescending: sort.by === by ? !sort.isDescending : by !== 'name' })
                }
              >
                {name}
                {sort.by === by && <Icon name={sort.isDescending ? 'down' : 'up'} className="size-3" />}
              </button>
            </div>
          ))}
          {!isDiff && (
            <div role="columnheader" className="text-right">
              Share
            </div>
          )}
        </div>
      </div>
      <div ref={scroller} role="presentation" className="size-table-body">
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <div
                key={row.node.id}
                role="row"
                data-index={index}
                tabIndex={index === current ? 0 : -1}
                aria-rowindex={index + 2}
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-expanded={row.isOpen ?? undefined}
                className="size-row absolute inset-x-0"
                style={{ transform: `translateY(${start}px)` }}
                onFocus={() => setAt(index)}
              >
                <NameCell
                  row={row}
                  isFound={matches !== null}
                  addressOf={props.addressOf}
                  onToggle={() => toggle(row)}
                />
                {isDiff ? <ChangeCells node={row.node} /> : <SizeCells root={root} node={row.node} />}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function NameCell(props: {
  row: SizeRow
  isFound: boolean
  addressOf: (group: SizeNode) => To
  onToggle: () => void
}) {
  const { row, isFound } = props
  const { node, level, isOpen } = row
  const name = isFound ? describePath(node) : nameOf(node)
  return (
    <div
      role="gridcell"
      className="flex min-w-0 items-center gap-1"
      style={{ paddingLeft: `${Math.min(level - 1, 12) * 1.125}rem` }}
    >
      {isOpen === null ? (
        <span className="w-5 shrink-0" />
      ) : (
        // The row says whether it is open, and does the same with the arrow keys.
        <button
          type="button"
          tabIndex={-1}
          aria-hidden="true"
          className="icon-button size-5 shrink-0"
          onClick={props.onToggle}
        >
          <Icon name="forward" className={isOpen ? 'rotate-90' : ''} />
        </button>
      )}
      {node.children.length > 0 ? (
        <Link to={props.addressOf(node)} preventScrollReset className="truncate" title={name}>
          {name}
        </Link>
      ) : (
        <span className="truncate" title={name}>
          {name}
        </span>
      )}
      <span className="shrink-0 text-small text-quiet narrow:sr-only">{kindWords[node.kind]}</span>
    </div>
  )
}

function SizeCells({ root, node }: { root: SizeNode; node: SizeNode }) {
  return (
    <>
      <div role="gridcell" className="text-right">
        <ByteSize bytes={node.rightBytes} />
      </div>
      <div role="gridcell" className="text-right text-quiet tabular-nums">
        {formatShare(node.rightBytes, root.rightBytes)}
      </div>
    </>
  )
}

function ChangeCells({ node: { leftBytes, rightBytes } }: { node: SizeNode }) {
  const delta = rightBytes - leftBytes
  return (
    <>
      {[leftBytes, rightBytes].map((bytes, index) => (
        <div key={index} role="gridcell" className="text-right text-quiet">
          {bytes === 0 ? '∅' : <ByteSize bytes={bytes} />}
        </div>
      ))}
      <div role="gridcell" className="text-right tabular-nums" title={formatExactDelta(delta)}>
        {formatSizeDelta(delta)}
      </div>
    </>
  )
}
