import { linesOf, type NamedValues } from './named-values.ts'

/**
 * The artifact `build-environment`: lines `KEY=VALUE`, split at the first `=`. A line without `=` is a variable
 * without a value. Source: orb, builder-web.
 */
export function parseEnvironment(text: string): NamedValues {
  return new Map(
    linesOf(text).map((line) => {
      const split = line.indexOf('=')
      return split < 0 ? [line, ''] : [line.slice(0, split), line.slice(split + 1)]
    }),
  )
}
