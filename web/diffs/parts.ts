import { countOf } from '../ui/signed.ts'

/** The parts of a comparison, in the order of the page. Each is the `id` of its section. */
export const partIds = [
  'packages',
  'opam-files',
  'environment',
  'system-packages',
  'script',
  'artifacts',
] as const
export type PartId = (typeof partIds)[number]

export type Counts = {
  packagesUpgraded: number
  packagesDowngraded: number
  packagesRespelled: number
  packagesAdded: number
  packagesRemoved: number
  packagesChanged: number
  duniverse: number
  environment: number
  systemPackages: number
  scriptLines: number
  artifacts: number
}

/** A section of the page: a part, or what explains the output instead of its inputs. */
export type SectionId = PartId | 'size' | 'why' | 'cause'

export const partTitles: Record<SectionId, string> = {
  packages: 'Packages',
  'opam-files': 'Same version, changed opam file',
  environment: 'Environment',
  'system-packages': 'System packages',
  script: 'Build script',
  artifacts: 'Artifacts',
  size: 'Size by module',
  why: 'Why it differs',
  cause: 'Which change is the cause',
}

type Input = 'OPAM_SWITCH' | 'DUNIVERSE' | 'ENVIRONMENT' | 'SYSTEM_PACKAGES' | 'SCRIPT'

/** The parts that show an input. */
export const partsOfInput: Record<Input, readonly PartId[]> = {
  OPAM_SWITCH: ['packages', 'opam-files'],
  DUNIVERSE: ['packages'],
  ENVIRONMENT: ['environment'],
  SYSTEM_PACKAGES: ['system-packages'],
  SCRIPT: ['script'],
}

/** An input at the beginning of a sentence. */
export const inputTitles: Record<Input, string> = {
  OPAM_SWITCH: 'The opam switch',
  DUNIVERSE: 'The duniverse',
  ENVIRONMENT: 'The build environment',
  SYSTEM_PACKAGES: 'The list of system packages',
  SCRIPT: 'The build script',
}

/** What changed in a part, in words; null when nothing did. `3 packages upgraded, 1 added`. */
export function describePart(part: PartId, counts: Counts): string | null {
  switch (part) {
    case 'packages':
      return describePackages(counts, 'package')
    case 'opam-files':
      return describe(counts.packagesChanged, 'opam file', 'changed')
    case 'environment':
      return describe(counts.environment, 'environment variable', 'changed')
    case 'system-packages':
      return describe(counts.systemPackages, 'system package', 'changed')
    case 'script':
      return describe(counts.scriptLines, 'line', 'of the build script changed')
    case 'artifacts':
      return describe(counts.artifacts, 'artifact', counts.artifacts === 1 ? 'differs' : 'differ')
  }
}

function describe(count: number, noun: string, what: string): string | null {
  return count === 0 ? null : `${countOf(count, noun)} ${what}`
}

/** `3 upgraded, 1 added, 4 vendored changed`; null when no package has another version. */
export function describePackages(counts: Counts, noun = ''): string | null {
  const kinds = [
    [counts.packagesUpgraded, 'upgraded'],
    [counts.packagesDowngraded, 'downgraded'],
    [counts.packagesRespelled, 'respelled'],
    [counts.packagesAdded, 'added'],
    [counts.packagesRemoved, 'removed'],
    [counts.duniverse, 'vendored changed'],
  ] as const
  // The noun once: "3 packages upgraded, 1 added".
  const words = kinds
    .filter(([count]) => count > 0)
    .map(([count, what], index) =>
      noun && index === 0 ? `${countOf(count, noun)} ${what}` : `${count.toLocaleString('en-US')} ${what}`,
    )
  return words.length > 0 ? words.join(', ') : null
}

/**
 * Whether a part is open before anyone touched it: what explains an output is, unless it is very long;
 * noise (system packages, artifacts) only when nothing else changed.
 */
export function isOpenAtFirst(part: PartId, changed: readonly PartId[], rowCount: number): boolean {
  if (!changed.includes(part)) return false
  const isNoise = (id: PartId) => id === 'system-packages' || id === 'artifacts'
  const explaining = changed.filter((id) => !isNoise(id))
  if (part === 'artifacts') return changed.length === 1
  if (isNoise(part)) return explaining.length === 0
  return rowCount <= 200 || explaining.length === 1
}
