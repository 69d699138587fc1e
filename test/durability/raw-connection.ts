import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP connection that sends exactly the given bytes. */
export type RawConnection = {
  /** Resolves once the system has taken the bytes. */
  write: (bytes: Uint8Array) => Promise<void>
  /** End this direction only: the other side may still answer. */
  halfClose: () => void
  /** Send a reset, as a host does whose process was killed with unread data. */
  reset: () => void
  /** All that came so far. */
  received: () => string
  /** Resolves with all that came once `pattern` is in it. Throws when the connection closes before. */
  receive: (pattern: RegExp) => Promise<string>
  /** Resolves with all that came, once the connection is closed. */
  closed: Promise<string>
}

/** Connect to a server; the connection is cut when the test ends. */
export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(received))
    socket.once('end', () => socket.end())
  })
  await once(socket, 'connect')
  // From here on a reset is an outcome, not a failure: `close` follows.
  socket.on('error', () => {})
  return {
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    halfClose: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    received: () => received,
    receive: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(received)) resolve(received)
        }
        socket.on('data', look)
        socket.once('close', () => reject(new Error(`closed without ${pattern} in: ${received}`)))
        look()
      }),
    closed,
  }
}
