import type { OpamValue } from './opam-value.ts'

/** The packages that a `depends`, `depopts` or `conflicts` names, whatever its formula; filters are no packages. */
export function packageNames(formula: OpamValue | null): Set<string> {
  const names = new Set<string>()
  if (formula) collect(formula)
  return names

  function collect(value: OpamValue): void {
    switch (value.kind) {
      case 'string':
        names.add(value.value)
        break
      case 'option':
        collect(value.value)
        break
      case 'list':
      case 'group':
        value.values.forEach(collect)
        break
      case 'logical':
        collect(value.left)
        collect(value.right)
    }
  }
}
