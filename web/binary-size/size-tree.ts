/** Kind of a node, as in the API, and `OWN` for the bytes of a group that are in none of its parts. */
export type SizeKind =
  | 'FILE'
  | 'PACKAGE'
  | 'MODULE'
  | 'CODE'
  | 'DATA'
  | 'FUNCTION'
  | 'OBJECT'
  | 'RUNTIME'
  | 'SECTION'
  | 'OTHER'
  | 'OWN'

/** A part of a binary. The tree of one build has the same bytes on both sides. */
export type SizeNode = {
  /** Index in the columns; for `OWN` a number after them. Another grouping of the tree does not change it. */
  readonly id: number
  readonly name: string
  readonly kind: SizeKind
  readonly parent: SizeNode | null
  readonly depth: number
  /** Bytes with all descendants, in the left and in the right build. */
  readonly leftBytes: number
  readonly rightBytes: number
  /** Whether symbols explain the bytes. Debug sections, headers and padding are not explained. */
  readonly isExplained: boolean
  /** Area of its rectangle. For a group it is exactly the sum of its children. */
  readonly weight: number
  /** Children, heaviest first. */
  readonly children: readonly SizeNode[]
}

/** The columns of the tree from the API, in pre-order: node 0 is the file, and a parent precedes its children. */
export type SizeColumns = {
  readonly names: readonly string[]
  readonly kinds: readonly SizeKind[]
  readonly parents: readonly (number | null)[]
  readonly leftSizesBytes: readonly number[]
  readonly rightSizesBytes: readonly number[]
}

/** Meaning of the area of a rectangle: the size of a part, or the amount of its change. */
export type Weighing = 'size' | 'change'

/** The parts that have an area. */
export type Scope = 'explained' | 'all'

/** Grouping by package, or the modules of all packages side by side. */
export type Grouping = 'package' | 'module'

/** Maximum number of nodes. The server sends fewer, and a browser can still handle this number. */
const mostNodes = 200_000

/** The columns are not a valid tree of sizes, so a picture would be wrong. */
export class MalformedSizeTreeError extends Error {
  override readonly name = 'MalformedSizeTreeError'
}

export type SizeTreeOptions = { weighing?: Weighing; scope?: Scope; grouping?: Grouping }

type Facts = Omit<SizeNode, 'parent' | 'children'>
type Draft = { -readonly [K in keyof Facts]: Facts[K] } & { parent: Draft | null; children: Draft[] }

/**
 * Builds the tree from the columns and returns its root. Bytes of a group that are in none of its children become a
 * child of their own. Throws MalformedSizeTreeError.
 */
export function readSizeTree(columns: SizeColumns, options: SizeTreeOptions = {}): SizeNode {
  const { weighing = 'size', scope = 'all', grouping = 'package' } = options
  const drafts = readDrafts(columns)
  const root = drafts[0]
  if (!root) throw new MalformedSizeTreeError('the tree is empty')

  const owned = ownParts(drafts)
  const all = grouping === 'module' ? withoutPackages([...drafts, ...owned]) : [...drafts, ...owned]
  for (const node of all) {
    if (node.parent) node.parent.children.push(node)
  }
  explain(all)
  weigh(all, weighing, scope)
  for (const node of all) node.children.sort((a, b) => b.weight - a.weight || a.id - b.id)
  setDepths(root)
  return root
}

function readDrafts({ names, kinds, parents, leftSizesBytes, rightSizesBytes }: SizeColumns): Draft[] {
  const count = names.length
  if (count > mostNodes) throw new MalformedSizeTreeError(`${count} nodes`)
  for (const column of [kinds, parents, leftSizesBytes, rightSizesBytes]) {
    if (column.length !== count) throw new MalformedSizeTreeError('the columns differ in length')
  }
  const drafts: Draft[] = []
  // The path from the root to the previous node. Only nodes of this path can be the parent, which excludes cycles.
  const open: number[] = []
  for (let id = 0; id < count; id++) {
    const parentId = parents[id] ?? -1
    const at = open.lastIndexOf(parentId)
    if (id === 0 ? parentId !== -1 : at === -1)
      throw new MalformedSizeTreeError(`node ${id} has the parent ${parentId}, which is not open`)
    open.length = at + 1
    open.push(id)
    const leftBytes = leftSizesBytes[id] ?? -1
    const rightBytes = rightSizesBytes[id] ?? -1
    for (const bytes of [leftBytes, rightBytes]) {
      if (!Number.isSafeInteger(bytes) || bytes < 0)
        throw new MalformedSizeTreeError(`node ${id} has ${bytes} bytes`)
    }
    drafts.push({
      id,
      name: names[id] ?? '',
      kind: kinds[id] ?? 'OTHER',
      parent: drafts[parentId] ?? null,
      depth: 0,
      leftBytes,
      rightBytes,
      isExplained: false,
      weight: 0,
      children: [],
    })
  }
  return drafts
}

