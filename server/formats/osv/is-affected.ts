import { compareVersions } from '../opam/version.ts'
import type { OsvAffected, OsvEvent } from './advisory.ts'

/** Some packages have `v` before their numbers, which addresses of archives often leave out. */
const prefixed = /^v(?=\d)/

/**
 * Whether an advisory is about a version: it lists the version, or one of its ranges has it by opam's order. Source: OSV schema, "Evaluation".
 */
export function isAffected({ ranges, versions }: Omit<OsvAffected, 'bindings'>, version: string): boolean {
  const isPrefixed = [...versions, ...ranges.flat().map((event) => event.version)].some((one) =>
    prefixed.test(one),
  )
  const spellings = isPrefixed && !prefixed.test(version) ? [version, `v${version}`] : [version]
  return spellings.some((one) => versions.includes(one) || ranges.some((events) => isInRange(events, one)))
}

function isInRange(events: readonly OsvEvent[], version: string): boolean {
  let isIn = false
  for (const event of events.toSorted(byVersion)) {
    const order = event.version === '0' ? -1 : compareVersions(event.version, version)
    if (event.kind === 'introduced' && order <= 0) isIn = true
    if (event.kind === 'fixed' && order <= 0) isIn = false
    if (event.kind === 'last_affected' && order < 0) isIn = false
  }
  return isIn
}

/** `0` comes before all versions. A fix comes before what begins at the same version. */
function byVersion(left: OsvEvent, right: OsvEvent): number {
  if (left.version === right.version) return rank(left) - rank(right)
  if (left.version === '0') return -1
  if (right.version === '0') return 1
  return compareVersions(left.version, right.version) || rank(left) - rank(right)
}

const rank = ({ kind }: OsvEvent) => (kind === 'introduced' ? 1 : 0)
