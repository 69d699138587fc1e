import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation, useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { Icon } from '../ui/Icon.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { partTitles } from './parts.ts'

const WhyItDiffers = lazy(() => import('../deep-diff/WhyItDiffers.tsx'))

/** Recorded inputs have parts of their own. */
const inputs = ['opam-switch', 'build-environment', 'system-packages']

/** Paths of the changed files that are compared in depth; null stands for the main binaries, which may have other names. */
export function comparedInDepth(
  hasOtherBinary: boolean,
  mainPath: string | null,
  changed: readonly string[],
) {
  const others = changed.filter((path) => !inputs.includes(path) && path !== mainPath)
  return hasOtherBinary ? [null, ...others] : others
}

/**
 * Why files of the two builds differ: asked for when the part is opened, because it takes seconds. The file is in the address
 * (`?file=hello.deb`).
 */
export function WhyPart(props: {
  left: string
  right: string
  paths: readonly (string | null)[]
  mainPath: string
  isOpenAtFirst: boolean
}) {
  const { left, right, paths, mainPath, isOpenAtFirst } = props
  const { hash } = useLocation()
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  const wanted = search.get('file')
  const path = paths.find((each) => each === wanted) ?? paths[0] ?? null
  const isAddressed = hash === '#why' || wanted !== null
  const [isOpen, setIsOpen] = useState(isOpenAtFirst || isAddressed)
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (isAddressed && details.current) details.current.open = true
  }, [isAddressed])
  if (paths.length === 0) return null
  const nameOf = (each: string | null) => visibleName(each ?? mainPath)

  return (
    <section id="why" aria-labelledby="why-title" className="part relative scroll-mt-4 border-t border-line">
      <details
        ref={details}
        className="group"
        open={isOpenAtFirst || isAddressed}
        onToggle={(event) => setIsOpen(event.currentTarget.open)}
      >
        <summary className="flex cursor-pointer list-none items-baseline gap-x-2 py-2 pr-8" {...rowLink}>
          <Icon name="forward" className="translate-y-[3px] text-quiet group-open:rotate-90" />
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
            <h2 id="why-title">{partTitles.why}</h2>
            <span className="min-w-0 text-small text-quiet wrap-anywhere">{nameOf(path)}, byte for byte</span>
          </span>
        </summary>
        <div className="min-h-40 min-w-0 pb-4 pl-6 narrow:pl-0">
          {paths.length > 1 && (
            <label className="mb-3 flex min-w-0 items-center gap-2">
              File
              <select
                className="control min-w-0"
                value={path ?? ''}
                onChange={({ target }) =>
                  changeSearch((now) => {
                    if (target.value === '') now.delete('file')
                    else now.set('file', target.value)
                  })
                }
              >
                {paths.map((each) => (
                  <option key={each ?? ''} value={each ?? ''}>
                    {nameOf(each)}
                  </option>
                ))}
              </select>
            </label>
          )}
          {isOpen && (
            <Suspense
              fallback={
                <p role="status" data-state="loading">
                  Comparing byte for byte …
                </p>
              }
            >
              <WhyItDiffers left={left} right={right} path={path} />
            </Suspense>
          )}
        </div>
      </details>
    </section>
  )
}
