import { linesOf, type NamedValues } from './named-values.ts'

/**
 * The artifact `system-packages`: a package a line, `name=version` as Debian's tools print it, or
 * `name-version` as FreeBSD's do. There the last `-` splits, for versions have none and names do:
 * `py39-foo-1.2`. A line with neither is a name without a version.
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
