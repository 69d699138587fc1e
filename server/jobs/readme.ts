import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import { showAsItIs } from './show-as-it-is.ts'

/** Maximum length of a shown readme. Readmes that people write are shorter. */
const maxBytes = 256 * 1024
/** Time limit of rendering. Readmes that people write take some milliseconds per page, longer on a busy machine. */
const timeoutMs = 3_000

const decoder = new TextDecoder()

// Content never changes, so what was rendered once stays right.
const rendered = new LRUCache<string, string, Pick<Deps, 'blobs' | 'workers'>>({
  maxSize: 16 * 1024 ** 2,
  // The cache requires a positive size, also for an empty readme.
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

/** The Markdown of a readme, cut after 256 KiB. */
export async function readReadme(blobs: BlobStore, sha256: string): Promise<string> {
  return decoder.decode(await readReadmeBytes(blobs, sha256))
}

/** A readme as HTML that is safe to embed. If rendering exceeds a limit, the HTML shows the plain text. */
export async function readReadmeHtml(deps: Pick<Deps, 'blobs' | 'workers'>, sha256: string): Promise<string> {
  try {
    return await rendered.forceFetch(sha256, { context: deps })
  } catch (error) {
    // Not cached: a later request renders it.
    if (error instanceof WorkersBusyError) return showAsItIs(await readReadme(deps.blobs, sha256))
    throw error
  }
}
