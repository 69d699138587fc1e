import { createHash } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import fresh from 'fresh'
import { carriesCredentials } from './users/credentials.ts'
import {
  compress,
  minCompressedBytes,
  preferredEncoding,
  weakTag,
  type Encoding,
} from './content-encoding.ts'

/** A response body that is computed once and sent many times. */
export type MadeAnswer = {
  mediaType: string
  body: Buffer
  /** Lasts as long as the text is the same. */
  etag: string
  /** The body in each encoding that a client has asked for. */
  encoded: Map<Encoding, Promise<Buffer>>
}

/** `text` is sent as UTF-8. The ETag is its hash. */
export function makeAnswer(mediaType: string, text: string): MadeAnswer {
  const body = Buffer.from(text)
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { mediaType, body, etag, encoded: new Map() }
}

/**
 * Send the answer, compressed if the client accepts that, or 304 if the client has it. `given` are more headers;
 * `vary` names further request headers on which the answer depends.
 */
export async function sendMade(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  { mediaType, body, etag, encoded }: MadeAnswer,
  given: OutgoingHttpHeaders = {},
  { status = 200, vary = '' }: { status?: number; vary?: string } = {},
): Promise<void> {
  const encoding =
    body.length < minCompressedBytes
      ? null
      : preferredEncoding(request.headers['accept-encoding']?.toString())
  const headers: OutgoingHttpHeaders = {
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    ...given,
    ...(carriesCredentials(request.headers) ? { 'Cache-Control': 'private, no-cache' } : {}),
    Vary: vary === '' ? 'Accept-Encoding' : `${vary}, Accept-Encoding`,
    ETag: encoding ? weakTag(etag) : etag,
  }
  if (status === 200 && fresh({ 'if-none-match': request.headers['if-none-match'] }, { etag })) {
    response.writeHead(304, headers).end()
    return
  }
  const sent = encoding ? await encode(encoded, body, encoding) : body
  response.writeHead(status, {
    ...headers,
    // JSON is always UTF-8, and its media type has no such parameter.
    'Content-Type': mediaType === 'application/json' ? mediaType : `${mediaType}; charset=utf-8`,
    'Content-Length': sent.length,
    ...(encoding ? { 'Content-Encoding': encoding } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : sent)
}

function encode(encoded: MadeAnswer['encoded'], body: Buffer, encoding: Encoding): Promise<Buffer> {
  const known = encoded.get(encoding)
  if (known) return known
  const made = compress(body, encoding)
  encoded.set(encoding, made)
  return made
}
