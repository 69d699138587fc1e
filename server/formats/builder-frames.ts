import { MalformedError, RecordTooLargeError } from '../errors.ts'

/**
 * Frames of builder's protocol: eight bytes with the length of what follows, signed and big-endian, then one DER value.
 * builder has no limit, and allocates what a length claims before it arrives.
 */

const lengthBytes = 8

/** The length of a frame and the identifier octet of its value. */
export type FrameHead = { tag: number; sizeBytes: number }

/** The next bytes of a connection; null at its end. `isMidFrame`: a part of a frame has arrived, and the rest is due. */
export type Pull = (isMidFrame: boolean) => Promise<Uint8Array | null>

/** How long a frame may be at most. */
export type FrameLimits = {
  /** Any frame. */
  anyBytes: number
  /** One that is read as a whole, and so is in memory. */
  wholeBytes: number
  /** One whose value has this identifier octet. */
  bytesOf: (tag: number) => number
}

/** A frame of this value. */
export function encodeFrame(value: Uint8Array): Uint8Array {
  return Buffer.concat([frameLength(value.length), value])
}

/** What precedes a value of this length. */
export function frameLength(sizeBytes: number): Uint8Array {
  const length = Buffer.alloc(lengthBytes)
  length.writeBigInt64BE(BigInt(sizeBytes))
  return length
}

/**
 * Reads frames from a connection, one after the other. It holds what one pull gave, and a frame that is read as a whole,
 * which its limit bounds; the length is checked before anything is allocated for the frame.
 *
 * Throws MalformedError for a length that no command has and for a connection that ends within a frame,
 * RecordTooLargeError for a frame above its limit, and the errors of `pull`. After an error nothing more can be read.
 */
export class FrameReader {
  readonly #pull: Pull
  readonly #limits: FrameLimits
  #chunk: Uint8Array = new Uint8Array(0)
  #position = 0
  /** Of the current frame, bytes that were not taken yet. */
  #left = 0
  /** Bytes of the connection before `#chunk`. */
  #chunkOffset = 0

  constructor(pull: Pull, limits: FrameLimits) {
    this.#pull = pull
    this.#limits = limits
  }

  /**
   * Waits for the next frame, whose predecessor must be read. Null: the connection has ended between two frames. `maxBytes`: the
   * frame may not be longer, whatever its tag.
   */
  async open(maxBytes = Infinity): Promise<FrameHead | null> {
    if (this.#left > 0) throw new Error('the frame before is not read')
    if (!(await this.#fill(lengthBytes))) {
      if (this.#available === 0) return null
      throw this.#malformed('the connection ends within the length of a frame')
    }
    // A length that is refused in any case needs no wait for the tag.
    this.#checkLength(Math.min(maxBytes, this.#limits.anyBytes))
    if (!(await this.#fill(lengthBytes + 1))) throw this.#cutShort()
    return this.#openFilled()
  }

  /**
   * The content of the frame that was opened, as a whole. It may be a view into what a pull gave. Throws RecordTooLargeError,
   * before anything of it is held, where it has more than `wholeBytes` of the limits.
   */
  async read(): Promise<Uint8Array> {
    const sizeBytes = this.#left
    const { wholeBytes } = this.#limits
    if (sizeBytes > wholeBytes) throw tooLarge(sizeBytes, wholeBytes)
    if (!(await this.#fill(sizeBytes))) throw this.#cutShort()
    return this.#take(sizeBytes)
  }

  /** The content of the frame that was opened, in chunks as they arrive. */
  async *chunks(): AsyncGenerator<Uint8Array, void, void> {
    while (this.#left > 0) {
      if (!(await this.#fill(1))) throw this.#cutShort()
      yield this.#take(Math.min(this.#left, this.#available))
    }
  }

  /** Passes over the rest of the frame that was opened. */
  async skip(): Promise<void> {
    for await (const _chunk of this.chunks());
  }

  /** The content of the next frame, if it has this tag and has arrived as a whole. The frame before must be read. */
  takeArrived(tag: number): Uint8Array | null {
    if (this.#available <= lengthBytes || this.#chunk[this.#position + lengthBytes] !== tag) return null
    const length = this.#peekLength()
    if (length > BigInt(this.#available - lengthBytes)) return null
    const { sizeBytes } = this.#openFilled()
    return this.#take(sizeBytes)
  }

  get #available(): number {
    return this.#chunk.length - this.#position
  }

  #openFilled(): FrameHead {
    const tag = this.#chunk[this.#position + lengthBytes] ?? 0
    const sizeBytes = this.#checkLength(Math.min(this.#limits.anyBytes, this.#limits.bytesOf(tag)))
    this.#position += lengthBytes
    this.#left = sizeBytes
    return { tag, sizeBytes }
  }

  #peekLength(): bigint {
    const { buffer, byteOffset } = this.#chunk
    return new DataView(buffer, byteOffset + this.#position, lengthBytes).getBigInt64(0)
  }

  /** The length of the next frame. */
  #checkLength(maxBytes: number): number {
    const length = this.#peekLength()
    if (length <= 0n) throw this.#malformed(`a frame has the length ${length}`)
    if (length > BigInt(maxBytes)) throw tooLarge(length, maxBytes)
    return Number(length)
  }

  #take(size: number): Uint8Array {
    const bytes = this.#chunk.subarray(this.#position, this.#position + size)
    this.#position += size
    this.#left -= size
    return bytes
  }

  /** Waits until `size` bytes are in one buffer. False: the connection ends before. */
  async #fill(size: number): Promise<boolean> {
    if (this.#available >= size) return true
    const pieces = this.#available > 0 ? [this.#chunk.subarray(this.#position)] : []
    this.#chunkOffset += this.#position
    let filled = this.#available
    while (filled < size) {
      const next = await this.#pull(filled > 0 || this.#left > 0)
      if (!next) break
      pieces.push(next)
      filled += next.length
    }
    this.#chunk = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    this.#position = 0
    return filled >= size
  }

  #cutShort(): MalformedError {
    return this.#malformed('the connection ends within a frame')
  }

  #malformed(reason: string): MalformedError {
    return new MalformedError('connection', this.#chunkOffset + this.#position, reason)
  }
}

const tooLarge = (sizeBytes: number | bigint, maxBytes: number) =>
  new RecordTooLargeError(`a frame has ${sizeBytes} bytes; at most ${maxBytes} are allowed for it`)
