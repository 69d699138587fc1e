// Browsers and Node.js both run this file: it knows numbers only. Source: RFC 6962, 2.1.

/** Leaves from `begin` to before `end`. */
export type Range = { begin: number; end: number }

/** A complete subtree: 2^level leaves, of which the first is leaf index × 2^level. */
export type TreeNode = { level: number; index: number }

/** The greatest power of two that is less than `count`, which is 2 or more. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

/** The complete subtrees that make up a range of a proof, or a whole tree, the leftmost first: at most one of each size. */
export function completeNodes({ begin, end }: Range): TreeNode[] {
  const nodes: TreeNode[] = []
  for (let at = begin; at < end;) {
    let [level, width] = [0, 1]
    for (; at + 2 * width <= end; width *= 2) level++
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** What the inclusion proof of a leaf has the hashes of, from the leaf up. `index` is less than `size`. */
export function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = []
  for (let [begin, end] = [0, size]; end - begin > 1;) {
    const middle = begin + splitOf(end - begin)
    if (index < middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
    }
  }
  return ranges.reverse()
}

/** What the consistency proof between two sizes of a tree has the hashes of, in their order. None if `from` is 0 or `to`. */
export function consistencyRanges(from: number, to: number): Range[] {
  if (from === 0) return []
  const ranges: Range[] = []
  let [begin, end, isWhole] = [0, to, true]
  while (from < end) {
    const middle = begin + splitOf(end - begin)
    if (from <= middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      ;[begin, isWhole] = [middle, false]
    }
  }
  if (!isWhole) ranges.push({ begin, end })
  return ranges.reverse()
}
