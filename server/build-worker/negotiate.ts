import { PeerGoneError, ProtocolError } from '../builder-protocol/errors.ts'
import type { Peer } from '../builder-protocol/peer.ts'
import { decodeCommand } from '../formats/builder-command-decoder.ts'
import { encodeHello } from '../formats/builder-command-encoder.ts'
import { encodeExtensionHello } from '../formats/worker-extension.ts'
import { connectToServer, type ServerAddress } from './server-connection.ts'

/** `hub`: the hub's own worker protocol. `builder`: worker protocol 5 of builder. */
export type WorkerProtocol = 'hub' | 'builder'

export type Negotiation = {
  /** The protocol of the server; null: not known yet. */
  known: WorkerProtocol | null
  /** The operator wants builder's protocol. */
  isForced: boolean
}

/** A hub that is being stopped hangs up as well: only a server that does so this often does not know the hub's protocol. */
const refusalsOfBuilder = 2
/** A server that was builder's may have become a hub, which is only asked after a restart, when it refuses connections. */
const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'])

/**
 * Connects, and says hello in the hub's protocol. builder's server closes the connection without an answer; then the worker says
 * hello in that protocol. `negotiation` keeps what was found, for the next connection.
 */
export async function negotiate(
  server: ServerAddress,
  negotiation: Negotiation,
  signal: AbortSignal,
): Promise<{ peer: Peer; protocol: WorkerProtocol }> {
  if (negotiation.isForced) return { peer: await sayHello(server, 'builder', signal), protocol: 'builder' }
  try {
    if (negotiation.known !== null) {
      const protocol = negotiation.known
      return { peer: await sayHello(server, protocol, signal), protocol }
    }
    for (let refusals = 0; refusals < refusalsOfBuilder; refusals++) {
      try {
        const peer = await sayHello(server, 'hub', signal)
        negotiation.known = 'hub'
        return { peer, protocol: 'hub' }
      } catch (error) {
        if (!(error instanceof PeerGoneError)) throw error
      }
    }
    const peer = await sayHello(server, 'builder', signal)
    negotiation.known = 'builder'
    return { peer, protocol: 'builder' }
  } catch (error) {
    const isRestarted = error instanceof Error && 'code' in error && connectionCodes.has(String(error.code))
    if (negotiation.known === 'builder' && (isRestarted || error instanceof PeerGoneError))
      negotiation.known = null
    throw error
  }
}

/** Throws PeerGoneError if the server hangs up. */
async function sayHello(server: ServerAddress, protocol: WorkerProtocol, signal: AbortSignal): Promise<Peer> {
  const peer = await connectToServer(server, signal)
  const stop = () => peer.destroy()
  signal.addEventListener('abort', stop)
  try {
    await peer.send(protocol === 'hub' ? encodeExtensionHello('worker') : encodeHello('worker'))
    const head = await peer.command(peer.frames.open())
    if (!head) throw new PeerGoneError('the server has closed the connection after the hello')
    const { kind } = decodeCommand(await peer.frames.read())
    if (kind !== 'serverHello') throw new ProtocolError(`expected the hello of the server, got ${kind}`)
    return peer
  } catch (error) {
    peer.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
