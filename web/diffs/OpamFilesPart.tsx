import { useEffect, useRef } from 'react'
import { useLocation } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Icon } from '../ui/Icon.tsx'
import { DiffSection } from './DiffSection.tsx'
import type { PartProps } from './part-props.ts'
import { countOf } from '../ui/signed.ts'
import { hasChangedLine, readTextDiff, type TextDiffOf, TextDiffView } from './TextDiffView.tsx'
import type { DiffView } from './use-diff-view.ts'

const OpamFilesPartFragment = graphql(`
  fragment OpamFilesPart on OpamDiff {
    fileUnknown {
      name
      version
      side
    }
    fileChanged {
      ...OpamFile
    }
  }
`)

const OpamFileFragment = graphql(`
  fragment OpamFile on OpamFileDiff {
    name
    version
    isEffective
    diff {
      ...TextDiffView
    }
  }
`)

/** More files at once are shown folded. */
const maxOpenFiles = 12

type Props = PartProps & { opam: FragmentType<typeof OpamFilesPartFragment> | null }

/** Packages at the same version whose opam file changed, or is known on one side only. */
export function OpamFilesPart({ opam, ...part }: Props) {
  const { fileUnknown = [], fileChanged = [] } = readFragment(OpamFilesPartFragment, opam) ?? {}
  const { matches } = part.filter
  const files = readFragment(OpamFileFragment, fileChanged)
  const passing = files.filter(
    ({ name, version, diff }) => matches(name, version) || hasChangedLine(diff, matches),
  )
  const unknown = fileUnknown.filter(({ name, version }) => matches(name, version))
  const effective = passing.filter(({ isEffective }) => isEffective)
  const descriptive = passing.filter(({ isEffective }) => !isEffective)
  const count = (isEffective: boolean) => files.filter((file) => file.isEffective === isEffective).length
  return (
    <DiffSection
      {...part}
      id="opam-files"
      total={files.length + fileUnknown.length}
      passing={passing.length + unknown.length}
      words={[
        countWords(count(true), 'may affect the build'),
        countWords(count(false), 'cannot'),
        countWords(fileUnknown.length, 'unknown'),
      ]
        .filter((words) => words !== null)
        .join(', ')}
    >
      <div className="space-y-3">
        {effective.map((file) => (
          <OpamFile
            key={file.name}
            file={file}
            view={part.view}
            isOpenAtFirst={effective.length <= maxOpenFiles}
          />
        ))}
        {descriptive.length > 0 && (
          <div>
            <h3 className="text-small font-normal text-quiet">
              Changed only in what cannot affect the build: descriptions, links and the like
            </h3>
            {descriptive.map((file) => (
              <OpamFile key={file.name} file={file} view={part.view} isOpenAtFirst={false} />
            ))}
          </div>
        )}
        {unknown.length > 0 && (
          <div>
            <h3 className="text-small font-normal text-quiet">
              Unknown: {countOf(unknown.length, 'opam file')} that one of the exports lacks
            </h3>
            <ul aria-label="Unknown opam files" className="changes">
              {unknown.map(({ name, version, side }) => (
                <li key={name} className="change">
                  <code className="change-name">
                    {name}.{version}
                  </code>
                  <span className="text-quiet">
                    the {side === 'LEFT' ? 'left' : 'right'} build does not tell it
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </DiffSection>
  )
}

function countWords(count: number, what: string): string | null {
  return count === 0 ? null : `${count.toLocaleString('en-US')} ${what}`
}

function OpamFile(props: {
  file: { name: string; version: string; diff: TextDiffOf }
  view: DiffView
  isOpenAtFirst: boolean
}) {
  const { name, version, diff } = props.file
  const { addedCount, removedCount } = readTextDiff(diff)
  const id = `opam-file-${encodeURIComponent(name)}`
  const details = useOpenByAddress(id)
  return (
    <details ref={details} id={id} open={props.isOpenAtFirst} className="opam-file scroll-mt-4">
      <summary className="flex cursor-pointer list-none items-baseline gap-x-2 py-1">
        <Icon name="forward" className="opam-file-mark translate-y-[3px] text-quiet" />
        <code className="min-w-0 wrap-anywhere">
          {name}.{version}
        </code>
        <span className="text-small whitespace-nowrap">
          <span className="diff-added-count">+{addedCount.toLocaleString('en-US')}</span>{' '}
          <span className="diff-removed-count">−{removedCount.toLocaleString('en-US')}</span>
        </span>
      </summary>
      <div className="mt-1">
        <TextDiffView diff={diff} label={`opam file of ${name}`} path={`${name}/opam`} view={props.view} />
      </div>
    </details>
  )
}

/** An address that names the element opens it, and the part around it. */
function useOpenByAddress(id: string) {
  const details = useRef<HTMLDetailsElement>(null)
  const { hash, key } = useLocation()
  useEffect(() => {
    const element = details.current
    if (!element || hash !== `#${id}`) return
    element.open = true
    const part = element.parentElement?.closest('details')
    if (part) part.open = true
    element.scrollIntoView({ block: 'start' })
  }, [hash, id, key])
  return details
}
