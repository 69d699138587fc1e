import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import type { To } from 'react-router'
import { foundRows, openRows, type SizeRow, type SizeSort } from './size-rows.ts'
import type { SizeMatches } from './size-search.ts'
import type { SizeNode } from './size-tree.ts'
import { ChangeCells, NameCell, SizeCells } from './SizeTableCells.tsx'
import { SizeTableHead } from './SizeTableHead.tsx'

/** Height of a row in pixels; it must equal that in binary-size.css. */
const rowHeight = 30

/**
 * The table of the picture: the parts of `view` as a tree with expandable rows, or the results of the search. Only
 * visible rows are rendered, because there can be 20,000.
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
    // The focused row must stay in the document, or the browser loses the focus.
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
    // The row may have to be rendered first.
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
      aria-colcount={isDiff ? 4 : 3}
      className={`size-table ${isDiff ? 'size-table-diff' : ''}`}
      onKeyDown={onKeyDown}
    >
      <SizeTableHead isDiff={isDiff} sort={sort} setSort={setSort} />
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
