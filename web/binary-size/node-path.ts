import { type SizeNode, wayTo } from './size-tree.ts'

// Names may hold slashes: they are written as in a JSON pointer (RFC 6901 §3), which an address carries well.
const escape = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** Where a node is, for an address: `ocaml/Stdlib/List`; empty for the root. */
export function formatNodePath(node: SizeNode): string {
  return wayTo(node)
    .map(({ name }) => escape(name))
    .join('/')
}

/** The group that a path names, or the nearest one above it that exists. */
export function findGroup(root: SizeNode, path: string): SizeNode {
  let group = root
  if (path === '') return group
  for (const segment of path.split('/')) {
    // Parts of one name may be several (static functions of C): the way goes on in one that holds something.
    const next = group.children.find((child) => child.children.length > 0 && escape(child.name) === segment)
    if (!next) break
    group = next
  }
  return group
}

/** The way to a node in words: `ocaml › Stdlib › List`. */
export function describePath(node: SizeNode): string {
  const names = wayTo(node).map(({ name, kind }) => (kind === 'OWN' ? 'itself' : name))
  return names.length > 0 ? names.join(' › ') : node.name
}
