import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import { showAsItIs } from './show-as-it-is.ts'

/** More than this is not shown: no readme that people wrote is longer. */
const maxBytes = 256 * 1024
/** Readmes that people write take some milliseconds for each of their pages; a busy machine takes longer. */
const timeoutMs = 3_000

const decoder = new TextDecoder()

// Content never changes, so what was rendered once stays right.
const rendered = new LRUCache<string, string, Pick<Deps, 'blobs' | 'workers'>>({
  maxSize: 16 * 1024 ** 2,
  // Not even an empty one may cost nothing.
  sizeCalculation: (html) => html.length + 1,
  fetchMethod: async (sha256, _known, { context: { blobs, workers } }) => {
    const markdown = await readReadmeBytes(blobs, sha256)
    try {
      return await workers.run('renderMarkdown', markdown, { timeoutMs })
    } catch (error) {
      if (error instanceof TaskLimitError) return showAsItIs(decoder.decode(markdown))
      throw error
    }
  },
})

async function readReadmeBytes(blobs: BlobStore, sha256: string): Promise<Uint8Array> {
  const bytes = await readBytes(blobs, toBlobId(sha256), maxBytes)
  if (bytes === null) throw new Error(`readme ${sha256} is missing`)
  return bytes
}

/** A readme's Markdown; its first 256 KiB when it is longer. */
export async function readReadme(blobs: BlobStore, sha256: string): Promise<string> {
  return decoder.decode(await readReadmeBytes(blobs, sha256))
}

/** A readme as HTML that is safe to embed; as plain text when it is too much to render. */
export async function readReadmeHtml(deps: Pick<Deps, 'blobs' | 'workers'>, sha256: string): Promise<string> {
  try {
    return await rendered.forceFetch(sha256, { context: deps })
  } catch (error) {
    // Who asks later gets it rendered.
    if (error instanceof WorkersBusyError) return showAsItIs(await readReadme(deps.blobs, sha256))
    throw error
  }
}
