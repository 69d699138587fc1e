import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { renderMarkdown } from './render-markdown.ts'

/** More than this is not shown: no readme that people wrote is longer. */
const maxBytes = 256 * 1024

// Content never changes, so what was rendered once stays right.
const rendered = new LRUCache<string, Promise<string>>({ max: 200 })

/** A readme's Markdown; its first 256 KiB when it is longer. */
export async function readReadme(blobs: BlobStore, sha256: string): Promise<string> {
  const markdown = await readText(blobs, toBlobId(sha256), maxBytes)
  if (markdown === null) throw new Error(`readme ${sha256} is missing`)
  return markdown
}

/** A readme as HTML that is safe to embed. */
export function readReadmeHtml(blobs: BlobStore, sha256: string): Promise<string> {
  const known = rendered.get(sha256)
  if (known) return known
  const html = readReadme(blobs, sha256).then(renderMarkdown)
  rendered.set(sha256, html)
  html.catch(() => rendered.delete(sha256))
  return html
}
