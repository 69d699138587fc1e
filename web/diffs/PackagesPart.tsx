import { paths } from '../paths.ts'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { type Change, ChangeList } from './ChangeList.tsx'
import { TruncationNote } from './TruncationNote.tsx'
import { DiffSection, type Missing, NotCompared } from './DiffSection.tsx'
import { VendoredFragment, vendoredChanges } from './vendored-changes.ts'
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

type Opam = FragmentType<typeof PackagesPartFragment> & FragmentType<typeof VendoredFragment>

/**
 * The packages whose version changed, and those that came or went: those of opam, and those that the root package vendors. `vendoredMissing`: why
 * vendored ones could not be compared.
 */
export function PackagesPart(props: PartProps & { opam: Opam | null; vendoredMissing: Missing }) {
  const { opam, counts, vendoredMissing, ...part } = props
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
  ].map((change) => ({ ...change, href: paths.package('opam', change.name) }))
  const vendored = vendoredChanges(readFragment(VendoredFragment, opam), part.filter)
  const passing = [
    ...changes.filter(({ name, left, right }) => part.filter.matches(name, left, right)),
    ...vendored.passing,
  ]
  const total =
    counts.duniverse +
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
      {vendoredMissing.length > 0 && (
        <p className="mt-1 text-small">
          Vendored sources: <NotCompared missing={vendoredMissing} />
        </p>
      )}
      <TruncationNote listed={changes.length + vendored.listedCount} total={total} />
    </DiffSection>
  )
}
