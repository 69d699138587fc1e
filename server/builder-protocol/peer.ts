import type { Socket } from 'node:net'
import { frameLength, type FrameLimits, FrameReader } from '../formats/builder-frames.ts'
import type { ExecContent } from '../formats/exec-record-encoder.ts'
import { PeerGoneError, PeerTooSlowError } from './errors.ts'

/** How long a peer may take, in milliseconds. docs/builder-protocol.md says why builder's server has none of these. */
export type PeerTimes = {
  /** From the connection to the hello, and from there to the command. */
  commandMs: number
  /** Between two pieces of one frame. */
  midFrameMs: number
  /** Until a peer that reads nothing is given up. */
  writeMs: number
  /** After the last answer, for the peer to close its side. */
  lingerMs: number
}

export const defaultPeerTimes: PeerTimes = {
  commandMs: 30_000,
  midFrameMs: 60_000,
  writeMs: 120_000,
  lingerMs: 2_000,
}

/** Who is at the other end of a connection. Its methods throw PeerGoneError and PeerTooSlowError. */
export class Peer {
  readonly address: string
  readonly frames: FrameReader
  /** How long the peer may send nothing between two frames; null: for ever. */
  silenceMs: number | null = null
  readonly #socket: Socket
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #times: PeerTimes
  readonly #gone = new AbortController()
  #drained: Promise<void> | null = null
  #isUndisturbed = false
  #isLeaving = false

  constructor(socket: Socket, limits: FrameLimits, times: PeerTimes) {
    this.#socket = socket
    this.#times = times
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    // The iterator throws errors of the socket; without a listener they would end the process meanwhile.
    socket.on('error', () => {})
    socket.once('close', () => this.#gone.abort())
    this.#chunks = socket.iterator({ destroyOnReturn: false })
    this.frames = new FrameReader((isMidFrame) => this.#pull(isMidFrame), limits)
  }

  /** Aborted when the connection has ended in both directions. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Sends values, each in a frame. Resolves when there is room for more: whoever awaits it has bounded memory. */
  async send(...values: Uint8Array[]): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) throw new PeerGoneError()
    socket.cork()
    for (const value of values) {
      socket.write(frameLength(value.length))
      socket.write(value)
    }
    socket.uncork()
    if (socket.writableNeedDrain) await (this.#drained ??= this.#drain())
  }

  /** Sends one value of known length in a frame, as its chunks are made. Nothing else may be sent meanwhile. */
  async sendStreamed({ sizeBytes, data }: ExecContent): Promise<void> {
    const socket = this.#socket
    socket.write(frameLength(sizeBytes))
    for await (const chunk of data()) {
      if (socket.destroyed || socket.writableEnded) throw new PeerGoneError()
      socket.write(chunk)
      if (socket.writableNeedDrain) await (this.#drained ??= this.#drain())
    }
  }

  /** The result of `work`, which waits for the peer; after this time it is given up. */
  async within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
    const timer = this.#giveUpAfter(ms, 'sent no command')
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }

  /** Like `within`, for as long as a command may take. */
  command<Value>(work: Promise<Value>): Promise<Value> {
    return this.within(this.#times.commandMs, work)
  }

  /** Sends what is under way, and closes. What the peer still sends is dropped: unread, it would make it lose the answer. */
  close(): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) return
    socket.end()
    this.#discard().catch(() => {})
    setTimeout(() => socket.destroy(), this.#times.lingerMs).unref()
  }

  /** Does work that `leave` waits for. */
  async undisturbed<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#isUndisturbed = true
    try {
      return await work()
    } finally {
      this.#isUndisturbed = false
      if (this.#isLeaving) this.close()
    }
  }

  /** The hub stops: closes, after work that is not to be disturbed. */
  leave(): void {
    this.#isLeaving = true
    if (!this.#isUndisturbed) this.destroy()
  }

  /** Closes at once. Whoever waits for the peer gets a PeerGoneError, with the reason if there is one. */
  destroy(reason?: string): void {
    this.#socket.destroy(reason === undefined ? undefined : new PeerGoneError(reason))
  }

  /** A socket that is destroyed rejects what is pulled. */
  #giveUpAfter(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(
      () => this.#socket.destroy(new PeerTooSlowError(`the peer ${what} for ${ms / 1_000} s`)),
      ms,
    )
  }

  async #pull(isMidFrame: boolean): Promise<Uint8Array | null> {
    const ms = isMidFrame ? this.#times.midFrameMs : this.silenceMs
    const timer = ms === null ? undefined : this.#giveUpAfter(ms, 'sent nothing')
    try {
      const next = await this.#chunks.next()
      if (next.done !== true) return next.value
    } catch (error) {
      throw asGone(error)
    } finally {
      clearTimeout(timer)
    }
    // Not a fault of the format: whoever counts what was lost has to tell these apart.
    if (isMidFrame) throw new PeerGoneError('the connection was closed within a frame')
    return null
  }

  async #discard(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  #drain(): Promise<void> {
    const socket = this.#socket
    const timer = this.#giveUpAfter(this.#times.writeMs, 'read nothing')
    return new Promise<void>((resolve, reject) => {
      const settle = () => {
        socket.off('drain', settle).off('close', settle)
        clearTimeout(timer)
        this.#drained = null
        if (socket.destroyed) reject(asGone(socket.errored))
        else resolve()
      }
      socket.once('drain', settle).once('close', settle)
    })
  }
}

function asGone(error: unknown): PeerGoneError {
  if (error instanceof PeerGoneError) return error
  return new PeerGoneError('the connection was lost', { cause: error })
}
