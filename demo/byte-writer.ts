/** Little-endian bytes that grow as they are written. */
export type ByteWriter = ReturnType<typeof byteWriter>

export function byteWriter(capacity = 4096) {
  let buffer = Buffer.alloc(capacity)
  let length = 0
  const reserve = (count: number) => {
    if (length + count > buffer.length) {
      const grown = Buffer.alloc(Math.max(buffer.length * 2, length + count))
      buffer.copy(grown, 0, 0, length)
      buffer = grown
    }
    const start = length
    length += count
    return start
  }
  const writer = {
    get length() {
      return length
    },
    u8: (value: number) => {
      const start = reserve(1)
      buffer.writeUInt8(value, start)
    },
    u16: (value: number) => {
      const start = reserve(2)
      buffer.writeUInt16LE(value, start)
    },
    u32: (value: number) => {
      const start = reserve(4)
      buffer.writeUInt32LE(value, start)
    },
    /** Values below 2^53. */
    u64: (value: number) => {
      writer.u32(value >>> 0)
      writer.u32(Math.floor(value / 2 ** 32))
    },
    uleb128: (value: number) => {
      let rest = value
      while (rest >= 0x80) {
        writer.u8((rest & 0x7f) | 0x80)
        rest >>>= 7
      }
      writer.u8(rest)
    },
    sleb128: (value: number) => {
      let rest = value
      while (rest < -64 || rest > 63) {
        writer.u8((rest & 0x7f) | 0x80)
        rest >>= 7
      }
      writer.u8(rest & 0x7f)
    },
    bytes: (bytes: Uint8Array) => {
      const start = reserve(bytes.length)
      buffer.set(bytes, start)
    },
    /** Latin-1 text and a NUL. */
    cString: (text: string) => {
      const start = reserve(text.length + 1)
      buffer.write(text, start, 'latin1')
    },
    padTo: (offset: number) => {
      if (offset > length) reserve(offset - length)
    },
    patchU32: (offset: number, value: number) => void buffer.writeUInt32LE(value, offset),
    /** The written bytes, as a view that is valid until the next write. */
    finish: (): Uint8Array => buffer.subarray(0, length),
  }
  return writer
}
