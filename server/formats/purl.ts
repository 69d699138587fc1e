import { PackageURL } from 'packageurl-js'

/** What a package URL names beside the package. */
type PurlParts = {
  namespace?: string
  version?: string | null
  qualifiers?: Record<string, string>
}

/**
 * The address of a package in all ecosystems: `pkg:opam/dns@9.0.0`. Null: the name is empty. Source: ECMA-427; `packageurl-js` leaves `+` as it
 * is, which the test suite of the standard does not allow.
 */
export function printPurl(
  type: string,
  name: string,
  { namespace, version, qualifiers }: PurlParts = {},
): string | null {
  if (name === '') return null
  const url = new PackageURL(type, namespace, name, version || undefined, qualifiers, undefined)
  return url.toString().replaceAll('+', '%2B')
}

export const opamPurl = (name: string, version: string | null): string | null =>
  printPurl('opam', name, { version })

/** The distributions whose packages have a type of their own. */
const debianLike = /^(debian|ubuntu)\b/

/**
 * The address of a system package. `platform` is that of the hub, such as `debian-12`. FreeBSD has no type of its own.
 * Null: the name is empty.
 */
export function systemPurl(platform: string, name: string, version: string): string | null {
  const [, distribution] = debianLike.exec(platform) ?? []
  const qualifiers = { distro: platform }
  if (distribution !== undefined)
    return printPurl('deb', name, { namespace: distribution, version, qualifiers })
  const [, system = 'system'] = /^([a-z]+)/.exec(platform.toLowerCase()) ?? []
  return printPurl('generic', name, { namespace: system, version, qualifiers })
}
