import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { type Change, ChangeList } from './ChangeList.tsx'
import { TruncationNote } from './TruncationNote.tsx'
import { DiffSection } from './DiffSection.tsx'
import type { PartProps } from './part-props.ts'
import { describePackages } from './parts.ts'

const PackagesPartFragment = graphql(`
  fragment PackagesPart on OpamDiff {
    onlyLeft {
      name
      version
    }
    onlyRight {
      name
      version
    }
    versionChanged {
      name
      left
      right
      direction
    }
  }
`)

type Props = PartProps & { opam: FragmentType<typeof PackagesPartFragment> | null }

/** The opam packages whose version changed, and those that came or went. */
export function PackagesPart({ opam, counts, ...part }: Props) {
  const {
    onlyLeft = [],
    onlyRight = [],
    versionChanged = [],
  } = readFragment(PackagesPartFragment, opam) ?? {}
  const versions = (direction: string, note?: string) =>
    versionChanged
      .filter((change) => change.direction === direction)
      .map(({ name, left, right }): Change => ({ name, left, right, ...(note && { note }) }))
  const changes = [
    ...versions('UPGRADE'),
    ...versions('DOWNGRADE', 'downgraded'),
    ...versions('RESPELLED', 'the same version, spelled otherwise'),
    ...onlyRight.map(({ name, version }): Change => ({ name, left: null, right: version, note: 'added' })),
    ...onlyLeft.map(({ name, version }): Change => ({ name, left: version, right: null, note: 'removed' })),
  ]
  const passing = changes.filter(({ name, left, right }) => part.filter.matches(name, left, right))
  const total =
    counts.packagesUpgraded +
    counts.packagesDowngraded +
    counts.packagesRespelled +
    counts.packagesAdded +
    counts.packagesRemoved
  return (
    <DiffSection
      {...part}
      id="packages"
      total={total}
      passing={passing.length}
      words={describePackages(counts)}
    >
      <ChangeList label="Changed packages" changes={passing} />
      <TruncationNote listed={changes.length} total={total} />
    </DiffSection>
  )
}
