/** Whether code with an issue is in a binary. */
export type Linked = 'LINKED' | 'NOT_LINKED' | 'UNKNOWN'

/**
 * Whether modules that have functions with an issue are linked into a program. `bindings` are paths of OCaml, `units` the compilation units that its
 * symbols name; null: it has none. `A.B.c` is in the unit `A`, or in `A__B` of a wrapped library. OCaml links a unit as a whole. Functions of C, such as
 * `caml_ba_reshape`, tell nothing. The unit that was found is the evidence.
 */
export function isLinked(
  bindings: readonly string[],
  units: readonly string[] | null,
): { linked: Linked; unit: string | null } {
  const paths = bindings.map(modulesOf).filter((path) => path.length > 0)
  if (paths.length === 0 || units === null) return { linked: 'UNKNOWN', unit: null }
  const known = new Set(units)
  for (const path of paths) {
    const unit = unitsOf(path).find((one) => known.has(one))
    if (unit !== undefined) return { linked: 'LINKED', unit }
  }
  return { linked: 'NOT_LINKED', unit: null }
}

/** `Cohttp_lwt.Make().resolve` is in the module `Cohttp_lwt`. */
function modulesOf(binding: string): string[] {
  const modules: string[] = []
  for (const part of binding.split('.')) {
    if (!/^[A-Z]\w*$/.test(part)) break
    modules.push(part)
  }
  return modules
}

/** The most exact unit first. A wrapped library has a unit of its own for aliases, which says nothing: `Stdlib` is always there. */
function unitsOf([first = '', second]: readonly string[]): string[] {
  return second === undefined
    ? [first, `Stdlib__${first}`]
    : [`${first}__${second}`, `${first}__${second}_`, first, `Stdlib__${first}`]
}
