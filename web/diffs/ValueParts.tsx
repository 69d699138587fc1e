import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { type Change, ChangeList } from './ChangeList.tsx'
import { TruncationNote } from './TruncationNote.tsx'
import { DiffSection } from './DiffSection.tsx'
import type { PartProps } from './part-props.ts'
import { type PartId, partTitles } from './parts.ts'

const EnvironmentPartFragment = graphql(`
  fragment EnvironmentPart on EnvironmentDiff {
    onlyLeft {
      name
      value
    }
    onlyRight {
      name
      value
    }
    changed {
      name
      left
      right
    }
  }
`)

const SystemPackagesPartFragment = graphql(`
  fragment SystemPackagesPart on SystemPackagesDiff {
    onlyLeft {
      name
      version
    }
    onlyRight {
      name
      version
    }
    changed {
      name
      left
      right
    }
  }
`)

export function EnvironmentPart(
  props: PartProps & { environment: FragmentType<typeof EnvironmentPartFragment> | null },
) {
  const {
    onlyLeft = [],
    onlyRight = [],
    changed = [],
  } = readFragment(EnvironmentPartFragment, props.environment) ?? {}
  return (
    <ValuesPart
      {...props}
      id="environment"
      total={props.counts.environment}
      changed={changed}
      onlyLeft={onlyLeft.map(({ name, value }) => ({ name, left: value, right: null }))}
      onlyRight={onlyRight.map(({ name, value }) => ({ name, left: null, right: value }))}
    />
  )
}

export function SystemPackagesPart(
  props: PartProps & { systemPackages: FragmentType<typeof SystemPackagesPartFragment> | null },
) {
  const {
    onlyLeft = [],
    onlyRight = [],
    changed = [],
  } = readFragment(SystemPackagesPartFragment, props.systemPackages) ?? {}
  return (
    <ValuesPart
      {...props}
      id="system-packages"
      total={props.counts.systemPackages}
      changed={changed}
      onlyLeft={onlyLeft.map(({ name, version }) => ({ name, left: version, right: null }))}
      onlyRight={onlyRight.map(({ name, version }) => ({ name, left: null, right: version }))}
    />
  )
}

/** Named values that changed, came or went. */
function ValuesPart(
  props: PartProps & {
    id: PartId
    total: number
    changed: readonly Change[]
    onlyLeft: readonly Change[]
    onlyRight: readonly Change[]
  },
) {
  const { changed, onlyLeft, onlyRight, total, ...part } = props
  const changes = [
    ...changed,
    ...onlyRight.map((change) => ({ ...change, note: 'added' })),
    ...onlyLeft.map((change) => ({ ...change, note: 'removed' })),
  ]
  const passing = changes.filter(({ name, left, right }) => part.filter.matches(name, left, right))
  return (
    <DiffSection
      {...part}
      total={total}
      passing={passing.length}
      words={describeKinds(changed, onlyRight, onlyLeft)}
    >
      <ChangeList label={partTitles[part.id]} changes={passing} />
      <TruncationNote listed={changes.length} total={total} />
    </DiffSection>
  )
}

/** `2 changed, 1 added`. */
function describeKinds(...[changed, added, removed]: (readonly Change[])[]): string {
  return [[changed, 'changed'] as const, [added, 'added'] as const, [removed, 'removed'] as const]
    .filter(([changes]) => changes && changes.length > 0)
    .map(([changes, what]) => `${(changes?.length ?? 0).toLocaleString('en-US')} ${what}`)
    .join(', ')
}
