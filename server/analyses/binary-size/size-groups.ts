import type { SizeNodeKind } from './size-tree.ts'

/** More groups are not made; what would be in one of them counts to the group around it. */
const maxGroups = 50_000

/** The inner nodes of the tree while it is made: modules, files, packages, sections. Group 0 is the file. */
export type SizeGroups = {
  names: string[]
  kinds: SizeNodeKind[]
  parents: number[]
  /** Bytes of the group that are in none below it. */
  own: number[]
  /** The group of that kind and name within another; made when there is none yet. */
  within: (parent: number, kind: SizeNodeKind, name: string) => number
}

export function sizeGroups(): SizeGroups {
  const known = new Map<string, number>()
  const groups: SizeGroups = {
    names: ['file'],
    kinds: ['FILE'],
    parents: [-1],
    own: [0],
    within(parent, kind, name) {
      const key = `${parent} ${kind} ${name}`
      const found = known.get(key)
      if (found !== undefined) return found
      if (groups.names.length === maxGroups) return parent
      known.set(key, groups.names.length)
      groups.names.push(name)
      groups.kinds.push(kind)
      groups.parents.push(parent)
      groups.own.push(0)
      return groups.names.length - 1
    },
  }
  return groups
}
