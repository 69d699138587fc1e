import type { Change } from './ChangeList.tsx'

type ChangedFolder = {
  name: string
  isSameContent: boolean
  left: { url: string }
  right: { url: string }
  hashes: readonly { kind: string; left?: string | null; right?: string | null }[]
}

/**
 * A vendored folder: its versions, where both URLs name one, and else its URLs; its hashes follow from them, and are folded. If the folder keeps
 * its URL, the row is the first hash, with its kind as in opam files: `sha256=…`.
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
      folded: { title: hashesOf(others), changes: others },
    }
  const [leftVersion, rightVersion] = [versionInUrl(left.url), versionInUrl(right.url)]
  if (leftVersion !== null && rightVersion !== null && leftVersion !== rightVersion) {
    const urls = { name: 'url', left: left.url, right: right.url }
    const folded = { title: 'its URL and hashes', changes: [urls, ...changes] }
    return { name, left: leftVersion, right: rightVersion, ...note, folded }
  }
  return { name, left: left.url, right: right.url, ...note, folded: { title: hashesOf(changes), changes } }
}

const archive = String.raw`\.(?:tbz|tgz|tar|tar\.\w+|zip)$`
const places = [
  new RegExp(String.raw`/[^/]+?[-_]v?(\d[^/]*?)${archive}`),
  new RegExp(String.raw`/archive/(?:refs/tags/)?v?(\d[^/]*?)${archive}`),
  /\/releases\/download\/v?(\d[^/]*)\//,
]

/** The version that the address of an archive names; null: it names none, or the hash of a commit. */
export function versionInUrl(url: string): string | null {
  const plain = url.replace(/[?#].*$/, '')
  for (const place of places) {
    const version = place.exec(plain)?.[1]
    if (version !== undefined) return /^[0-9a-f]{20,}$/.test(version) ? null : version
  }
  return null
}

const withKind = ({ name: kind }: Change, hash: string | null) => (hash === null ? null : `${kind}=${hash}`)

const hashesOf = ({ length }: readonly Change[]) =>
  `${length} ${length === 1 ? 'hash' : 'hashes'} changed, too`
