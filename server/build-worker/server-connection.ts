import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { defaultPeerTimes, Peer } from '../builder-protocol/peer.ts'

/** `tls` null: plain text. `caFile`: certificates that are trusted in place of those of the system. */
export type ServerAddress = { host: string; port: number; tls: { caFile: string | null } | null }

/** A server that does not answer has this long, in milliseconds. */
const connectMs = 30_000
/** A connection that waits for a job for days is probed by the system, so that one that is gone is noticed. */
const keepAliveMs = 60_000
/** Scripts are the longest that a server sends. */
const maxBytes = 64 * 2 ** 20
const limits = { anyBytes: maxBytes, wholeBytes: maxBytes, bytesOf: () => maxBytes }

/** Connects to a server. Throws the error of the system, and the reason of `signal`. */
export async function connectToServer(
  { host, port, tls }: ServerAddress,
  signal: AbortSignal,
): Promise<Peer> {
  signal.throwIfAborted()
  const socket = tls
    ? connectTls({
        host,
        port,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(tls.caFile === null ? {} : { ca: await readFile(tls.caFile) }),
      })
    : connectTcp({ host, port })
  const late = AbortSignal.timeout(connectMs)
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal: AbortSignal.any([signal, late]) })
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    signal.throwIfAborted()
    if (late.aborted) throw new Error(`${host}:${port} does not answer`)
    throw error
  }
  return peerOf(socket)
}

function peerOf(socket: Socket): Peer {
  socket.setNoDelay(true).setKeepAlive(true, keepAliveMs)
  return new Peer(socket, limits, defaultPeerTimes)
}
