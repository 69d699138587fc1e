import type { IncomingMessage, ServerResponse } from 'node:http'
import { toBlobId, type BlobStore } from '../blobs/blob-store.ts'
import { sendFile, type SentFile } from './send-file.ts'

/** A file of a build whose content is stored as it is. */
export type BuildFile = Pick<SentFile, 'name' | 'mediaType' | 'modifiedAt'> & {
  sha256: string
  sizeBytes: bigint
}

/** Answer with such a file, a range of it, or 304. */
export async function sendBlob(
  context: { request: IncomingMessage; response: ServerResponse },
  { blobs }: { blobs: BlobStore },
  { sha256, sizeBytes: size, ...file }: BuildFile,
): Promise<void> {
  const sizeBytes = Number(size)
  if (!Number.isSafeInteger(sizeBytes)) throw new Error(`blob ${sha256} cannot have ${size} bytes`)
  await sendFile(context, {
    ...file,
    etag: `"${sha256}"`,
    sizeBytes,
    async open(range) {
      const content = await blobs.open(toBlobId(sha256), range ?? { start: 0, end: sizeBytes })
      if (!content) throw new Error(`blob ${sha256} is missing`) // corrupt store: a bug
      return [content]
    },
  })
}
