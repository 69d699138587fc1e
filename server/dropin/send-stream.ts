import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fresh from 'fresh'
import { disposition, isClientGone, publicHeaders } from '../artifacts/send-blob.ts'

/** A file that is made while it is sent. `name` is what a browser saves it as; `sizeBytes` null: not known before. */
export type MadeFile = {
  name: string
  mediaType: string
  etag: string
  modifiedAt: Date
  sizeBytes: number | null
  /** The streams that make it, the source first; opened only when it is sent. */
  open: () => [Readable, ...Transform[]]
}

/** Answer with such a file, or 304. A client that is slow holds up its making; one that leaves ends it. */
export async function sendStream(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { name, mediaType, etag, modifiedAt, sizeBytes, open }: MadeFile,
): Promise<void> {
  const lastModified = modifiedAt.toUTCString()
  const headers: OutgoingHttpHeaders = {
    ...publicHeaders,
    'Accept-Ranges': 'none',
    'Cache-Control': 'public, max-age=31536000, immutable',
    ETag: etag,
    'Last-Modified': lastModified,
  }
  if (fresh(request.headers, { etag, 'last-modified': lastModified })) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': mediaType,
    'Content-Disposition': disposition(name, 'attachment'),
    ...(sizeBytes === null ? {} : { 'Content-Length': sizeBytes }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  try {
    await pipeline([...open(), response])
  } catch (error) {
    if (!isClientGone(error)) throw error
  }
}
