import type { ReactNode } from 'react'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { DifferenceTreeFragment as Difference } from '../gql/graphql.ts'
import { TextDiffView } from '../diffs/TextDiffView.tsx'
import { formatByteSize } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'
import { countOf } from '../ui/signed.ts'
import { visibleName, visibleText } from '../ui/visible-text.ts'
import { Hexdump } from './Hexdump.tsx'

const DifferenceTreeFragment = graphql(`
  fragment DifferenceTree on Difference {
    parent
    name
    kind
    presence
    leftSizeBytes
    rightSizeBytes
    remark
    placeCount
    values {
      name
      left
      right
    }
    places {
      leftOffsetBytes
      rightOffsetBytes
      ...Hexdump
    }
    text {
      ...TextDiffView
    }
  }
`)

/** A tree of so many differences is open at first; of a larger one only the outermost. */
const mostOpen = 12

/** All differences of two files, each within the one that it is part of. */
export function DifferenceTree(props: {
  differences: readonly FragmentType<typeof DifferenceTreeFragment>[]
}) {
  const all = readFragment(DifferenceTreeFragment, props.differences)
  const children = new Map<number, number[]>()
  all.forEach(({ parent }, number) => {
    const siblings = children.get(parent ?? -1) ?? []
    children.set(parent ?? -1, [...siblings, number])
  })
  const branch = (parent: number, depth: number): ReactNode => {
    const numbers = children.get(parent)
    if (!numbers) return null
    return (
      <ul
        aria-label={depth === 0 ? 'Differences' : undefined}
        className={depth === 0 ? '' : 'ml-2 border-l border-line pl-3 narrow:ml-1 narrow:pl-2'}
      >
        {numbers.map((number) => {
          const difference = all[number]
          return (
            difference && (
              <Node key={number} difference={difference} isOpenAtFirst={all.length <= mostOpen || depth < 2}>
                {branch(number, depth + 1)}
              </Node>
            )
          )
        })}
      </ul>
    )
  }
  return branch(-1, 0)
}

const kindWords: Record<Difference['kind'], string> = {
  AR: 'ar archive',
  TAR: 'tar archive',
  ZIP: 'ZIP archive',
  GZIP: 'compressed with gzip',
  XZ: 'compressed with xz',
  ZSTD: 'compressed with zstd',
  ELF: 'program',
  SECTION: 'section',
  SYMBOL: 'symbol',
  TEXT: 'text',
  BYTES: 'bytes',
  METADATA: 'metadata',
}
const presenceWords = { BOTH: '', ONLY_LEFT: ', only left', ONLY_RIGHT: ', only right' } as const

function Node(props: { difference: Difference; isOpenAtFirst: boolean; children: ReactNode }) {
  const { difference, isOpenAtFirst, children } = props
  const { name, kind, presence, remark, values, placeCount, text } = difference
  const hasDetails = children !== null || values.length > 0 || placeCount > 0 || text != null
  const head = (
    <span className="min-w-0 wrap-anywhere">
      <code className="font-semibold">{visibleName(name)}</code>{' '}
      <span className="text-small text-quiet">
        {kindWords[kind]}
        {sizesOf(difference)}
        {presenceWords[presence]}
        {placeCount > 1 && `, ${countOf(placeCount, 'place')}`}
      </span>
      {remark != null && <span className="block">{visibleText(remark)}</span>}
    </span>
  )
  if (!hasDetails) return <li className="py-0.5 pl-5">{head}</li>
  return (
    <li>
      <details className="difference" open={isOpenAtFirst}>
        <summary className="flex cursor-pointer list-none items-baseline gap-x-1 py-0.5">
          <Icon name="forward" className="difference-mark shrink-0 translate-y-[3px] text-quiet" />
          {head}
        </summary>
        <div className="min-w-0 pb-1">
          <Details difference={difference} />
          {children}
        </div>
      </details>
    </li>
  )
}

function sizesOf({ leftSizeBytes: left, rightSizeBytes: right }: Difference): string {
  if (left == null && right == null) return ''
  if (left == null || right == null || left === right) return `, ${formatByteSize(left ?? right ?? 0)}`
  return `, ${formatByteSize(left)} → ${formatByteSize(right)}`
}

function Details({ difference: { name, values, places, placeCount, text } }: { difference: Difference }) {
  const of = visibleName(name)
  return (
    <div className="min-w-0 pl-5 narrow:pl-1">
      {values.length > 0 && (
        <ul className="text-small">
          {values.map((value) => (
            <li key={value.name} className="wrap-anywhere">
              {visibleName(value.name)}: <code>{visibleName(value.left)}</code>
              <span className="text-quiet"> → </span>
              <code>{visibleName(value.right)}</code>
            </li>
          ))}
        </ul>
      )}
      {text != null && <TextDiffView diff={text} label={`Lines of ${of}`} path={name} view="unified" />}
      {places.map((place) => (
        <Hexdump key={`${place.leftOffsetBytes} ${place.rightOffsetBytes}`} place={place} of={of} />
      ))}
      {placeCount > places.length && (
        <p className="mt-1 text-small text-quiet">
          {countOf(placeCount - places.length, 'more place')}{' '}
          {placeCount - places.length === 1 ? 'differs' : 'differ'}.
        </p>
      )}
    </div>
  )
}
