const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A byte that is not UTF-8 stands at this code point plus its value: a half of a character, which UTF-8 never yields.
 */
const invalidByteBase = 0xdc00
const invalidBytes = /[\udc80-\udcff]/gu

/**
 * Bytes as text, such that different bytes give different texts: a byte order mark stays, and each byte that is
 * not UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF. `showInvalidBytes` makes such text fit to be shown.
 * Source: PEP 383 (surrogateescape); the table of well-formed UTF-8 is 3-7 of the Unicode Standard.
 */
export function decodeExactly(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return decodeWithInvalidBytes(bytes)
  }
}

function decodeWithInvalidBytes(bytes: Uint8Array): string {
  const pieces: string[] = []
  let validFrom = 0
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    if (at > validFrom) pieces.push(utf8.decode(bytes.subarray(validFrom, at)))
    pieces.push(String.fromCharCode(invalidByteBase + (bytes[at] ?? 0)))
    at += 1
    validFrom = at
  }
  pieces.push(utf8.decode(bytes.subarray(validFrom)))
  return pieces.join('')
}

/** How many bytes the character at `at` has; 0 when no character begins there. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0) return 0
  const second = bytes[at + 1] ?? 0
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let next = 2; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

/** The text of `decodeExactly` with each byte that is not UTF-8 by its value: `<E9>`. */
export function showInvalidBytes(text: string): string {
  return text.replace(
    invalidBytes,
    (half) => `<${(half.charCodeAt(0) - invalidByteBase).toString(16).toUpperCase()}>`,
  )
}

/** A value of plain objects and arrays with `showInvalidBytes` applied to each string in it. */
export function showInvalidBytesIn<Value>(value: Value): Value {
  return mapStrings(value) as Value
}

function mapStrings(value: unknown): unknown {
  if (typeof value === 'string') return showInvalidBytes(value)
  if (Array.isArray(value)) return value.map(mapStrings)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, mapStrings(it)]))
}
