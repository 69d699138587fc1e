import { DomainError } from '../../errors.ts'
import { findField, type OpamSection, type OpamValue } from './opam-value.ts'

/** A checksum as opam writes it, in lower case: `sha256=…`. */
export type OpamHash = { readonly kind: 'md5' | 'sha256' | 'sha512'; readonly value: string }

/** A folder of vendored source that opam-monorepo fetched: from an archive with its hashes, or from Git without. */
export type DuniverseDir = {
  readonly dir: string
  readonly url: string
  readonly hashes: readonly OpamHash[]
}

/** The duniverse field does not have opam-monorepo's format. */
export class DuniverseError extends DomainError {
  override readonly name = 'DuniverseError'
}

const field = 'x-opam-monorepo-duniverse-dirs'
const hashLengths = { md5: 32, sha256: 64, sha512: 128 }

/**
 * The duniverse folders of a root package in the order of the file; none without the field. If a folder occurs
 * twice, the last one counts. Each is `[url dir [hash…]]`, or `[url dir]`. Throws DuniverseError.
 */
export function duniverseDirs(section: OpamSection): DuniverseDir[] {
  const value = findField(section.items, field)
  if (value === null) return []
  if (value.kind !== 'list') throw new DuniverseError(`${field}: not a list`)
  const dirs = value.values.map((entry, index) => duniverseDir(entry, index + 1))
  return [...new Map(dirs.map((it) => [it.dir, it])).values()]
}

function duniverseDir(entry: OpamValue, ordinal: number): DuniverseDir {
  const [url, dir, hashes, ...rest] = entry.kind === 'list' ? entry.values : []
  if (url?.kind !== 'string' || dir?.kind !== 'string' || rest.length > 0)
    throw new DuniverseError(`${field}: entry ${ordinal} is no [url dir [hash…]]`)
  if (hashes && hashes.kind !== 'list')
    throw new DuniverseError(`${field}: the hashes of ${JSON.stringify(dir.value)} are no list`)
  return {
    dir: dir.value,
    url: url.value,
    hashes: (hashes?.values ?? []).map((it) => opamHash(it, dir.value)),
  }
}

/** A hash without a kind: its length determines the kind. */
function opamHash(value: OpamValue, dir: string): OpamHash {
  const text = value.kind === 'string' ? value.value.toLowerCase() : ''
  const [, prefix, digits = ''] = /^(?:(md5|sha256|sha512)=)?([0-9a-f]+)$/.exec(text) ?? []
  for (const kind of ['md5', 'sha256', 'sha512'] as const)
    if (digits.length === hashLengths[kind] && (prefix ?? kind) === kind) return { kind, value: digits }
  throw new DuniverseError(
    `${field}: ${JSON.stringify(dir)} has a hash that is neither MD5, SHA-256 nor SHA-512`,
  )
}
