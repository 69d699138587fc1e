import type { ReactNode } from 'react'
import { type Counts, describePart, partIds, type PartId, partTitles } from './parts.ts'

/** Which parts changed, as links to them; then which did not, and which could not be compared. */
export function ChangedParts(props: {
  counts: Counts
  notCompared: readonly PartId[]
  /** What differs in bytes though nothing of it is listed, in words. */
  unlisted: readonly { part: PartId; words: string }[]
  platforms: string | null
  sizes: ReactNode
}) {
  const { counts, notCompared, unlisted, platforms, sizes } = props
  const parts = partIds.map((id) => ({ id, words: describePart(id, counts) }))
  const changed = parts.filter(({ words }) => words !== null)
  const equal = parts.filter(
    ({ id, words }) =>
      words === null && !notCompared.includes(id) && !unlisted.some(({ part }) => part === id),
  )
  return (
    <>
      {(changed.length > 0 || platforms || sizes) && (
        <ul aria-label="What changed" className="mt-3 space-y-0.5">
          {platforms && <li className="wrap-anywhere">platform {platforms}</li>}
          {changed.map(({ id, words }) => (
            <li key={id}>
              <a href={`#${id}`}>{words}</a>
            </li>
          ))}
          {sizes && (
            <li className="truncate">
              <a href="#size">{sizes}</a>
            </li>
          )}
        </ul>
      )}
      {[...new Set(unlisted.map(({ words }) => words))].map((words) => (
        <p key={words} className="mt-2">
          {words}.
        </p>
      ))}
      {equal.length > 0 && (
        <p className="mt-2 text-quiet">Unchanged: {listTitles(equal.map(({ id }) => id))}.</p>
      )}
      {notCompared.length > 0 && <p className="mt-2 text-warn">Not compared: {listTitles(notCompared)}.</p>}
    </>
  )
}

function listTitles(parts: readonly PartId[]): string {
  const titles = parts.map((id) => (id === 'opam-files' ? 'opam files' : partTitles[id].toLowerCase()))
  return titles.join(', ')
}
