import { MalformedError, RecordTooLargeError } from '../errors.ts'

/** Identifier octets (class, constructed bit and number in one octet; X.690, 8.1.2). */
export const derTags = {
  integer: 0x02,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  /** [n] EXPLICIT, n < 31. */
  explicit: (n: number) => 0xa0 | n,
} as const

/** A header takes at most this many bytes: identifier, length of the length, eight bytes of length. */
export const derHeaderBytes = 10

/**
 * A value whose header was read. `offset` is where the header starts, `start` and `end` bound the
 * content; all count bytes from the start of the input. `what` names the value in errors.
 */
export type DerValue = { what: string; tag: number; offset: number; start: number; end: number }

/** What contains the outermost value. */
export const derInput: DerValue = { what: 'the input', tag: 0, offset: 0, start: 0, end: Infinity }

/**
 * Header of the value at `position` of `bytes`, which is byte `offset` of the input. Null when
 * `bytes` ends before the header does. Throws MalformedError for what DER forbids (X.690, 10.1).
 */
export function parseDerHeader(
  bytes: Uint8Array,
  position: number,
  offset: number,
  { format, what }: { format: string; what: string },
): DerValue | null {
  const tag = bytes[position]
  const first = bytes[position + 1]
  if (tag !== undefined && (tag & 0x1f) === 0x1f) {
    throw new MalformedError(format, offset, `${what} has a tag number above 30`)
  }
  if (tag === undefined || first === undefined) return null
  if (first < 0x80) return { what, tag, offset, start: offset + 2, end: offset + 2 + first }

  const refuse = (reason: string) => new MalformedError(format, offset + 1, `${what} ${reason}`)
  if (first === 0x80) throw refuse('has an indefinite length')
  const lengthBytes = first & 0x7f
  if (lengthBytes > 8) throw refuse('has a length of more than eight bytes')
  let length = 0
  for (let i = 0; i < lengthBytes; i++) {
    const byte = bytes[position + 2 + i]
    if (byte === undefined) return null
    if (i === 0 && byte === 0) throw refuse('has a length with a leading zero')
    length = length * 256 + byte
  }
  if (length > Number.MAX_SAFE_INTEGER / 2) throw refuse('has a length beyond any input')
  // X.690 asks for the short form up to 127, but builder's own decoder takes a long 127: so do we.
  if (length < 0x7f) throw refuse('has a long form for a short length')
  const start = offset + 2 + lengthBytes
  return { what, tag, offset, start, end: start + length }
}

/**
 * Reads one DER value from chunks, in order, without holding more than what was asked for.
 *
 * `fill` waits for bytes; `open` and `take` are synchronous and work on what was filled, so that
 * many small values in one chunk cost no promise. `read*` do both. Errors carry byte offsets:
 * MalformedError(format, …) for what is not DER or not what was expected, RecordTooLargeError
 * for a value above the cap it was read with. The source is never cancelled: whoever gave it can
 * still drain it.
 */
