import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useLocation } from 'react-router'
import { rowLink } from '../shell/shortcuts.ts'
import { Icon } from '../ui/Icon.tsx'
import { partTitles, type SectionId } from './parts.ts'
import type { TextFilter } from './text-filter.ts'

/** Why a part could not be compared, for each side that is the reason. */
export type Missing = readonly { side: 'LEFT' | 'RIGHT'; reason: string }[]

/**
 * A part of the comparison, folded or open. Its address (`#environment`) opens it; while a filter is set,
 * it is open as long as something of it passes. What could not be compared is one line; what did not change is named in the summary alone.
 */
export function DiffSection(props: {
  id: SectionId
  /** How many changes it has, and how many of them pass the filter. */
  total: number
  passing: number
  /** Whether there are more than `total`. */
  isCut?: boolean
  /** In words, beside the title. */
  words?: ReactNode
  missing?: Missing
  /** How the bytes differ when no change is listed: the part is not equal, then. */
  unlisted?: string | undefined
  /** Why there is nothing to compare on either side. */
  unknown?: string
  filter: TextFilter
  isOpenAtFirst: boolean
  children: ReactNode
}) {
  const { id, total, passing, words, missing = [], unknown, filter } = props
  const title = partTitles[id]
  const isFolded = missing.length > 0 || unknown !== undefined || total === 0
  const { details, wasWished } = useOpening(
    id,
    filter.isEmpty ? props.isOpenAtFirst : passing > 0,
    filter.isEmpty,
  )
  if (isFolded && missing.length === 0 && unknown === undefined && props.unlisted === undefined) return null

  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="part relative scroll-mt-4 border-t border-line"
    >
      <a
        href={`#${id}`}
        aria-label={`Link to ${title}`}
        className="part-link absolute top-2 right-0 px-1.5 text-quiet"
      >
        #
      </a>
      {isFolded ? (
        <div className="flex flex-wrap items-baseline gap-x-3 py-2 pr-8 pl-6">
          <h2 id={`${id}-title`} className="font-normal text-quiet">
            {title}
          </h2>
          {missing.length > 0 ? (
            <NotCompared missing={missing} />
          ) : unknown !== undefined ? (
            <span className="min-w-0 text-quiet wrap-anywhere">not compared · {unknown}</span>
          ) : (
            <span className="min-w-0 wrap-anywhere">{props.unlisted}</span>
          )}
        </div>
      ) : (
        <details ref={details} open={wasWished} className="group">
          <summary className="flex cursor-pointer list-none items-baseline gap-x-2 py-2 pr-8" {...rowLink}>
            <Icon name="forward" className="translate-y-[3px] text-quiet group-open:rotate-90" />
            <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
              <h2 id={`${id}-title`}>
                {title}{' '}
                <span className="font-normal text-quiet tabular-nums">
                  {!filter.isEmpty && `${passing.toLocaleString('en-US')} of `}
                  {total.toLocaleString('en-US')}
                  {props.isCut && '+'}
                </span>
              </h2>
              {words && <span className="text-small text-quiet">{words}</span>}
            </span>
          </summary>
          <div className="pb-4 pl-6 narrow:pl-0">
            {passing > 0 ? props.children : <p className="text-quiet">Nothing here passes the filter.</p>}
          </div>
        </details>
      )}
    </section>
  )
}

/** Why something was not compared, by sides. */
export function NotCompared({ missing }: { missing: Missing }) {
  const reasons = [...new Set(missing.map(({ reason }) => reason))]
  const sidesOf = (reason: string) =>
    missing.filter((it) => it.reason === reason).map(({ side }) => (side === 'LEFT' ? 'left' : 'right'))
  return (
    <span className="min-w-0">
      <span className="text-warn">not compared</span>
      {reasons.map((reason) => (
        <span key={reason} className="text-quiet wrap-anywhere">
          {' · '}
          {[...new Set(sidesOf(reason))].join(' and ')}: {reason}
        </span>
      ))}
    </span>
  )
}

/**
 * Opens and closes a `details` as the page wishes, without taking it from its reader: only when the wish
 * changes, or an address names it. Afterwards what the reader did is restored when the filter goes.
 */
function useOpening(id: string, isWished: boolean, isAtRest: boolean) {
  const details = useRef<HTMLDetailsElement>(null)
  // What the server draws. It stays: a change would take the part from its reader.
  const [wasWished] = useState(isWished)
  const atRest = useRef<boolean | null>(null)
  const { hash, key } = useLocation()

  // Before it is painted: what opens afterwards pushes away what is below.
  useLayoutEffect(() => {
    const element = details.current
    if (!element) return
    if (isAtRest) {
      element.open = atRest.current ?? isWished
      return
    }
    element.open = isWished
  }, [isWished, isAtRest])

  useEffect(() => {
    const element = details.current
    if (!element || !isAtRest) return
    const remember = () => (atRest.current = element.open)
    element.addEventListener('toggle', remember)
    return () => element.removeEventListener('toggle', remember)
  }, [isAtRest])

  useLayoutEffect(() => {
    if (details.current && hash === `#${id}`) details.current.open = true
  }, [hash, id, key])

  return { details, wasWished }
}
