import type { Package } from '../generated/prisma/client.ts'
import { formatOf, type Candidate } from './find-candidates.ts'
import type { Shadowed, Unreadable } from './published-details.ts'
import type { RepositoryDefinition } from './repositories-file.ts'

/** A package that is published. */
export type ChosenPackage = Candidate & Pick<Package, 'architecture' | 'control' | 'name' | 'version'>

export type Choice = {
  packages: ChosenPackage[]
  /** Packages with the name, version and architecture of a newer one, which is published in their place. */
  shadowed: Shadowed[]
  unreadable: Unreadable[]
}

const otherFormat = { APT: 'it is a FreeBSD package', PKG: 'it is a Debian package' }

/**
 * Which packages a repository has: of each name and architecture, the `keep` newest versions by the time of their first build. Of several
 * packages with the same version, the newest is published: a version is one file for apt and pkg. `candidates`: newest first.
 */
export function choosePackages(
  definition: RepositoryDefinition,
  candidates: readonly Candidate[],
  packages: ReadonlyMap<string, Package>,
): Choice {
  const versions = new Map<string, Map<string, string>>()
  const choice: Choice = { packages: [], shadowed: [], unreadable: [] }
  for (const candidate of candidates) {
    const found = packages.get(candidate.sha256)
    if (!found) continue
    const { architecture, control, name, version } = found
    const problem =
      found.problem ?? (found.format === formatOf(definition) ? null : otherFormat[definition.kind])
    if (problem !== null) {
      choice.unreadable.push({ job: candidate.job, sha256: candidate.sha256, problem })
      continue
    }
    if (!isWanted(definition, architecture)) continue
    const key = JSON.stringify([name, architecture])
    const known = versions.get(key) ?? new Map<string, string>()
    versions.set(key, known)
    const newer = known.get(version)
    if (newer !== undefined)
      choice.shadowed.push({ name, version, architecture, sha256: candidate.sha256, by: newer })
    else if (known.size < definition.keep) {
      known.set(version, candidate.sha256)
      choice.packages.push({ ...candidate, architecture, control, name, version })
    }
  }
  return choice
}

function isWanted(definition: RepositoryDefinition, architecture: string): boolean {
  if (definition.kind === 'PKG') return isAbiOf(architecture, definition.abi)
  return (
    definition.architectures === null ||
    architecture === 'all' ||
    definition.architectures.includes(architecture)
  )
}

/**
 * pkg refuses a repository that has a package of another ABI. `*` in the package's ABI stands for any part. Packages of pkg before 1.20 may
 * have the older form of an architecture, `freebsd:14:x86:64`.
 */
function isAbiOf(architecture: string, abi: string): boolean {
  const [parts, wanted] = [architecture.toLowerCase().split(':'), abi.toLowerCase().split(':')]
  const machine = parts[2] === 'x86' ? { 32: 'i386', 64: 'amd64' }[parts[3] ?? ''] : parts[2]
  return wanted.every((part, i) => parts[i] === '*' || (i === 2 ? machine : parts[i]) === part)
}
