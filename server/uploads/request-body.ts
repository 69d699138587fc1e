import type { IncomingMessage, ServerResponse } from 'node:http'

/** Read and dropped at most, so that a client that sends before it listens still hears the answer. */
const drainBytes = 256 * 1024 ** 2

/**
 * The body of a request as it arrives. To stop reading does not close the connection, so that the
 * refusal reaches the client. Throws when the client goes away.
 */
export function requestBody(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false })
}

/**
 * Once the answer is sent, read what is left of the request's body, or hang up when it is too much.
 *
 * With "Connection: close", as builder-server sends it, Node would close the connection with the
 * answer: a client that is still sending would find it reset, and never read a refusal. So the
 * connection is closed here, when all is read.
 */
export function drainAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  const isLast = request.method === 'POST' && !response.shouldKeepAlive
  if (isLast) response.shouldKeepAlive = true
  response.once('finish', () => {
    void drain(request).then(() => {
      if (isLast) request.socket.end()
    })
  })
}

async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return
  const over = new Promise<void>((resolve) => {
    request.once('end', resolve)
    request.once('close', resolve)
  })
  let drained = 0
  // Whoever read the body before has stopped, and would hold it back.
  request.unpipe()
  request.removeAllListeners('readable')
  request.on('data', (chunk: Uint8Array) => {
    drained += chunk.length
    if (drained > drainBytes) request.destroy()
  })
  request.resume()
  await over
}
