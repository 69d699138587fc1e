import type { PictureData } from '../charts/picture-downloads.ts'
import { formatNodePath } from './node-path.ts'
import { nodesOf, type SizeNode } from './size-tree.ts'

/**
 * The whole tree as rows, each part after its group. `own…` are the bytes of a part without its children, so the
 * own bytes of all rows add up to the file.
 */
export function sizeData(root: SizeNode, isDiff: boolean): PictureData {
  const rows = []
  for (const node of nodesOf(root)) {
    if (node.kind === 'OWN') continue
    const own = node.children.length === 0 ? node : node.children.find(({ kind }) => kind === 'OWN')
    const { leftBytes, rightBytes } = node
    const place = { path: formatNodePath(node), name: node.name, kind: node.kind }
    rows.push(
      isDiff
        ? { ...place, leftBytes, rightBytes, changeBytes: rightBytes - leftBytes }
        : { ...place, sizeBytes: rightBytes, ownBytes: own?.rightBytes ?? 0 },
    )
  }
  return { rows }
}
