import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation } from 'react-router'
import { rowLink } from '../shell/shortcuts.ts'
import { Icon } from '../ui/Icon.tsx'
import { partTitles } from './parts.ts'

/**
 * A part of a comparison whose content is asked for when it is opened, because that takes time. It is open at first if the
 * address names it, or `isAddressed`. `head` is above the content, and there before it.
 */
export function AskedPart(props: {
  id: 'cause' | 'why'
  summary: string
  isOpenAtFirst: boolean
  isAddressed?: boolean
  head?: ReactNode
  waiting?: string
  children: ReactNode
}) {
  const { id, summary, isOpenAtFirst, head, waiting, children } = props
  const { hash } = useLocation()
  const isAddressed = hash === `#${id}` || props.isAddressed === true
  const [isOpen, setIsOpen] = useState(isOpenAtFirst || isAddressed)
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (isAddressed && details.current) details.current.open = true
  }, [isAddressed])
  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="part relative scroll-mt-4 border-t border-line"
    >
      <details
        ref={details}
        className="group"
        open={isOpenAtFirst || isAddressed}
        onToggle={(event) => setIsOpen(event.currentTarget.open)}
      >
        <summary className="flex cursor-pointer list-none items-baseline gap-x-2 py-2 pr-8" {...rowLink}>
          <Icon name="forward" className="translate-y-[3px] text-quiet group-open:rotate-90" />
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
            <h2 id={`${id}-title`}>{partTitles[id]}</h2>
            <span className="min-w-0 text-small text-quiet wrap-anywhere">{summary}</span>
          </span>
        </summary>
        <div className="min-h-40 min-w-0 pb-4 pl-6 narrow:pl-0">
          {head}
          {isOpen && (
            <Suspense
              fallback={
                waiting && (
                  <p role="status" data-state="loading">
                    {waiting}
                  </p>
                )
              }
            >
              {children}
            </Suspense>
          )}
        </div>
      </details>
    </section>
  )
}
