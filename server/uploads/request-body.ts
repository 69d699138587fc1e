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

/** Once the answer is sent, read what is left of the request's body, or hang up when it is too much. */
export function drainAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => void drain(request))
}

/** Read and drop what is left of the request's body, or hang up when it is too much. */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return
  const over = new Promise<void>((resolve) => {
    request.once('end', resolve)
    request.once('close', resolve)
  })
  let drained = 0
  request.unpipe()
  request.on('data', (chunk: Uint8Array) => {
    drained += chunk.length
    if (drained > drainBytes) request.destroy()
  })
  request.resume()
  await over
}
