import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { Transform } from 'node:stream'

export type Encoding = 'br' | 'gzip'

/** In bytes. Compression hardly makes smaller bodies smaller. */
export const minCompressedBytes = 1_024

/** With this quality the result is at most as large as that of gzip's default, in less time. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/**
 * The encoding that the header `Accept-Encoding` prefers. Brotli if both are preferred equally; null if the client
 * wants the body as it is. Source: RFC 9110 §12.5.3.
 */
export function preferredEncoding(acceptEncoding: string | undefined): Encoding | null {
  const weights = new Map<string, number>()
  for (const item of (acceptEncoding ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim())
    const weight = parameters.find((one) => /^q\s*=/.test(one))?.split('=')[1] ?? '1'
    if (coding !== '') weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number(weight.trim()) || 0)
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
  const [br, gz] = [weightOf('br'), weightOf('gzip')]
  // A client that does not list `identity` accepts it, but prefers what it lists.
  const identity = weights.get('identity') ?? 0
  const best = br >= gz ? ('br' as const) : ('gzip' as const)
  return Math.max(br, gz) > 0 && Math.max(br, gz) >= identity ? best : null
}

/** Whether compression makes content of this media type smaller: it does for text, JSON, XML and SVG. */
export function isCompressible(mediaType: string): boolean {
  return /^(text\/(?!event-stream)|application\/(.*\+)?(json|xml)\b|image\/svg\+xml)/i.test(mediaType)
}

const brotliAsync = promisify(brotliCompress)
const gzipAsync = promisify(gzip)

export function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  return encoding === 'br' ? brotliAsync(body, brotliOptions) : gzipAsync(body)
}

export function compressor(encoding: Encoding): Transform {
  return encoding === 'br' ? createBrotliCompress(brotliOptions) : createGzip()
}

/** The ETag of the same content in an encoding. It is weak, because the bytes differ. Source: RFC 9110 §8.8.1. */
export function weakTag(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`
}