/** Adds a node for the bytes of a group that are in no child. Throws if the children have more bytes than the group. */
function ownParts(drafts: readonly Draft[]): Draft[] {
  const left = drafts.map(({ leftBytes }) => leftBytes)
  const right = drafts.map(({ rightBytes }) => rightBytes)
  const isGroup = drafts.map(() => false)
  for (const { parent, leftBytes, rightBytes } of drafts) {
    if (!parent) continue
    isGroup[parent.id] = true
    left[parent.id] = (left[parent.id] ?? 0) - leftBytes
    right[parent.id] = (right[parent.id] ?? 0) - rightBytes
  }
  const own: Draft[] = []
  for (const group of drafts) {
    if (!isGroup[group.id]) continue
    const leftBytes = left[group.id] ?? 0
    const rightBytes = right[group.id] ?? 0
    if (leftBytes < 0 || rightBytes < 0)
      throw new MalformedSizeTreeError(`the parts of node ${group.id} are larger than it is`)
    if (leftBytes === 0 && rightBytes === 0) continue
    const id = drafts.length + group.id
    own.push({ ...group, id, kind: 'OWN', parent: group, leftBytes, rightBytes, children: [] })
  }
  return own
}

/** Replaces each package by its children. A package without children stays. */
function withoutPackages(drafts: readonly Draft[]): Draft[] {
  const isHolding = new Set(drafts.map(({ parent }) => parent))
  const goes = (node: Draft) => node.kind === 'PACKAGE' && node.parent !== null && isHolding.has(node)
  for (const node of drafts) {
    while (node.parent && goes(node.parent)) node.parent = node.parent.parent
  }
  return drafts.filter((node) => !goes(node))
}

/** A group is explained if one of its parts is, such as C code, which is in no package. */
function explain(drafts: readonly Draft[]): void {
  const isNamed = ({ kind }: Draft) => !['FILE', 'SECTION', 'OTHER', 'OWN'].includes(kind)
  // In reverse order every group comes after its parts.
  for (const node of drafts.toReversed()) {
    if (isNamed(node)) node.isExplained = true
    if (node.isExplained && node.parent) node.parent.isExplained = true
  }
  for (const node of drafts) {
    if (node.kind === 'OWN')
      node.isExplained = node.parent?.kind !== 'FILE' && node.parent?.isExplained === true
  }
}

function weigh(drafts: readonly Draft[], weighing: Weighing, scope: Scope): void {
  for (const node of drafts.toReversed()) {
    const { leftBytes, rightBytes } = node
    if (node.children.length === 0 && (scope === 'all' || node.isExplained))
      node.weight = weighing === 'size' ? Math.max(leftBytes, rightBytes) : Math.abs(rightBytes - leftBytes)
    if (node.parent) node.parent.weight += node.weight
  }
}

function setDepths(root: Draft): void {
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    for (const child of node.children) {
      child.depth = node.depth + 1
      open.push(child)
    }
  }
}

/** The path from the child of the root to the node; empty for the root. */
export function wayTo(node: SizeNode): SizeNode[] {
  const way: SizeNode[] = []
  for (let at = node; at.parent; at = at.parent) way.push(at)
  return way.reverse()
}

/** Whether `node` is `ancestor`, or in it. */
export function isWithin(node: SizeNode, ancestor: SizeNode): boolean {
  let at: SizeNode | null = node
  while (at && at.depth > ancestor.depth) at = at.parent
  return at === ancestor
}

/** Every node of the tree, each before its children. */
export function* nodesOf(root: SizeNode): Generator<SizeNode> {
  const open = [root]
  for (let node = open.pop(); node; node = open.pop()) {
    yield node
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i]
      if (child) open.push(child)
    }
  }
}
