import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import contentDisposition from 'content-disposition'
import fresh from 'fresh'
import parseRange from 'range-parser'
import type { ByteRange } from '../blobs/blob-store.ts'
import { errorCode } from '../blobs/storage-full.ts'
import {
  compressor,
  isCompressible,
  minCompressedBytes,
  preferredEncoding,
  weakTag,
} from '../content-encoding.ts'

/**
 * A file. `name` is what a browser saves it as. `sizeBytes` null: not known
 * before it is made; then it is sent whole only.
 */
export type SentFile = {
  name: string
  mediaType: string
  etag: string
  modifiedAt: Date
  sizeBytes: number | null
  /** Whether clients ask each time if it has changed. Default: it never changes. */
  isChanging?: boolean
  /** Throws if the file cannot be sent, for HEAD. Default: it is made when it is sent. */
  check?: () => Promise<void>
  /** Where the client gets it instead; null: here. Default: here. */
  redirect?: () => Promise<string | null>
  /** The streams that give these bytes, the source first. `range` null: all of them. */
  open: (range: ByteRange | null) => Streams | Promise<Streams>
}

type Streams = [Readable, ...Transform[]]

/** Anybody may read what the hub serves, from any page. */
export const publicHeaders: OutgoingHttpHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Answer with a file, a range of it, or 304. Its content is hostile: only plain text is shown in
 * place, all else is saved, and none of it may run scripts (RFC 9110 §13 to §15, RFC 6266). A client
 * that is slow holds up the reading; one that leaves ends it.
 */
export async function sendFile(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { name, mediaType, etag, modifiedAt, sizeBytes, isChanging = false, check, redirect, open }: SentFile,
): Promise<void> {
  // The builder's clock may have been ahead: no time after that of the answer (RFC 9110 §8.8.2.1).
  const lastModified = new Date(Math.min(modifiedAt.getTime(), Date.now())).toUTCString()
  const canCompress = isCompressible(mediaType) && sizeBytes !== null && sizeBytes >= minCompressedBytes
  // A range is one of the content itself.
  const encoding =
    canCompress && request.headers.range === undefined
      ? preferredEncoding(request.headers['accept-encoding']?.toString())
      : null
  const headers: OutgoingHttpHeaders = {
    ...publicHeaders,
    'Accept-Ranges': sizeBytes === null ? 'none' : 'bytes',
    'Cache-Control': isChanging ? 'no-cache' : 'public, max-age=31536000, immutable',
    ETag: encoding ? weakTag(etag) : etag,
    'Last-Modified': lastModified,
    ...(canCompress ? { Vary: 'Accept-Encoding' } : {}),
  }
  if (fresh(request.headers, { etag, 'last-modified': lastModified })) {
    response.writeHead(304, headers).end()
    return
  }

  const range = sizeBytes === null ? null : requestedRange(request, sizeBytes, [etag, lastModified])
  if (range === 'unsatisfiable') {
    response
      .writeHead(416, { ...headers, 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 })
      .end()
    return
  }
  Object.assign(headers, {
    'Content-Type': mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType,
    'Content-Disposition': disposition(name, mediaType === 'text/plain' ? 'inline' : 'attachment'),
    'Content-Security-Policy': "sandbox; default-src 'none'",
  })
  if (encoding) headers['Content-Encoding'] = encoding
  else if (sizeBytes !== null) headers['Content-Length'] = range ? range.end - range.start : sizeBytes
  if (range) headers['Content-Range'] = `bytes ${range.start}-${range.end - 1}/${sizeBytes}`
  const status = range ? 206 : 200
  if (request.method === 'HEAD') {
    await check?.()
    response.writeHead(status, headers).end()
    return
  }

  const location = await redirect?.()
  if (typeof location === 'string') {
    // The address is valid for some minutes, and for everybody who has it.
    response.writeHead(302, {
      ...publicHeaders,
      Location: location,
      'Cache-Control': 'no-store',
      'Content-Length': 0,
    })
    response.end()
    return
  }
  const streams = await open(range)
  // The response of a pipelined request has no socket until it is its turn, and hears of no end before that.
  const { socket } = request
  const gone = new AbortController()
  const leave = () => gone.abort()
  socket.once('close', leave)
  if (socket.destroyed) leave()
  try {
    if (!gone.signal.aborted) response.writeHead(status, headers)
    await pipeline([...streams, ...(encoding ? [compressor(encoding)] : []), response], {
      signal: gone.signal,
    })
  } catch (error) {
    if (!isClientGone(error)) throw error
  } finally {
    socket.off('close', leave)
  }
}

/** How a browser should take a file, and what it saves it as (RFC 6266). */
function disposition(name: string, type: 'inline' | 'attachment'): string {
  // Only ASCII: Node refuses Latin-1 here when the length is known. The whole name is in `filename*`.
  return contentDisposition(name, { type, fallback: name.replace(/[^ -~]/gu, '_') })
}

/** `null`: the whole file, also where several ranges are asked for. */
function requestedRange(
  { method, headers }: IncomingMessage,
  size: number,
  validators: readonly string[],
): ByteRange | 'unsatisfiable' | null {
  const { range } = headers
  // Other units, and ranges of another version of the file, are to be ignored.
  if (method !== 'GET' || !range?.startsWith('bytes=')) return null
  const ifRange = headers['if-range']?.toString()
  if (ifRange !== undefined && !validators.includes(ifRange)) return null
  const ranges = parseRange(size, withoutLongSuffix(range, size))
  if (ranges === -1) return 'unsatisfiable'
  if (ranges === -2 || ranges.length !== 1 || !ranges[0]) return null
  return { start: ranges[0].start, end: ranges[0].end + 1 }
}

/** The last 500 bytes of a file of 300 are all 300 (RFC 9110 §14.1.2); range-parser refuses that. */
function withoutLongSuffix(range: string, size: number): string {
  return range.replace(/^bytes=-(\d+)$/, (_, suffix: string) => `bytes=-${Math.min(Number(suffix), size)}`)
}

/** Whether writing to a response failed because nobody reads it any more. */
function isClientGone(error: unknown): boolean {
  return ['ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '')
}
