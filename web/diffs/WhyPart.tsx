import { lazy } from 'react'
import { useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { visibleName } from '../ui/visible-text.ts'
import { AskedPart } from './AskedPart.tsx'

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

/** Why files of the two builds differ, which takes seconds. The file is in the address (`?file=hello.deb`). */
export function WhyPart(props: {
  left: string
  right: string
  paths: readonly (string | null)[]
  mainPath: string
  isOpenAtFirst: boolean
}) {
  const { left, right, paths, mainPath, isOpenAtFirst } = props
  const [search] = useSearchParams()
  const wanted = search.get('file')
  const path = paths.find((each) => each === wanted) ?? paths[0] ?? null
  if (paths.length === 0) return null
  return (
    <AskedPart
      id="why"
      summary={`${visibleName(path ?? mainPath)}, byte for byte`}
      isOpenAtFirst={isOpenAtFirst}
      isAddressed={wanted !== null}
      head={paths.length > 1 && <FileSelect paths={paths} path={path} mainPath={mainPath} />}
      waiting="Comparing byte for byte …"
    >
      <WhyItDiffers left={left} right={right} path={path} />
    </AskedPart>
  )
}

function FileSelect(props: { paths: readonly (string | null)[]; path: string | null; mainPath: string }) {
  const { paths, path, mainPath } = props
  const changeSearch = useChangeSearch()
  return (
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
            {visibleName(each ?? mainPath)}
          </option>
        ))}
      </select>
    </label>
  )
}
