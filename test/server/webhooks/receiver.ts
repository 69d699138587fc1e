import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { bytesOf } from '../../app.ts'

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string }
/** How a receiver answers a request; `count`: how many it has got by now. */
export type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void

/** A receiver of webhooks that answers as it is told, by default with 200. */
export async function receiver(answer: Answer = (response) => response.end('thank you')) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void bytesOf(request as AsyncIterable<Buffer>).then((body) => {
      const { method = '', url: path = '', headers } = request
      received.push({ method, path, headers, body: body.toString() })
      answer(response, request, received.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received }
}
