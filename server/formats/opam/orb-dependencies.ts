import { DomainError } from '../../errors.ts'
import { asList, findField, type OpamSection } from './opam-value.ts'

/** A map of dependencies that is not written as orb writes it. */
export class OrbDependenciesError extends DomainError {
  override readonly name = 'OrbDependenciesError'
}

const field = 'x-orb-dependencies'

/**
 * What orb resolved for a root package, whose vendored packages no switch has installed: each package
 * with those that it depends on, in the file's order. Null without the field; of a package given twice
 * the last one counts. Each entry is `[name [name…]]`, one name may lack its brackets.
 * Throws OrbDependenciesError.
 */
export function orbDependencies(section: OpamSection): Map<string, string[]> | null {
  const value = findField(section.items, field)
  if (value === null) return null
  if (value.kind !== 'list') throw new OrbDependenciesError(`${field}: not a list`)
  return new Map(
    value.values.map((entry, index) => {
      const [name, needed = null, ...rest] = entry.kind === 'list' ? entry.values : []
      const names = asList(needed)
      if (name?.kind !== 'string' || rest.length > 0 || names.some(({ kind }) => kind !== 'string'))
        throw new OrbDependenciesError(`${field}: entry ${index + 1} is no [name [name…]]`)
      return [name.value, names.flatMap((it) => (it.kind === 'string' ? [it.value] : []))]
    }),
  )
}
