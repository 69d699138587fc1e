import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { limitDownloads } from '../artifacts/limit-downloads.ts'
import { publicHeaders } from '../artifacts/send-file.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { compressor, preferredEncoding } from '../content-encoding.ts'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { readExport, type AskedExport } from './read-export.ts'
import { mediaTypes, writeExport } from './write-export.ts'

/** Exports at a time: each reads the database as fast as its client takes it. */
const limits = { perClient: 2, total: 4 }

/** Lists as files: `/export/builds.csv?since=2026-01-01` (docs/api.md). Each is made while it is sent. */
export function exportRoutes({ config, db }: Pick<Deps, 'config' | 'db'>): HttpRoute[] {
  const limit = limitDownloads({ config }, limits)
  const handle: HttpHandler = async (context) => {
    const { request, response, params, query } = context
    const file = params['file'] ?? ''
    const asked = readExport(file, query)
    if ('fault' in asked) sendText(response, asked.fault.startsWith('there is no') ? 404 : 400, asked.fault)
    else await limit(request, () => send(context, file, asked))
  }

  async function send(
    { request, response }: Parameters<HttpHandler>[0],
    file: string,
    { list, format, filter }: AskedExport,
  ): Promise<void> {
    const encoding = preferredEncoding(request.headers['accept-encoding']?.toString())
    response.writeHead(200, {
      ...publicHeaders,
      'Content-Type': mediaTypes[format],
      'Content-Disposition': `attachment; filename="${file}"`,
      'Cache-Control': 'no-store',
      Vary: 'Accept-Encoding',
      ...(encoding ? { 'Content-Encoding': encoding } : {}),
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const source = Readable.from(writeExport(db, list, filter, format), { objectMode: false })
    try {
      await pipeline([source, ...(encoding ? [compressor(encoding)] : []), response])
    } catch (error) {
      // The client has left.
      if (!['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '')) throw error
    }
  }

  return [{ methods: ['GET', 'HEAD'], path: '/export/:file', handle }]
}
