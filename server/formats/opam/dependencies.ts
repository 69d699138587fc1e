import type { OpamValue } from './opam-value.ts'

/** The packages in a `depends`, `depopts` or `conflicts` field, whatever its formula. Filters are ignored. */
export function packageNames(formula: OpamValue | null): Set<string> {
  const names = new Set<string>()
  if (formula) collect(formula)
  return names

  function collect(value: OpamValue): void {
    if (value.kind === 'string') names.add(value.value)
    else if (value.kind === 'option') collect(value.value)
    else if (value.kind === 'list' || value.kind === 'group') value.values.forEach(collect)
    else if (value.kind === 'logical') [value.left, value.right].forEach(collect)
  }
}
