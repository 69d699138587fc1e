import { DomainError } from '../../errors.ts'
import { asList, findField, type OpamSection } from './opam-value.ts'

/** The map of dependencies does not have orb's format. */
export class OrbDependenciesError extends DomainError {
  override readonly name = 'OrbDependenciesError'
}

const field = 'x-orb-dependencies'

/**
 * The dependencies that orb resolved for a root package whose vendored packages are not installed in the switch:
 * each package with its dependencies, in the order of the file. Null without the field. If a package occurs
 * twice, the last entry counts. Each entry is `[name [name…]]`; a single name may lack its brackets.
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
