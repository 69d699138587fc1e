import type { OpamItem, OpamValue } from './opam-value.ts'

/** Whether two files or sections have equal fields and sections in the same order. Positions do not count. */
export function isSameItems(left: readonly OpamItem[], right: readonly OpamItem[]): boolean {
  return isEvery(left, right, isSameItem)
}

function isSameItem(left: OpamItem, right: OpamItem): boolean {
  if (left.name !== right.name) return false
  if (left.kind === 'field') return right.kind === 'field' && isSameValue(left.value, right.value)
  return right.kind === 'section' && left.type === right.type && isSameItems(left.items, right.items)
}

function isSameValue(left: OpamValue, right: OpamValue): boolean {
  switch (left.kind) {
    case 'bool':
    case 'int':
    case 'string':
      return right.kind === left.kind && right.value === left.value
    case 'ident':
      return right.kind === 'ident' && right.name === left.name
    case 'list':
    case 'group':
      return right.kind === left.kind && isEvery(left.values, right.values, isSameValue)
    case 'option':
      return (
        right.kind === 'option' &&
        isSameValue(left.value, right.value) &&
        isEvery(left.options, right.options, isSameValue)
      )
    case 'relation':
    case 'environment':
    case 'logical':
      return (
        right.kind === left.kind &&
        right.op === left.op &&
        isSameValue(left.left, right.left) &&
        isSameValue(left.right, right.right)
      )
    case 'prefix-relation':
      return right.kind === left.kind && right.op === left.op && isSameValue(left.right, right.right)
    case 'prefix':
      return right.kind === left.kind && right.op === left.op && isSameValue(left.value, right.value)
  }
}

function isEvery<T>(
  left: readonly T[],
  right: readonly T[],
  isSame: (left: T, right: T) => boolean,
): boolean {
  return left.length === right.length && left.every((it, index) => isSame(it, right[index] as T))
}
