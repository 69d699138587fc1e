import type { SizeLeaves } from './attribute.ts'
import type { SizeGroups } from './size-groups.ts'
import type { FoldedBytes, SizeNodeKind, SizeTree } from './size-tree.ts'

export type Folded = {
  tree: SizeTree
  /** Entries below this size (bytes) are not in the tree: their bytes are their parent's own. */
  foldedBelowBytes: number
  /** How many those are, and their bytes. */
  foldedCount: number
  foldedBytes: number
}

/** What a picture can show and a browser take in. */
export const maxNodes = 20_000

/** The tree as columns, without its smallest entries when it has too many. */
export function foldTree(
  groups: SizeGroups,
  leaves: SizeLeaves,
  nameOf: (leaf: number) => string,
  kindOf: (leaf: number) => SizeNodeKind,
): Folded {
  const groupSizes = sumUp(groups, leaves)
  const foldedBelowBytes = smallestKept(groupSizes, leaves)
  const children = childrenOf(groups, leaves, groupSizes, foldedBelowBytes)
  const contents = sumUpContents(groups, leaves, kindOf)
  const tree: SizeTree = { names: [], kinds: [], parents: [], sizes: [] }
  const foldedInto: FoldedBytes[] = []
  let keptLeaves = 0
  let keptLeafBytes = 0

  const addGroup = (group: number, parent: number) => {
    const own = push(
      tree,
      groups.names[group] ?? '',
      groups.kinds[group] ?? 'OTHER',
      parent,
      groupSizes[group] ?? 0,
    )
    let [codeBytes, dataBytes] = contents.sharedOf(group)
    const below: { name: string; kind: SizeNodeKind; size: number; group: number }[] = []
    // Functions of the same name are one entry: nobody could tell them apart.
    const leafOfName = new Map<string, number>()
    for (const child of children.of(group)) {
      if (child < groups.names.length) {
        below.push({
          name: groups.names[child] ?? '',
          kind: groups.kinds[child] ?? 'OTHER',
          size: groupSizes[child] ?? 0,
          group: child,
        })
        codeBytes -= contents.code[child] ?? 0
        dataBytes -= contents.data[child] ?? 0
        continue
      }
      const leaf = child - groups.names.length
      const size = leaves.bytes[leaf] ?? 0
      keptLeaves++
      keptLeafBytes += size
      const name = nameOf(leaf)
      const kind = kindOf(leaf)
      if (kind === 'FUNCTION') codeBytes -= size
      else dataBytes -= size
      const known = leafOfName.get(`${kind} ${name}`)
      const same = known === undefined ? undefined : below[known]
      if (same) same.size += size
      else leafOfName.set(`${kind} ${name}`, below.push({ name, kind, size, group: -1 }) - 1)
    }
    if (codeBytes > 0 || dataBytes > 0) foldedInto.push({ node: own, codeBytes, dataBytes })
    below.sort((a, b) => b.size - a.size || compareTexts(a.name, b.name) || compareTexts(a.kind, b.kind))
    for (const { name, kind, size, group: inner } of below) {
      if (inner >= 0) addGroup(inner, own)
      else push(tree, name, kind, own, size)
    }
  }
  addGroup(0, -1)
  if (foldedInto.length > 0) tree.folded = foldedInto
  return { tree, foldedBelowBytes, ...foldedOf(leaves, keptLeaves, keptLeafBytes) }
}

function foldedOf(leaves: SizeLeaves, keptLeaves: number, keptLeafBytes: number) {
  let leafBytes = 0
  for (let leaf = 0; leaf < leaves.count; leaf++) leafBytes += leaves.bytes[leaf] ?? 0
  return { foldedCount: leaves.count - keptLeaves, foldedBytes: leafBytes - keptLeafBytes }
}

function push(tree: SizeTree, name: string, kind: SizeNodeKind, parent: number, size: number): number {
  tree.names.push(name)
  tree.kinds.push(kind)
  tree.parents.push(parent)
  return tree.sizes.push(size) - 1
}

/** Groups follow those that they are in, so one pass from the end is enough. */
function sumUp(groups: SizeGroups, leaves: SizeLeaves): Float64Array {
  const sizes = Float64Array.from(groups.own)
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    const group = leaves.groups[leaf] ?? 0
    sizes[group] = (sizes[group] ?? 0) + (leaves.bytes[leaf] ?? 0)
  }
  for (let group = sizes.length - 1; group > 0; group--) {
    const parent = groups.parents[group] ?? 0
    sizes[parent] = (sizes[parent] ?? 0) + (sizes[group] ?? 0)
  }
  return sizes
}

/** Bytes of code and of data in each group, and what of these is in none of the parts that say it by their kind. */
function sumUpContents(groups: SizeGroups, leaves: SizeLeaves, kindOf: (leaf: number) => SizeNodeKind) {
  const code = Float64Array.from(groups.own, (bytes, group) => (groups.kinds[group] === 'CODE' ? bytes : 0))
  const data = Float64Array.from(groups.own, (bytes, group) => (groups.kinds[group] === 'DATA' ? bytes : 0))
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    const content = kindOf(leaf) === 'FUNCTION' ? code : data
    const group = leaves.groups[leaf] ?? 0
    content[group] = (content[group] ?? 0) + (leaves.bytes[leaf] ?? 0)
  }
  for (let group = code.length - 1; group > 0; group--) {
    const parent = groups.parents[group] ?? 0
    code[parent] = (code[parent] ?? 0) + (code[group] ?? 0)
    data[parent] = (data[parent] ?? 0) + (data[group] ?? 0)
  }
  return {
    ...{ code, data },
    sharedOf(group: number): [codeBytes: number, dataBytes: number] {
      const kind = groups.kinds[group]
      return kind === 'CODE' || kind === 'DATA' ? [0, 0] : [code[group] ?? 0, data[group] ?? 0]
    },
  }
}

/** The size from which on at most `maxNodes` entries are. An entry is no larger than what it is in. */
function smallestKept(groupSizes: Float64Array, leaves: SizeLeaves): number {
  if (groupSizes.length + leaves.count <= maxNodes) return 1
  const sizes = new Float64Array(groupSizes.length + leaves.count)
  sizes.set(groupSizes)
  sizes.set(leaves.bytes.subarray(0, leaves.count), groupSizes.length)
  sizes.sort()
  return Math.max(1, (sizes[sizes.length - maxNodes - 1] ?? 0) + 1)
}

/** Groups and leaves (their number after the groups') of each group, from `atLeast` bytes on. */
function childrenOf(groups: SizeGroups, leaves: SizeLeaves, groupSizes: Float64Array, atLeast: number) {
  const total = groupSizes.length + leaves.count
  const first = new Int32Array(groupSizes.length).fill(-1)
  const next = new Int32Array(total).fill(-1)
  const add = (child: number, parent: number) => {
    next[child] = first[parent] ?? -1
    first[parent] = child
  }
  for (let leaf = 0; leaf < leaves.count; leaf++) {
    if ((leaves.bytes[leaf] ?? 0) >= atLeast) add(groupSizes.length + leaf, leaves.groups[leaf] ?? 0)
  }
  for (let group = 1; group < groupSizes.length; group++) {
    if ((groupSizes[group] ?? 0) >= atLeast) add(group, groups.parents[group] ?? 0)
  }
  return {
    *of(group: number): Generator<number> {
      for (let child = first[group] ?? -1; child >= 0; child = next[child] ?? -1) yield child
    },
  }
}

/** By code units: the same everywhere, whatever the language. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
