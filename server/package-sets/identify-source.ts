import { compareVersions } from '../formats/opam/version.ts'
import type { VendoredSource } from './component-list.ts'

/**
 * How the packages in a folder of vendored sources were found: a switch of this site has a package with the same CHECKSUM, the URL of the archive
 * names it, or they were NOT found.
 */
export type IdentifiedBy = 'CHECKSUM' | 'URL' | 'NOTHING'

export type PackageId = { name: string; version: string }
export type Identity = { by: IdentifiedBy; packages: PackageId[] }

const archive = String.raw`\.(?:tbz|tgz|tar|tar\.(?:gz|bz2|xz)|zip)$`
/** `…/dns-9.0.0.tbz`, `…/ocaml_4.14.4.tar.gz` and what forges make of tags. */
const namedArchive = new RegExp(String.raw`/([^/]+?)[-_]v?(\d[^/]*?)${archive}`)
const taggedArchive = new RegExp(
  String.raw`/([^/]+?)(?:\.git)?/(?:-/)?archive/(?:refs/tags/)?([^/]+?)${archive}`,
)
const releasedArchive = /\/([^/]+?)\/releases\/download\/([^/]+)\//
/** Marks of overlays, which build the same sources by dune or for MirageOS. */
const overlay = /(?:[+.]dune\d*|\+mirage\d*)+$/

/**
 * Which packages are in a folder of vendored sources. `origins` are the packages that switches of the site have with one of its checksums.
 */
export function identifySource(source: VendoredSource, origins: readonly PackageId[]): Identity {
  if (origins.length > 0) {
    const wanted = origins.filter(({ name }) => source.packages.includes(name))
    return { by: 'CHECKSUM', packages: distinct(wanted.length > 0 ? wanted : origins) }
  }
  const named = nameOfUrl(source.url)
  if (!named) return { by: 'NOTHING', packages: [] }
  const { name, version } = named
  const names = source.packages.length > 0 ? source.packages : [name]
  return { by: 'URL', packages: distinct(names.map((name) => ({ name, version }))) }
}

/** Name and version as the address of an archive tells them; null: it tells none. */
export function nameOfUrl(url: string): PackageId | null {
  const plain = url.replace(/[?#].*$/, '')
  for (const pattern of [namedArchive, taggedArchive, releasedArchive]) {
    const [, name = '', tag = ''] = pattern.exec(plain) ?? []
    const version = versionOf(tag)
    if (name !== '' && version !== null) return { name: name.toLowerCase(), version }
  }
  return null
}

/** A tag or the end of a file's name as a version. Null: it is none, such as the hash of a commit. */
function versionOf(tag: string): string | null {
  const bare = decode(tag)
    .replace(/^.*[-_/](?=v?\d)/, '')
    .replace(/^v(?=\d)/, '')
    .replace(overlay, '')
  const isVersion = /^\d[\w.+~-]*$/.test(bare) && !/^[0-9a-f]{20,}$/.test(bare)
  return isVersion ? bare : null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** In the order of names and versions: the same switch gives the same rows. */
function distinct(packages: readonly PackageId[]): PackageId[] {
  const byKey = new Map(packages.map((one) => [`${one.name}.${one.version}`, one]))
  return [...byKey.values()].toSorted(
    (l, r) => (l.name < r.name ? -1 : l.name > r.name ? 1 : 0) || compareVersions(l.version, r.version),
  )
}
