import { type MalformedError, RecordTooLargeError } from '../errors.ts'
import {
  derHeaderBytes,
  derLength,
  type DerPlace,
  type DerValue,
  malformed,
  parseDerHeader,
} from './der-header.ts'

/**
 * Reads one DER value from chunks, in order. It holds only the bytes that the caller requested.
 *
 * `fill` waits for bytes. `open` and `take` are synchronous and use the filled bytes, so many small values
 * in one chunk cost no promise. `read*` do both. All methods throw MalformedError, with an offset that does
 * not depend on the chunks, and RecordTooLargeError for a value above the given size. The source is never
 * cancelled: the caller can still drain it.
 */
export class DerReader {
  /** What contains the outermost value. */
  readonly input: DerValue
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #position = 0
  #chunkOffset = 0
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, format: string) {
    this.#source = source[Symbol.asyncIterator]()
    this.input = { format, what: 'the input', offset: 0, tag: 0, start: 0, end: Infinity }
  }

  /** A reader of an input that is in memory as a whole: nothing of it has to be waited for. */
  static over(bytes: Uint8Array, format: string): DerReader {
    const reader = new DerReader(nothing, format)
    reader.#chunk = bytes
    reader.#ended = true
    return reader
  }

  /** Bytes of the input that were consumed. */
  get offset(): number {
    return this.#chunkOffset + this.#position
  }

  /** Whether `size` bytes can be taken without waiting. Also true at the end of the input. */
  isFilled(size: number): boolean {
    return this.#ended || this.#chunk.length - this.#position >= size
  }

  /** Waits until `size` bytes are in one buffer, or the input ends. */
  async fill(size: number): Promise<void> {
    if (this.isFilled(size)) return
    const offset = this.offset
    const pieces = [this.#chunk.subarray(this.#position)]
    // Joined once at the end: joining after each chunk would be quadratic for a source of single bytes.
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
    const value = this.peek(parent, what)
    if (value.tag !== tag) {
      throw malformed(value, `has tag ${hex(value.tag)} instead of ${hex(tag)}`)
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
    return this.#takeBytes(value, derLength(value))
  }

  async readContent(value: DerValue, maxBytes: number): Promise<Uint8Array> {
    checkLength(value, maxBytes)
    await this.fill(derLength(value))
    return this.take(value)
  }

  /** The next value in `parent` whatever its tag, header and content in one piece. */
  async readEncoded(
    parent: DerValue,
    what: string,
    maxBytes: number,
  ): Promise<{ value: DerValue; encoded: Uint8Array }> {
    await this.fill(derHeaderBytes)
    const value = this.peek(parent, what)
    checkLength(value, maxBytes)
    await this.fill(value.end - value.offset)
    return this.takeEncoded(parent, what)
  }

  /** Like `readEncoded`, for a value that is filled. */
  takeEncoded(parent: DerValue, what: string): { value: DerValue; encoded: Uint8Array } {
    const value = this.peek(parent, what)
    return { value, encoded: this.#takeBytes(value, value.end - value.offset) }
  }

  /** The rest of the content of `value` as views into the source's chunks. */
  async *chunks(value: DerValue): AsyncGenerator<Uint8Array, void, void> {
    while (this.offset < value.end) yield await this.#nextPiece(value)
  }

  /** Skips the rest of the content of `value`. */
  async skip(value: DerValue): Promise<void> {
    while (this.offset < value.end) await this.#nextPiece(value)
  }

  /** Leaves `value`, whose fields were all read. */
  close(value: DerValue): void {
    if (this.offset < value.end) throw malformed(value, 'has more fields than expected', this.offset)
  }

  /** Reads to the end of the input. Throws MalformedError if bytes are left. */
  async end(): Promise<void> {
    await this.fill(1)
    this.closeInput('record')
  }

  /** Leaves an input that is in memory as a whole. `what` it holds. Throws MalformedError if bytes are left. */
  closeInput(what: string): void {
    if (this.#position === this.#chunk.length) return
    throw malformed(this.input, `goes on after the ${what}`, this.offset)
  }

  /** The next value in `parent`, whose header must be filled, without entering it: to see its tag. */
  peek(parent: DerValue, what: string): DerValue {
    const { format } = parent
    const offset = this.offset
    if (offset >= parent.end) throw malformed(parent, `ends before ${what}`, offset)
    const end = Math.min(this.#chunk.length, parent.end - this.#chunkOffset)
    const place = { format, what, offset }
    const value = parseDerHeader(this.#chunk, this.#position, end, place)
    if (!value && this.#chunkOffset + end === parent.end) throw malformed(place, `overruns ${parent.what}`)
    if (!value) throw this.#cutShort(place)
    if (value.end > parent.end) throw malformed(value, `overruns ${parent.what}`)
    return value
  }

  #takeBytes(value: DerValue, size: number): Uint8Array {
    const bytes = this.#chunk.subarray(this.#position, this.#position + size)
    if (bytes.length < size) throw this.#cutShort(value)
    this.#position += size
    return bytes
  }

  async #nextPiece(value: DerValue): Promise<Uint8Array> {
    if (this.#position === this.#chunk.length) await this.fill(1)
    const end = Math.min(this.#chunk.length, this.#position + value.end - this.offset)
    const piece = this.#chunk.subarray(this.#position, end)
    if (piece.length === 0) throw this.#cutShort(value)
    this.#position = end
    return piece
  }

  async #pull(): Promise<Uint8Array | null> {
    const next = await this.#source.next()
    if (!next.done) return next.value
    this.#ended = true
    return null
  }

  #cutShort(place: DerPlace): MalformedError {
    return malformed(place, 'is cut short: the input ends', this.#chunkOffset + this.#chunk.length)
  }
}

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
}

/** Throws RecordTooLargeError when the content of `value` is longer than `maxBytes`. */
export function checkLength(value: DerValue, maxBytes: number): void {
  if (derLength(value) <= maxBytes) return
  throw new RecordTooLargeError(
    `${value.what} has ${derLength(value)} bytes; at most ${maxBytes} are allowed`,
  )
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`
}
