import { memo } from 'react'
import { Link } from 'react-router'
import { changedWords } from './changed-words.ts'
import { ChangedText } from './ChangedText.tsx'

/**
 * Something by its name, before and after; null where it was absent. `note`: what the values do not tell. `folded`:
 * further values of it that follow from the first ones, under their title.
 */
export type Change = {
  name: string
  left: string | null
  right: string | null
  note?: string
  /** The page about it. */
  href?: string
  folded?: { title: string; changes: readonly Change[] }
}

/** Values longer than this do not fit beside each other. */
const maxInLine = 80

/** The class of a list with so many rows: of long ones only what is on the screen is laid out (diffs.css). */
export function listClass(rowCount: number): string {
  return rowCount > 100 ? 'changes changes-long' : 'changes'
}

/** One change a row; thousands cost little. */
export const ChangeList = memo(function ChangeList(props: { label: string; changes: readonly Change[] }) {
  return (
    <ul aria-label={props.label} className={listClass(props.changes.length)}>
      {props.changes.map((change) => (
        <li key={`${change.name} ${change.note ?? ''}`} className="change">
          <code className="change-name">
            {change.href === undefined ? (
              <ChangedText text={change.name} />
            ) : (
              <Link to={change.href}>
                <ChangedText text={change.name} />
              </Link>
            )}
          </code>
          <div className="min-w-0">
            <ChangedValue {...change} />
            {change.folded && change.folded.changes.length > 0 && <Folded {...change.folded} />}
          </div>
        </li>
      ))}
    </ul>
  )
})

function Folded({ title, changes }: NonNullable<Change['folded']>) {
  return (
    <details className="change-folded">
      <summary className="text-small text-quiet">{title}</summary>
      {changes.map((change) => (
        <div key={change.name} className="mt-1">
          <span className="text-small text-quiet">{change.name}</span>
          <ChangedValue {...change} />
        </div>
      ))}
    </details>
  )
}

function ChangedValue({ left, right, note }: Change) {
  const isLong = (left?.length ?? 0) + (right?.length ?? 0) > maxInLine
  if (isLong && left !== null && right !== null) return <LongValue left={left} right={right} />
  return (
    <span className="change-value">
      <Value text={left} />
      <span className="text-quiet"> → </span>
      <Value text={right} />
      {note && <span className="ml-3 text-small text-quiet">{note}</span>}
    </span>
  )
}

function Value({ text }: { text: string | null }) {
  if (text === null)
    return (
      <span className="text-quiet" title="absent">
        <span aria-hidden="true">∅</span>
        <span className="sr-only">absent</span>
      </span>
    )
  if (text === '') return <span className="text-quiet">empty</span>
  return (
    <code>
      <ChangedText text={text} />
    </code>
  )
}

function LongValue({ left, right }: { left: string; right: string }) {
  const words = changedWords(left, right)
  return (
    <span className="change-value change-stacked">
      <del className="diff-line" data-sign="−">
        <code>
          <ChangedText text={left} pieces={words?.left} />
        </code>
      </del>
      <ins className="diff-line" data-sign="+">
        <code>
          <ChangedText text={right} pieces={words?.right} />
        </code>
      </ins>
    </span>
  )
}
