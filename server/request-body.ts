import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { DomainError } from './errors.ts'

/** Time limit for the rest of a body. A gigabyte takes more than a minute on a network of 100 Mbit/s. */
const drainMs = 300_000

/** The body is compressed, or encoded in another way. */
export class EncodedBodyError extends DomainError {
  override readonly name = 'EncodedBodyError'
  constructor(encoding: string) {
    super(`Content-Encoding ${encoding} is not read here: send the body as it is`)
  }
}

/** How the body is encoded; null: as it is. Source: RFC 9110 §8.4. */
export function unreadEncoding({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const encoding = headers['content-encoding']?.trim() ?? ''
  return encoding === '' || encoding.toLowerCase() === 'identity' ? null : encoding
}

/**
 * The body of a request as a stream. Stopping to read does not close the connection, so that a refusal reaches the
 * client. Throws if the client disconnects.
 */
export function requestBody(request: IncomingMessage): AsyncIterable<Uint8Array> {
  inviteBody(request)
  return request.iterator({ destroyOnReturn: false })
}

/** Requests with `Expect: 100-continue` whose clients still wait to be told to send the body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** For `checkContinue` of a server: the body is invited when it is read, so a refused client sends none of it. */
export function awaitInvitation(listener: RequestListener): RequestListener {
  return (request, response) => {
    waiting.set(request, response)
    listener(request, response)
  }
}

/** Tells a client that waits for it to send its body. Source: RFC 9110 §10.1.1. */
export function inviteBody(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
}

/** Whether the client waits with its body for an invitation. */
export function awaitsInvitation(request: IncomingMessage): boolean {
  return waiting.has(request)
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
 * After the response is sent, reads and discards the rest of the request's body. Clients such as builder-server read
 * the response only after they have sent everything, and must learn why a build was refused. The connection is
 * closed after `maxBytes`, which no honest client exceeds, or after five minutes.
 *
 * With "Connection: close", which builder-server sends, Node would close the connection with the response. A client
 * that is still sending would get a connection reset, and never read the refusal. Therefore this function closes the
 * connection after the whole body is read.
 */
export function drainAfterAnswer(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  const isLast = request.method === 'POST' && !response.shouldKeepAlive
  if (isLast) response.shouldKeepAlive = true
  response.once('finish', () => {
    // A client that was too slow would be as slow with the rest.
    if (response.statusCode === 408) {
      request.socket.end()
      return
    }
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
  // The previous reader of the body has stopped, so the stream is paused.
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
