import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answer with JSON that pages of any origin may read. Browsers get a page at the same address. */
export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
