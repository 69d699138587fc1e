import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation } from 'react-router'
import { rowLink } from '../shell/shortcuts.ts'
import { Icon } from '../ui/Icon.tsx'
import { partTitles } from './parts.ts'

const CausePart = lazy(() => import('../bisect/CausePart.tsx'))

/** Which of the changes is the cause: asked for when the part is opened, because it reads the inputs of some dozen builds. */
export function CauseSection(props: { left: string; right: string; isOpenAtFirst: boolean }) {
  const { left, right, isOpenAtFirst } = props
  const { hash } = useLocation()
  const isAddressed = hash === '#cause'
  const [isOpen, setIsOpen] = useState(isOpenAtFirst || isAddressed)
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (isAddressed && details.current) details.current.open = true
  }, [isAddressed])
  return (
    <section
      id="cause"
      aria-labelledby="cause-title"
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
            <h2 id="cause-title">{partTitles.cause}</h2>
            <span className="min-w-0 text-small text-quiet">
              by the builds before and after, and other jobs
            </span>
          </span>
        </summary>
        <div className="min-h-40 min-w-0 pb-4 pl-6 narrow:pl-0">
          {isOpen && (
            <Suspense>
              <CausePart left={left} right={right} />
            </Suspense>
          )}
        </div>
      </details>
    </section>
  )
}
