import type { ReactNode } from 'react'

export type Column = { name: string; number?: boolean; hidden?: boolean }

/**
 * A table that becomes a list of entries on a narrow screen. `columns` head it; a hidden one is
 * named for screen readers only. Rows are `<Row>`s of `<Cell>`s. `className`: `many-columns` for a table
 * that is a list up to the width of a tablet, too.
 */
export function Table(props: {
  label: string
  columns: readonly Column[]
  className?: string
  children: ReactNode
}) {
  return (
    <table role="table" aria-label={props.label} className={`table ${props.className ?? ''}`}>
      <thead role="rowgroup">
        <tr role="row">
          {props.columns.map(({ name, number, hidden }) => (
            <th key={name} role="columnheader" scope="col" className={number ? 'number' : ''}>
              <span className={hidden ? 'sr-only' : ''}>{name}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{props.children}</tbody>
    </table>
  )
}

export function Row({ children }: { children: ReactNode }) {
  return (
    <tr role="row" className="entry">
      {children}
    </tr>
  )
}

/** One value. `className` says how it sits in a narrow entry: `whole-line`, `to-the-end`. */
export function Cell(props: {
  number?: boolean
  className?: string
  colSpan?: number
  children?: ReactNode
}) {
  const kind = `${props.number ? 'number ' : ''}${props.children ? '' : 'empty-cell '}`
  return (
    <td role="cell" colSpan={props.colSpan} className={kind + (props.className ?? '')}>
      {props.children}
    </td>
  )
}
