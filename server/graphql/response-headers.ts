import type { Plugin } from 'graphql-yoga'
import { carriesCredentials, credentialVary } from '../users/credentials.ts'
import { LRUCache } from 'lru-cache'
import {
  compress,
  minCompressedBytes,
  preferredEncoding,
  weakTag,
  type Encoding,
} from '../content-encoding.ts'

/** Compressed answers that are kept by their ETag, in bytes. */
const maxKeptBytes = 16 * 1024 ** 2

/**
 * The headers by which caches and proxies handle answers, and answers compressed. Events are neither compressed nor
 * held back: a proxy would hold them until it has a buffer full.
 */
export function useResponseHeaders(): Plugin {
  const kept = new LRUCache<string, Buffer>({
    maxSize: maxKeptBytes,
    sizeCalculation: ({ length }) => length,
  })

  async function compressOnce(body: Buffer, encoding: Encoding, etag: string | null): Promise<Buffer> {
    const key = etag === null ? null : `${encoding} ${etag}`
    const known = key === null ? undefined : kept.get(key)
    if (known) return known
    const made = await compress(body, encoding)
    if (key !== null) kept.set(key, made)
    return made
  }

  return {
    async onResponse(payload) {
      const { request, response, fetchAPI } = payload
      const type = response.headers.get('content-type') ?? ''
      if (type.startsWith('text/event-stream')) {
        response.headers.delete('Cache-Control')
        const isOwn = carriesCredentials(Object.fromEntries(request.headers))
        response.headers.set('Cache-Control', `${isOwn ? 'private, no-store' : 'no-cache'}, no-transform`)
        // Yoga's `none` is no encoding that exists.
        response.headers.delete('Content-Encoding')
        response.headers.set('X-Accel-Buffering', 'no')
        return
      }
      if (request.method === 'OPTIONS') return
      if (response.status === 406 && response.body === null) {
        const text = 'the header Accept names nothing that is sent here: accept application/json\n'
        const headers = new Headers(response.headers)
        headers.set('Content-Type', 'text/plain; charset=utf-8')
        payload.setResponse(new fetchAPI.Response(text, { status: 406, headers }))
        return
      }
      response.headers.set('Vary', `Accept, Accept-Encoding, Origin, ${credentialVary}`)
      if (carriesCredentials(Object.fromEntries(request.headers)))
        response.headers.set('Cache-Control', 'private, no-store')
      else if (request.method === 'GET') response.headers.set('Cache-Control', 'no-cache')
      const encoding = preferredEncoding(request.headers.get('accept-encoding') ?? undefined)
      if (response.status === 304) {
        const etag = response.headers.get('etag')
        if (encoding && etag) response.headers.set('ETag', weakTag(etag))
        return
      }
      if (!encoding || !/^application\/(graphql-response\+)?json\b/.test(type)) return
      const body = Buffer.from(await response.text())
      const headers = new Headers(response.headers)
      const etag = headers.get('etag')
      const isWorth = body.length >= minCompressedBytes
      const sent = isWorth ? await compressOnce(body, encoding, etag) : body
      if (isWorth) {
        headers.set('Content-Encoding', encoding)
        if (etag) headers.set('ETag', weakTag(etag))
      }
      headers.set('Content-Length', String(sent.length))
      const { status, statusText } = response
      payload.setResponse(new fetchAPI.Response(Uint8Array.from(sent), { status, statusText, headers }))
    },
  }
}
