import { type SizeNode, wayTo } from './size-tree.ts'

// Names may hold slashes: they are written as in a JSON pointer (RFC 6901 §3), which an address carries well.
const escape = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** Path of a node for the address: `ocaml/Stdlib/List`; empty for the root. */
export function formatNodePath(node: SizeNode): string {
  return wayTo(node)
    .map(({ name }) => escape(name))
    .join('/')
}

/** The group at a path, or its nearest existing ancestor. */
export function findGroup(root: SizeNode, path: string): SizeNode {
  let group = root
  if (path === '') return group
  for (const segment of path.split('/')) {
    // Several parts can have one name (static functions of C): the path continues in one that has parts.
    const next = group.children.find((child) => child.children.length > 0 && escape(child.name) === segment)
    if (!next) break
    group = next
  }
  return group
}

/** Path of a node for readers: `ocaml › Stdlib › List`. */
export function describePath(node: SizeNode): string {
  const names = wayTo(node).map(({ name, kind }) => (kind === 'OWN' ? 'itself' : name))
  return names.length > 0 ? names.join(' › ') : node.name
}
