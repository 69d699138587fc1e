import { derTags } from './der-header.ts'

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Content whose length is known before it is made, so that it can be streamed. */
export type ExecContent = { sizeBytes: number; data: () => Chunks }

/**
 * DER of known length. The pieces are in one flat list, because nested generators pass each chunk through every
 * level.
 */
export type Part = { sizeBytes: number; pieces: readonly (Uint8Array | (() => Chunks))[] }

/** Pieces below this size are gathered into chunks of it. */
const chunkBytes = 64 * 2 ** 10

/** The content of a value that is streamed. `what` names it in the error, if it is not as long as announced. */
export function content(what: string, { sizeBytes, data }: ExecContent): Part {
  return {
    sizeBytes,
    pieces: [
      async function* () {
        let missing = sizeBytes
        for await (const piece of data()) {
          missing -= piece.length
          if (missing < 0) break
          yield piece
        }
        if (missing !== 0) throw new Error(`data of ${what} is not ${sizeBytes} bytes long`)
      },
    ],
  }
}

/** A value: header and content. */
export function tagged(tag: number, parts: readonly Part[]): Part {
  const contentBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  const head = header(tag, contentBytes)
  return { sizeBytes: head.length + contentBytes, pieces: [head, ...parts.flatMap((part) => part.pieces)] }
}

/** A UTF8String. */
export function text(value: string): Part {
  return bytes(derTags.utf8String, Buffer.from(value))
}

/** A value of these content octets. */
export function bytes(tag: number, value: Uint8Array): Part {
  return tagged(tag, [raw(value)])
}

/** A value that is encoded already. */
export function raw(value: Uint8Array): Part {
  return { sizeBytes: value.length, pieces: [value] }
}

/** Identifier and definite length, in the shortest form (X.690, 10.1). */
export function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets)
}

/** Encoded length of a value, by the length of its content in bytes. */
export function encodedBytes(length: number): number {
  let headBytes = 2
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) headBytes++
  return headBytes + length
}

/** The octets of a value in chunks. Throws Error if a streamed content does not have its declared length. */
export async function* gather({ pieces }: Part): AsyncGenerator<Uint8Array, void, void> {
  let small: Uint8Array[] = []
  let smallBytes = 0
  for (const piece of pieces) {
    for await (const chunk of piece instanceof Uint8Array ? [piece] : piece()) {
      const isSmall = chunk.length < chunkBytes
      if (isSmall) {
        small.push(chunk)
        smallBytes += chunk.length
        if (smallBytes < chunkBytes) continue
      }
      if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
      if (!isSmall) yield chunk
      small = []
      smallBytes = 0
    }
  }
  if (smallBytes > 0) yield Buffer.concat(small, smallBytes)
}

/** The octets of a value that has no streamed content. */
export function joined({ sizeBytes, pieces }: Part): Uint8Array {
  const whole = pieces.map((piece) => {
    if (piece instanceof Uint8Array) return piece
    throw new TypeError('a streamed value is not encoded at once')
  })
  return Buffer.concat(whole, sizeBytes)
}
