import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'
import { showAsItIs } from './show-as-it-is.ts'

/** Maximum length of a shown readme. Readmes that people write are shorter. */
const maxBytes = 256 * 1024
/** Time limit of rendering. Readmes that people write take some milliseconds per page, longer on a busy machine. */
const timeoutMs = 3_000

const decoder = new TextDecoder()

type RenderDeps = Pick<Deps, 'blobs' | 'workers'>

/** What was rendered, by SHA-256. Content never changes, so it stays right. What could not be rendered is not kept. */
const cacheOf = perServer(
  () =>
    new LRUCache<string, string, RenderDeps>({
      maxSize: 16 * 1024 ** 2,
      // The cache requires a positive size, also for an empty readme.
      sizeCalculation: (html) => html.length + 1,
      fetchMethod: async (sha256, _known, { context }) =>
        context.workers.run('renderMarkdown', await readReadmeBytes(context.blobs, sha256), { timeoutMs }),
    }),
)

async function readReadmeBytes(blobs: BlobStore, sha256: string): Promise<Uint8Array> {
  const id = toBlobId(sha256)
  const bytes = await readBytes(blobs, id, maxBytes)
  if (bytes === null) throw missingBlob(id)
  return bytes
}

/** The Markdown of a readme, cut after 256 KiB. */
export async function readReadme(blobs: BlobStore, sha256: string): Promise<string> {
  return decoder.decode(await readReadmeBytes(blobs, sha256))
}

/** `isFinal`: later it is the same; else it may be rendered then, when the server has more time. */
export type ReadmeHtml = { html: string; isFinal: boolean }

/** A readme as HTML that is safe to embed; as plain text that says so when it could not be rendered in time. */
export async function readReadmeHtml(deps: RenderDeps, sha256: string): Promise<ReadmeHtml> {
  try {
    return { html: await cacheOf(deps.workers).forceFetch(sha256, { context: deps }), isFinal: true }
  } catch (error) {
    const isSlow = error instanceof TaskLimitError
    if (!isSlow && !(error instanceof WorkersBusyError)) throw error
    const reason = isSlow
      ? 'it took too long to render'
      : 'the server is busy: reload the page to see it rendered'
    return { html: showAsItIs(await readReadme(deps.blobs, sha256), reason), isFinal: false }
  }
}
