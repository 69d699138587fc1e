import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Deps } from '../deps.ts'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { checkSize, openWhole } from '../blobs/open-whole.ts'
import { sendFile, type SentFile } from './send-file.ts'

/** A file of a build whose content is stored as it is. */
export type BuildFile = Pick<SentFile, 'isChanging' | 'name' | 'mediaType' | 'modifiedAt'> & {
  sha256: string
  sizeBytes: bigint
}

/** Answer with such a file, a range of it, or 304. */
export async function sendBlob(
  context: { request: IncomingMessage; response: ServerResponse },
  deps: { blobs: BlobStore; config: Pick<Deps['config'], 'blobRedirect'> },
  { sha256, sizeBytes: size, ...file }: BuildFile,
): Promise<void> {
  const { blobs } = deps
  const sizeBytes = Number(size)
  if (!Number.isSafeInteger(sizeBytes)) throw new Error(`blob ${sha256} cannot have ${size} bytes`)
  await sendFile(context, {
    ...file,
    etag: `"${sha256}"`,
    sizeBytes,
    check: () => checkSize(blobs, toBlobId(sha256), sizeBytes),
    redirect: () => redirectOf(deps, { ...file, sha256, sizeBytes }),
    async open(range) {
      if (!range) return [await openWhole(blobs, sha256, sizeBytes)]
      const content = await blobs.open(toBlobId(sha256), range)
      if (!content) throw missingBlob(toBlobId(sha256))
      return [content]
    },
  })
}

/** Smaller files cost less than a second connection. */
const minRedirectedBytes = 1024 ** 2

/** Files that browsers show have to come from here: only our headers keep what is in them from running. */
async function redirectOf(
  { blobs, config }: Parameters<typeof sendBlob>[1],
  {
    name,
    mediaType,
    sha256,
    sizeBytes,
  }: Pick<SentFile, 'name' | 'mediaType'> & { sha256: string; sizeBytes: number },
): Promise<string | null> {
  const wanted = config.blobRedirect
  if (!blobs.presign || wanted === 'never' || mediaType === 'text/plain') return null
  if (wanted === 'auto' && sizeBytes < minRedirectedBytes) return null
  const id = toBlobId(sha256)
  await checkSize(blobs, id, sizeBytes)
  return blobs.presign(id, name)
}
