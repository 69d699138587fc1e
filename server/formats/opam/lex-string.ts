import { OpamSyntaxError } from './opam-error.ts'

const quote = 0x22
const backslash = 0x5c
const carriageReturn = 0x0d
const newline = 0x0a
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  '\\': '\\',
  '"': '"',
  "'": "'",
  ' ': ' ',
}

/**
 * Reads the string whose opening quote, or three of them, is at `start`; `end` is after its closing
 * ones. Line ends in it are LF. Escapes by code name bytes, so neighbours are read as UTF-8 together.
 */
export function lexString(text: string, start: number): { value: string; end: number } {
  const triple = text.startsWith('"""', start)
  let at = start + (triple ? 3 : 1)
  let from = at
  let value = ''
  let bytes: number[] = []
  for (;;) {
    if (at >= text.length) throw new OpamSyntaxError(text, start, 'the string is not closed')
    const character = text.charCodeAt(at)
    if (character === quote && (!triple || text.startsWith('""', at + 1))) {
      keepText()
      return { value, end: at + (triple ? 3 : 1) }
    }
    if (character === carriageReturn && text.charCodeAt(at + 1) === newline) {
      keepText()
      from = at += 1
    } else if (character === backslash) {
      keepText()
      from = at = escape(at + 1)
    } else at += 1
  }

  function keepText(): void {
    if (from === at) return
    keepBytes()
    value += text.slice(from, at)
  }

  function keepBytes(): void {
    if (bytes.length === 0) return
    value += Buffer.from(bytes).toString('utf8')
    bytes = []
  }

  /** Keeps what the escape after a backslash stands for and gives its end. */
  function escape(next: number): number {
    const character = text.charAt(next)
    const simple = escapes[character]
    if (simple !== undefined) {
      keepBytes()
      value += simple
      return next + 1
    }
    if (character === '\n' || (character === '\r' && text.charAt(next + 1) === '\n')) {
      let end = next + (character === '\n' ? 1 : 2)
      while (text.charAt(end) === ' ' || text.charAt(end) === '\t') end += 1
      return end
    }
    const byte = byteAt(next)
    if (Number.isNaN(byte) || byte > 255)
      throw new OpamSyntaxError(text, next - 1, 'not a valid escape sequence')
    bytes.push(byte)
    return next + 3
  }

  function byteAt(next: number): number {
    const digits = text.slice(next, next + 3)
    if (/^[0-9]{3}$/.test(digits)) return Number(digits)
    return /^x[0-9a-fA-F]{2}$/.test(digits) ? parseInt(digits.slice(1), 16) : NaN
  }
}
