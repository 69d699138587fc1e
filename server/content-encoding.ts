import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { Transform } from 'node:stream'

export type Encoding = 'br' | 'gzip'

/** Shorter bodies hardly become shorter. */
export const minCompressedBytes = 1_024

/** As small as gzip's default or smaller, in less time. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/**
 * The encoding that a request's `Accept-Encoding` prefers among ours; null: as it is. Of two that are equal, the
 * better one. Source: RFC 9110 §12.5.3.
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
  // What is not listed may be sent as it is, but what is listed is wished for.
  const identity = weights.get('identity') ?? 0
  const best = br >= gz ? ('br' as const) : ('gzip' as const)
  return Math.max(br, gz) > 0 && Math.max(br, gz) >= identity ? best : null
}

/** Whether content of this media type becomes shorter: text, and what is written as text. */
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

/** The tag of the same content in an encoding: other bytes, so it is weak. Source: RFC 9110 §8.8.1. */
export function weakTag(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`
}
