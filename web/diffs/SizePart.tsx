import { useSuspenseQuery } from '@apollo/client/react'
import { lazy, Suspense, useRef } from 'react'
import { useRefetchWhenReady } from '../analyses/use-refetch-when-ready.ts'
import { graphql } from '../gql/index.ts'
import { formatByteSize } from '../ui/byte-size.ts'
import { useIsSeen } from '../ui/use-is-seen.ts'
import { type Change, ChangeList } from './ChangeList.tsx'
import { DiffSection } from './DiffSection.tsx'
import { formatSizeDelta } from '../ui/signed.ts'
import type { TextFilter } from './text-filter.ts'

export const SizePartQuery = graphql(`
  query SizePart($left: UUID!, $right: UUID!) {
    diff(left: $left, right: $right) {
      left {
        id
        ...BuildAnalyses
      }
      right {
        id
        ...BuildAnalyses
      }
      binarySize {
        reason
        summary
        modules(first: 100) {
          name
          packageName
          leftBytes
          rightBytes
        }
      }
    }
  }
`)

const SizeOfDiff = lazy(() => import('../binary-size/SizeOfDiff.tsx'))

/** As many as the query above asks for. */
const mostAsked = 100

/** Changes that are listed above the picture, which has all of them. */
const mostListed = 12

/** What in the binaries grew and shrank: the largest changes in words, then the picture of all. */
export function SizePart(props: {
  left: string
  right: string
  job: string
  filter: TextFilter
  isOpenAtFirst: boolean
}) {
  return (
    <Suspense fallback={<p className="border-t border-line py-2 pl-6 text-quiet">Size by module</p>}>
      <LoadedPart {...props} />
    </Suspense>
  )
}

function LoadedPart({ left, right, job, filter, isOpenAtFirst }: Parameters<typeof SizePart>[0]) {
  const { data, refetch } = useSuspenseQuery(SizePartQuery, { variables: { left, right } })
  const { diff } = data
  const { modules = [], reason, summary } = diff?.binarySize ?? {}
  const changes = modules.map(({ name, packageName, leftBytes, rightBytes }): Change => ({
    name: packageName && packageName !== name ? `${name} (${packageName})` : name,
    left: leftBytes === 0 ? null : formatByteSize(leftBytes),
    right: rightBytes === 0 ? null : formatByteSize(rightBytes),
    note: formatSizeDelta(rightBytes - leftBytes),
  }))
  const passing = changes.filter(({ name }) => filter.matches(name))
  return (
    <>
      {diff && <Follow build={diff.left} refetch={refetch} />}
      {diff && <Follow build={diff.right} refetch={refetch} />}
      <DiffSection
        id="size"
        total={changes.length}
        passing={passing.length}
        isCut={changes.length === mostAsked}
        words={summary}
        unknown={reason ?? undefined}
        filter={filter}
        isOpenAtFirst={isOpenAtFirst}
      >
        <ChangeList label="Largest changes of size" changes={passing.slice(0, mostListed)} />
        <SeenPicture left={left} right={right} job={job} />
      </DiffSection>
    </>
  )
}

/** Asks again once the sizes of a side are known that were not before. Shows nothing. */
function Follow(props: { build: Parameters<typeof useRefetchWhenReady>[0]; refetch: () => unknown }) {
  useRefetchWhenReady(props.build, 'BINARY_SIZE', props.refetch)
  return null
}

/** Loaded once the part is open and near. */
function SeenPicture(props: { left: string; right: string; job: string }) {
  const element = useRef<HTMLDivElement>(null)
  const [isSeen, focusStop] = useIsSeen(element)
  return (
    <div
      ref={element}
      {...focusStop}
      role="group"
      aria-label="Picture of the changes of size"
      className="mt-4 min-h-[44rem]"
    >
      {isSeen && (
        <Suspense fallback={null}>
          <SizeOfDiff {...props} />
        </Suspense>
      )}
    </div>
  )
}
