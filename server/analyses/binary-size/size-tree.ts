/** What a node of the tree stands for; the API's manual explains them. */
export const sizeNodeKinds = [
  'FILE',
  'PACKAGE',
  'MODULE',
  'CODE',
  'DATA',
  'FUNCTION',
  'OBJECT',
  'RUNTIME',
  'SECTION',
  'OTHER',
] as const
export type SizeNodeKind = (typeof sizeNodeKinds)[number]

/**
 * A tree as columns, in pre-order: node 0 is the root, whose parent is -1; the others follow their
 * parent, the larger ones first. Sizes (bytes) include what is below: children never have more than
 * their parent, and what they lack is its own.
 */
export type SizeTree = {
  names: string[]
  kinds: SizeNodeKind[]
  parents: number[]
  sizes: number[]
  /** What was folded into a node, by the node's number. Absent when nothing was, and in results of version 1. */
  folded?: FoldedBytes[]
}

/** Bytes of code and of data that count to a node since their own entries are too small for the tree. */
export type FoldedBytes = { node: number; codeBytes: number; dataBytes: number }
