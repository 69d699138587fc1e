import {
  asList,
  findField,
  findSections,
  type LogicalOperator,
  type OpamItem,
  type OpamSection,
  type OpamValue,
} from './opam-value.ts'

/** A value without differences that opam ignores: brackets and groups around one value, associativity. */
type Canonical = string | number | boolean | null | readonly Canonical[]

const formulas = { depends: '&', depopts: '|', conflicts: '|', available: '&' } as const

/** Fields by the full nesting depth of their lists. A value with fewer brackets is a list of one element. */
const lists = {
  'conflict-class': 1,
  setenv: 2,
  build: 2,
  install: 2,
  substs: 1,
  patches: 1,
  'build-env': 2,
  features: 2,
  'extra-sources': 2,
  'extra-files': 2,
  'x-env-path-rewrite': 2,
} as const

/**
 * Whether two sections of a package are built and installed alike. Descriptive fields (synopsis, maintainer,
 * tags, depexts, …) do not count.
 * Source: docs/spec/drop-in.md, "Comparison rules"; opam, OpamFile.OPAM.effectively_equal.
 */
export function isEffectivelyEqual(left: OpamSection, right: OpamSection): boolean {
  return effectiveText(left) === effectiveText(right)
}

/** What of a section affects what is built and installed, as a text to compare. */
export function effectiveText({ items }: OpamSection): string {
  return JSON.stringify(effectivePart(items))
}

function effectivePart(items: readonly OpamItem[]): Canonical {
  return [
    Object.entries(formulas).map(([name, op]) => joined(op, asList(findField(items, name)))),
    Object.entries(lists).map(([name, depth]) => listOf(items, name, depth)),
    asList(findField(items, 'flags')).some((flag) => flag.kind === 'ident' && flag.name === 'plugin'),
    [...listOf(items, 'build-test', 2), ...listOf(items, 'run-test', 2)],
    // Old packages use an empty command, `[]`, to say that nothing has to be removed.
    listOf(items, 'remove', 2).filter((command) => JSON.stringify(command) !== '["list"]'),
    findSections(items, 'extra-source').map(({ name, items: source }) => [name, contentOf(source)]),
    findSections(items, 'url').map(({ items: source }) => contentOf(source)),
  ]
}

/** Identity of a source: its first checksum, or its URL if it has none. */
function contentOf(source: readonly OpamItem[]): Canonical {
  return listOf(source, 'checksum', 1)[0] ?? ['src', ...listOf(source, 'src', 1)]
}

function listOf(items: readonly OpamItem[], name: string, depth: number): readonly Canonical[] {
  const value = findField(items, name)
  if (value === null) return []
  let list = value
  for (let missing = depth - depthOf(value); missing > 0; missing -= 1)
    list = { kind: 'list', values: [list] }
  return asList(list).map(canonical)
}

function depthOf(value: OpamValue): number {
  if (value.kind === 'option') return depthOf(value.value)
  if (value.kind !== 'list') return 0
  const [first] = value.values
  return 1 + (first ? depthOf(first) : 0)
}

function canonical(value: OpamValue): Canonical {
  switch (value.kind) {
    case 'bool':
    case 'int':
      return value.value
    case 'string':
      return ['string', value.value]
    case 'ident':
      return value.name
    case 'list':
      return ['list', ...value.values.map(canonical)]
    case 'group': {
      const [only, ...rest] = value.values
      return only && rest.length === 0 ? canonical(only) : ['group', ...value.values.map(canonical)]
    }
    case 'option':
      return value.options.length === 0
        ? canonical(value.value)
        : ['option', canonical(value.value), ...value.options.map(canonical)]
    case 'relation':
    case 'environment':
      return [value.kind, value.op, canonical(value.left), canonical(value.right)]
    case 'prefix-relation':
      return [value.kind, value.op, canonical(value.right)]
    case 'prefix':
      return [value.kind, value.op, canonical(value.value)]
    case 'logical':
      return joined(value.op, [value.left, value.right])
  }
}

/** A group of one operand is replaced by the operand. */
function joined(op: LogicalOperator, values: readonly OpamValue[]): Canonical {
  const operands = values.flatMap((value) => operandsOf(op, value))
  const [only, ...rest] = operands
  return only !== undefined && rest.length === 0 ? only : ['logical', op, ...operands]
}

/** Operands of a chain: `a & (b & c)` has the same ones as `(a & b) & c`. */
function operandsOf(op: LogicalOperator, value: OpamValue): Canonical[] {
  if (value.kind === 'logical' && value.op === op)
    return [...operandsOf(op, value.left), ...operandsOf(op, value.right)]
  const [only, ...rest] = value.kind === 'group' ? value.values : []
  return only && rest.length === 0 ? operandsOf(op, only) : [canonical(value)]
}
