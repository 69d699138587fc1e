import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { type Change, ChangeList } from './ChangeList.tsx'
import { TruncationNote } from './TruncationNote.tsx'
import { DiffSection } from './DiffSection.tsx'
import { changeOf } from './duniverse-change.ts'
import type { PartProps } from './part-props.ts'

const DuniversePartFragment = graphql(`
  fragment DuniversePart on OpamDiff {
    duniverse {
      onlyLeft {
        name
        url
      }
      onlyRight {
        name
        url
      }
      changed {
        name
        isSameContent
        left {
          url
        }
        right {
          url
        }
        hashes {
          kind
          left
          right
        }
      }
    }
  }
`)

type Props = PartProps & { opam: FragmentType<typeof DuniversePartFragment> | null }

/** The folders of sources that the root package vendors. */
export function DuniversePart({ opam, counts, ...part }: Props) {
  const duniverse = readFragment(DuniversePartFragment, opam)?.duniverse
  const { onlyLeft = [], onlyRight = [], changed = [] } = duniverse ?? {}
  const { matches } = part.filter
  const passing = {
    changed: changed.filter(({ name, left, right, hashes }) =>
      matches(name, left.url, right.url, ...hashes.flatMap((hash) => [hash.left ?? '', hash.right ?? ''])),
    ),
    onlyRight: onlyRight.filter(({ name, url }) => matches(name, url)),
    onlyLeft: onlyLeft.filter(({ name, url }) => matches(name, url)),
  }
  const changes = [
    ...passing.changed.map(changeOf),
    ...passing.onlyRight.map(({ name, url }): Change => ({ name, left: null, right: url, note: 'added' })),
    ...passing.onlyLeft.map(({ name, url }): Change => ({ name, left: url, right: null, note: 'removed' })),
  ]
  return (
    <DiffSection
      {...part}
      id="duniverse"
      total={counts.duniverse}
      passing={passing.changed.length + passing.onlyLeft.length + passing.onlyRight.length}
    >
      <ChangeList label="Changed folders" changes={changes} />
      <TruncationNote listed={onlyLeft.length + onlyRight.length + changed.length} total={counts.duniverse} />
    </DiffSection>
  )
}
