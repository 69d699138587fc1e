import { createHash } from 'node:crypto'
import { parseControl, printControl } from '../formats/control-paragraph.ts'
import type { ChosenPackage } from './choose-packages.ts'
import type { AptRepository } from './repositories-file.ts'

/** A file of a repository with its content. */
export type IndexFile = { path: string; content: Uint8Array }

/** What a repository says itself, in place of what a package says. */
const ownFields = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512'])

/** Where a package is: the path has the hash, so that two packages of one version never have the same address. */
export function poolPath({ architecture, name, sha256, version }: ChosenPackage): string {
  const file = `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`
  return `pool/${sha256.slice(0, 2)}/${sha256}/${file}`
}

/** The architectures that have an index, in order; `all` has one of its own, which apt reads beside that of the machine. */
export function architecturesOf(
  { architectures }: Pick<AptRepository, 'architectures'>,
  packages: readonly ChosenPackage[],
): string[] {
  const found = new Set([...(architectures ?? []), ...packages.map(({ architecture }) => architecture)])
  return [...found].sort()
}

/** The index of an architecture: the control fields of each package, and where it is. Source: deb-repository format, "Packages" indices. */
export function packagesIndex(packages: readonly ChosenPackage[]): Buffer {
  const sorted = packages.toSorted(
    (left, right) => compare(left.name, right.name) || compare(left.version, right.version),
  )
  const paragraphs = sorted.map((one) => {
    const fields = parseControl(one.control).filter(({ name }) => !ownFields.has(name.toLowerCase()))
    const description = fields.findIndex(({ name }) => name === 'Description')
    const at = description < 0 ? fields.length : description
    return printControl([
      ...fields.slice(0, at),
      { name: 'Filename', value: poolPath(one) },
      { name: 'Size', value: String(one.sizeBytes) },
      { name: 'SHA256', value: one.sha256 },
      ...fields.slice(at),
    ])
  })
  return Buffer.from(paragraphs.join('\n'))
}

/** Not by the language of the machine. */
const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)

/**
 * The Release file, which has the hash of each index. `indexes`: paths below `dists/SUITE/`. Source: deb-repository format, "Release"
 * files.
 */
export function releaseFile(
  { component, label, origin, suite }: AptRepository,
  architectures: readonly string[],
  indexes: readonly IndexFile[],
  { at, validUntil }: { at: Date; validUntil: Date | null },
): string {
  const lines = indexes.map(({ content, path }) => {
    const sha256 = createHash('sha256').update(content).digest('hex')
    return ` ${sha256} ${String(content.length).padStart(8)} ${path}`
  })
  return [
    `Origin: ${origin}`,
    `Label: ${label}`,
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${releaseTime(at)}`,
    ...(validUntil ? [`Valid-Until: ${releaseTime(validUntil)}`] : []),
    'Acquire-By-Hash: yes',
    `Architectures: ${architectures.join(' ')}`,
    `Components: ${component}`,
    `Description: Packages as built by the jobs of this site`,
    'SHA256:',
    ...lines,
    '',
  ].join('\n')
}

/** apt knows UTC by this name. */
const releaseTime = (at: Date) => at.toUTCString().replace('GMT', 'UTC')