export class DerReader {
  readonly #format: string
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #position = 0
  #chunkOffset = 0
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, format: string) {
    this.#source = source[Symbol.asyncIterator]()
    this.#format = format
  }

  /** Bytes of the input that were consumed. */
  get offset(): number {
    return this.#chunkOffset + this.#position
  }

  malformed(offset: number, reason: string): MalformedError {
    return new MalformedError(this.#format, offset, reason)
  }

  /** Whether `size` bytes can be taken without waiting. True at the input's end, where waiting is in vain. */
  isFilled(size: number): boolean {
    return this.#ended || this.#chunk.length - this.#position >= size
  }

  /** Waits until `size` bytes lie in one piece, or the input ends. */
  async fill(size: number): Promise<void> {
    if (this.isFilled(size)) return
    const offset = this.offset
    const pieces = [this.#chunk.subarray(this.#position)]
    // Joined once at the end: a source that gives single bytes would make repeated joining quadratic.
    let missing = size - (this.#chunk.length - this.#position)
    while (missing > 0) {
      const next = await this.#pull()
      if (!next) break
      pieces.push(next)
      missing -= next.length
    }
    const filled = pieces.filter((piece) => piece.length > 0)
    this.#chunk = filled.length === 1 && filled[0] ? filled[0] : Buffer.concat(filled)
    this.#position = 0
    this.#chunkOffset = offset
  }

  /** Whether `parent` holds no further value. */
  isAtEnd(parent: DerValue): boolean {
    return this.offset >= parent.end
  }

  /** Enters the next value in `parent`, whose header must be filled. */
  open(parent: DerValue, what: string, tag: number): DerValue {
    const value = this.#peek(parent, what)
    if (value.tag !== tag) {
      throw this.malformed(value.offset, `${what} has tag ${hex(value.tag)} instead of ${hex(tag)}`)
    }
    this.#position += value.start - value.offset
    return value
  }

  async read(parent: DerValue, what: string, tag: number): Promise<DerValue> {
    await this.fill(derHeaderBytes)
    return this.open(parent, what, tag)
  }

  /** The content of `value`, which must be filled. The bytes may be a view into the source's chunk. */
  take(value: DerValue): Uint8Array {
    return this.#takeBytes(value.end - value.start, value.what)
  }

  async readContent(value: DerValue, maxBytes: number): Promise<Uint8Array> {
    this.#limit(value, value.end - value.start, maxBytes)
    await this.fill(value.end - value.start)
    return this.take(value)
  }

  /** The next value in `parent` whatever its tag, header and content in one piece. */
  async readEncoded(
    parent: DerValue,
    what: string,
    maxBytes: number,
  ): Promise<{ value: DerValue; encoded: Uint8Array }> {
    await this.fill(derHeaderBytes)
    const value = this.#peek(parent, what)
    this.#limit(value, value.end - value.offset, maxBytes)
    await this.fill(value.end - value.offset)
    return { value, encoded: this.#takeBytes(value.end - value.offset, what) }
  }

  /** The rest of the content of `value` as views into the source's chunks. */
  async *chunks(value: DerValue): AsyncGenerator<Uint8Array, void, void> {
    while (this.offset < value.end) yield await this.#nextPiece(value)
  }

  /** Passes over the rest of the content of `value`. */
  async skip(value: DerValue): Promise<void> {
    while (this.offset < value.end) await this.#nextPiece(value)
  }

  /** Leaves `value`, whose fields were all read. */
  close(value: DerValue): void {
    if (this.offset < value.end)
      throw this.malformed(this.offset, `${value.what} has more fields than expected`)
  }

  /** Reads to the input's end, where nothing may be left. */
  async end(): Promise<void> {
    await this.fill(1)
    if (this.#position < this.#chunk.length) throw this.malformed(this.offset, 'trailing bytes')
  }

  #peek(parent: DerValue, what: string): DerValue {
    if (this.isAtEnd(parent)) throw this.malformed(this.offset, `${parent.what} ends before ${what}`)
    const value = parseDerHeader(this.#chunk, this.#position, this.offset, { format: this.#format, what })
    if (!value) throw this.#cutShort(what)
    if (value.end > parent.end) throw this.malformed(value.offset, `${what} overruns ${parent.what}`)
    return value
  }

  #takeBytes(size: number, what: string): Uint8Array {
    const bytes = this.#chunk.subarray(this.#position, this.#position + size)
    if (bytes.length < size) throw this.#cutShort(what)
    this.#position += size
    return bytes
  }

  async #nextPiece(value: DerValue): Promise<Uint8Array> {
    if (this.#position === this.#chunk.length) await this.fill(1)
    const end = Math.min(this.#chunk.length, this.#position + value.end - this.offset)
    const piece = this.#chunk.subarray(this.#position, end)
    if (piece.length === 0) throw this.#cutShort(value.what)
    this.#position = end
    return piece
  }

  async #pull(): Promise<Uint8Array | null> {
    const next = await this.#source.next()
    if (!next.done) return next.value
    this.#ended = true
    return null
  }

  #cutShort(what: string): MalformedError {
    return this.malformed(this.#chunkOffset + this.#chunk.length, `the input ends within ${what}`)
  }

  #limit(value: DerValue, sizeBytes: number, maxBytes: number): void {
    if (sizeBytes > maxBytes)
      throw new RecordTooLargeError(`${value.what} takes ${sizeBytes} bytes; at most ${maxBytes} are allowed`)
  }
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`
}
