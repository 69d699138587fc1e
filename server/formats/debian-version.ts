import { compareVersions } from './opam/version.ts'

/**
 * Compares versions of Debian packages, `[epoch:]upstream[-revision]`: negative if `left` is older. Source: Debian Policy, 5.6.12.
 */
export function compareDebianVersions(left: string, right: string): number {
  const l = partsOf(left)
  const r = partsOf(right)
  return (
    compareVersions(l.epoch, r.epoch) ||
    compareVersions(l.upstream, r.upstream) ||
    compareVersions(l.revision, r.revision)
  )
}

/** A missing epoch or revision is the same as 0. */
function partsOf(version: string) {
  const colon = version.indexOf(':')
  const [epoch, rest] = colon < 0 ? ['0', version] : [version.slice(0, colon), version.slice(colon + 1)]
  const dash = rest.lastIndexOf('-')
  const [upstream, revision] = dash < 0 ? [rest, '0'] : [rest.slice(0, dash), rest.slice(dash + 1)]
  return { epoch, upstream, revision }
}
