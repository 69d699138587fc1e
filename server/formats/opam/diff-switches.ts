import type { Side } from '../side.ts'
import { diffDuniverse, type DuniverseDiff } from './diff-duniverse.ts'
import { isEffectivelyEqual } from './effective.ts'
import type { OpamSection } from './opam-value.ts'
import { printPackage } from './print-package.ts'
import { isSameItems } from './same-items.ts'
import type { InstalledPackage, SwitchExport } from './switch-export.ts'
import { compareVersions } from './version.ts'

/** `respelled`: another text with the same rank, such as `1.0` and `1.00`. */
export type ChangedVersion = {
  readonly name: string
  readonly left: string
  readonly right: string
  readonly direction: 'upgrade' | 'downgrade' | 'respelled'
}

/** The texts are complete opam files, in opam's own layout and order of fields. */
export type ChangedSection = {
  readonly name: string
  readonly version: string
  /** Only descriptive fields differ; the packages are built and installed alike. */
  readonly isEffectivelyEqual: boolean
  readonly left: string
  readonly right: string
}

/** How the right switch differs from the left one. Lists are sorted by package name. */
export type SwitchDiff = {
  readonly onlyLeft: readonly InstalledPackage[]
  readonly onlyRight: readonly InstalledPackage[]
  readonly changedVersions: readonly ChangedVersion[]
  /** The same version with another opam section. */
  readonly changedSections: readonly ChangedSection[]
  /** The versions are equal, but only one export has the section, so the sections cannot be compared. */
  readonly withoutSection: readonly (InstalledPackage & { readonly side: Side })[]
  readonly duniverse: DuniverseDiff
}

/** Compares two switches by package name. Source: docs/spec/drop-in.md, "Comparison rules". */
export function diffSwitches(left: SwitchExport, right: SwitchExport): SwitchDiff {
  const leftVersions = versionsOf(left)
  const rightVersions = versionsOf(right)
  const changedVersions: ChangedVersion[] = []
  const changedSections: ChangedSection[] = []
  const withoutSection: (InstalledPackage & { side: Side })[] = []

  for (const [name, version] of leftVersions) {
    const other = rightVersions.get(name)
    if (other === undefined) continue
    if (other !== version) {
      changedVersions.push({ name, left: version, right: other, direction: directionOf(version, other) })
      continue
    }
    const leftSection = left.packages.get(name)
    const rightSection = right.packages.get(name)
    if (leftSection && rightSection) {
      const changed = diffSections(leftSection, rightSection)
      if (changed) changedSections.push({ name, version, ...changed })
    } else if (leftSection || rightSection)
      withoutSection.push({ name, version, side: leftSection ? 'right' : 'left' })
  }

  return {
    onlyLeft: onlyIn(leftVersions, rightVersions),
    onlyRight: onlyIn(rightVersions, leftVersions),
    changedVersions,
    changedSections,
    withoutSection,
    duniverse: diffDuniverse(left, right),
  }
}

function versionsOf({ installed }: SwitchExport): Map<string, string> {
  const sorted = installed.toSorted((l, r) => (l.name < r.name ? -1 : l.name > r.name ? 1 : 0))
  return new Map(sorted.map(({ name, version }) => [name, version]))
}

function onlyIn(versions: Map<string, string>, others: Map<string, string>): InstalledPackage[] {
  return [...versions].filter(([name]) => !others.has(name)).map(([name, version]) => ({ name, version }))
}

function directionOf(left: string, right: string): ChangedVersion['direction'] {
  const order = compareVersions(left, right)
  return order < 0 ? 'upgrade' : order > 0 ? 'downgrade' : 'respelled'
}

/** Null for sections that print alike. Most sections have equal text, which is cheaper to check first. */
function diffSections(
  left: OpamSection,
  right: OpamSection,
): Pick<ChangedSection, 'isEffectivelyEqual' | 'left' | 'right'> | null {
  if (isSameItems(left.items, right.items)) return null
  const texts = { left: printPackage(left), right: printPackage(right) }
  if (texts.left === texts.right) return null
  return { isEffectivelyEqual: isEffectivelyEqual(left, right), ...texts }
}
