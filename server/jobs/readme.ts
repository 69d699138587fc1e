import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { renderMarkdown } from './render-markdown.ts'

/** More than this is not shown: no readme that people wrote is longer. */
const maxBytes = 256 * 1024

// Content never changes, so what was rendered once stays right.
const rendered = new LRUCache<string, string, { blobs: BlobStore }>({
  maxSize: 16 * 1024 ** 2,
  // Not even an empty one may cost nothing.
  sizeCalculation: (html) => html.length + 1,
  fetchMethod: async (sha256, _known, { context: { blobs } }) =>
    renderMarkdown(await readReadme(blobs, sha256)),
})

/** A readme's Markdown; its first 256 KiB when it is longer. */
export async function readReadme(blobs: BlobStore, sha256: string): Promise<string> {
  const markdown = await readText(blobs, toBlobId(sha256), maxBytes)
  if (markdown === null) throw new Error(`readme ${sha256} is missing`)
  return markdown
}

/** A readme as HTML that is safe to embed. */
export function readReadmeHtml(blobs: BlobStore, sha256: string): Promise<string> {
  return rendered.forceFetch(sha256, { context: { blobs } })
}
