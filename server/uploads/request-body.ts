import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A gigabyte takes a good minute on a network of 100 Mbit/s. */
const drainMs = 300_000

/**
 * The body of a request as it arrives. To stop reading does not close the connection, so that the
 * refusal reaches the client. Throws when the client goes away.
 */
export function requestBody(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false })
}

/**
 * Lets the idle time of a connection count what the client does, not what the server does: a body that is all there,
 * or has bytes that wait to be read, is no reason to hang up, however long it takes to store them. A client that
 * stands still is hung up on as before, and so is one that does not read the answer.
 */
export function waitForStorage(request: IncomingMessage, response: ServerResponse): void {
  // With a listener, Node leaves the connection to it.
  response.on('timeout', (socket: Socket) => {
    const isServersTurn = request.complete || request.readableLength > 0
    if (isServersTurn && !response.headersSent) socket.setTimeout(socket.timeout ?? 0)
    else socket.destroy()
  })
}

/**
 * Once the answer is sent, read what is left of the request's body, so that a client that listens
 * only when all is sent hears why it was refused: builder-server does so, and keeps what was not
 * stored. Hang up after `maxBytes`, which no honest client exceeds, or five minutes.
 *
 * With "Connection: close", as builder-server sends it, Node would close the connection with the
 * answer: a client that is still sending would find it reset, and never read a refusal. So the
 * connection is closed here, when all is read.
 */
export function drainAfterAnswer(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  const isLast = request.method === 'POST' && !response.shouldKeepAlive
  if (isLast) response.shouldKeepAlive = true
  response.once('finish', () => {
    void drain(request, maxBytes).then(() => {
      if (isLast) request.socket.end()
    })
  })
}

async function drain(request: IncomingMessage, maxBytes: number): Promise<void> {
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
    if (drained > maxBytes) request.destroy()
  })
  request.resume()
  const impatience = setTimeout(() => request.destroy(), drainMs)
  await over
  clearTimeout(impatience)
}
