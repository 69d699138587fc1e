import { compareVersions } from '../formats/opam/version.ts'
import type { OsvAffected, OsvEvent } from '../formats/osv/advisory.ts'

/** Which versions have an issue, in words: `before 4.14.4, and from 5 before 5.5.0`. */
export function describeRanges({ ranges, versions }: Pick<OsvAffected, 'ranges' | 'versions'>): string {
  const parts = ranges.filter((events) => events.length > 0).flatMap(partsOf)
  if (parts.length > 0) return parts.join(', and ')
  const shown = versions.slice(0, 10).join(', ')
  return versions.length > 10 ? `${shown}, and ${versions.length - 10} more` : shown || 'no version'
}

function partsOf(events: readonly OsvEvent[]): string[] {
  const sorted = events.toSorted((l, r) => compareVersions(l.version, r.version))
  const parts: string[] = []
  let from: string | null = null
  for (const { kind, version } of sorted) {
    if (kind === 'introduced') {
      from ??= version
      continue
    }
    if (from === null) continue
    const end = kind === 'fixed' ? `before ${version}` : `up to ${version}`
    parts.push(from === '0' ? end : `from ${from} ${end}`)
    from = null
  }
  if (from !== null) parts.push(from === '0' ? 'all versions' : `from ${from} on`)
  return parts
}
