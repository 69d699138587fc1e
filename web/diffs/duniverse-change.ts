import type { Change } from './ChangeList.tsx'

type ChangedFolder = {
  name: string
  isSameContent: boolean
  left: { url: string }
  right: { url: string }
  hashes: readonly { kind: string; left?: string | null; right?: string | null }[]
}

/**
 * The URL of a folder; its hashes follow from it, and are folded. If the folder keeps its URL, the row is the first
 * hash, with its kind as in opam files: `sha256=…`.
 */
export function changeOf({ name, isSameContent, left, right, hashes }: ChangedFolder): Change {
  const changes = hashes.map((hash) => ({
    name: hash.kind.toLowerCase(),
    left: hash.left ?? null,
    right: hash.right ?? null,
  }))
  const note = isSameContent ? { note: 'the same content' } : {}
  const [first, ...others] = changes
  if (left.url === right.url && first)
    return {
      name,
      left: withKind(first, first.left),
      right: withKind(first, first.right),
      ...note,
      folded: foldOf(others),
    }
  return { name, left: left.url, right: right.url, ...note, folded: foldOf(changes) }
}

const withKind = ({ name: kind }: Change, hash: string | null) => (hash === null ? null : `${kind}=${hash}`)

function foldOf(changes: readonly Change[]) {
  return { title: `${changes.length} ${changes.length === 1 ? 'hash' : 'hashes'} changed, too`, changes }
}
