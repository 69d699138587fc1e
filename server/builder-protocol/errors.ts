/** A peer sent what its state of the protocol does not allow. The connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** The connection has ended, or was reset. */
export class PeerGoneError extends Error {
  override readonly name = 'PeerGoneError'
  constructor(message = 'the connection was closed', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The peer sends nothing, or reads nothing, for longer than it may. */
export class PeerTooSlowError extends PeerGoneError {}
