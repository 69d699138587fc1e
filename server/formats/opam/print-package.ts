import { findField, type OpamItem, type OpamSection } from './opam-value.ts'
import { printOpam } from './printer.ts'

/** opam's order of fields and sections; `x-` fields come after them, sorted. Source: opam, OpamFile.OPAM. */
const order = new Map(
  [
    'opam-version name version synopsis description maintainer author authors license tags homepage doc',
    'bug-reports depends depopts conflicts conflict-class available flags setenv build build-test run-test',
    'install remove substs patches build-env features messages post-messages depexts libraries syntax',
    'dev-repo pin-depends extra-files extra-sources build-doc url extra-source',
  ]
    .join(' ')
    .split(' ')
    .map((name, index) => [name, index]),
)

/**
 * Prints the section of a package as an opam file, with its fields in opam's order, so that equivalent sections
 * have equal texts. The text ends with a line end.
 */
export function printPackage(section: OpamSection): string {
  const { items, name, at } = section
  const named: readonly OpamItem[] =
    name === null || findField(items, 'name') !== null
      ? items
      : [...items, { kind: 'field', name: 'name', value: { kind: 'string', value: name }, at }]
  return `${printOpam(named.toSorted(byOpamsOrder))}\n`
}

function byOpamsOrder(left: OpamItem, right: OpamItem): number {
  const leftName = nameOf(left)
  const rightName = nameOf(right)
  const byRank = rank(leftName) - rank(rightName)
  if (byRank !== 0 || !leftName.startsWith('x-')) return byRank
  return leftName < rightName ? -1 : leftName > rightName ? 1 : 0
}

function nameOf(item: OpamItem): string {
  return item.kind === 'field' ? item.name : item.type
}

/** Unknown fields keep their order among each other, before the `x-` fields. */
function rank(name: string): number {
  return order.get(name) ?? (name.startsWith('x-') ? order.size + 1 : order.size)
}
