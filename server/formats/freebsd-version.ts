import { compareVersions } from './opam/version.ts'

/**
 * Compares versions of FreeBSD packages, `upstream[_revision][,epoch]`: negative if `left` is older. Stages before a release
 * (`rc1`, `.a1`, `.b2`, `.p1`) are older than it. Source: FreeBSD Porter's Handbook, 5.2.4; `pkg-version(8)`.
 */
export function compareFreebsdVersions(left: string, right: string): number {
  const l = partsOf(left)
  const r = partsOf(right)
  return l.epoch - r.epoch || compareUpstream(l.upstream, r.upstream) || l.revision - r.revision
}

function partsOf(version: string) {
  const [, upstream = version, revision, epoch] = /^(.*?)(?:_(\d+))?(?:,(\d+))?$/s.exec(version) ?? []
  return { upstream, revision: Number(revision ?? 0), epoch: Number(epoch ?? 0) }
}

const stage = /(?<=\d)(?:\.?(?:alpha|beta|pre|rc)|\.[abp])(?=\d|\.|$)/gi

/** `~` is what stands before a release in the order of Debian. Other letters come after it, as there. */
const compareUpstream = (left: string, right: string) =>
  compareVersions(left.replace(stage, markStage), right.replace(stage, markStage))

const markStage = (name: string) => `~${name.replace('.', '').toLowerCase()}`
