import { linesOf, type NamedValues } from './named-values.ts'

/**
 * The artifact `system-packages`: one package per line, `name=version` (Debian) or `name-version` (FreeBSD).
 * FreeBSD's form is split at the last `-`, because names may contain it (`py39-foo-1.2`) and versions do not.
 * A line without `=` and `-` is a name without a version.
 */
export function parseSystemPackages(text: string): NamedValues {
  return new Map(
    linesOf(text).map((line) => {
      const equals = line.indexOf('=')
      const split = equals >= 0 ? equals : line.lastIndexOf('-')
      return split <= 0 ? [line, ''] : [line.slice(0, split), line.slice(split + 1)]
    }),
  )
}
