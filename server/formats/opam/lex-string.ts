import { decodeExactly } from '../exact-text.ts'
import { OpamSyntaxError } from './opam-error.ts'

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  [' ', ' '],
])

/** Number of pieces of a string that are joined at once. Joining millions of escapes singly would cost gigabytes. */
const piecesAtATime = 4096

/** Reads the string whose opening quotes (one or three) are at `start`; `end` is the index after its closing ones. */
export type StringLexer = { read: (start: number) => string; end: number }

/**
 * A lexer for the strings of a text, in their order. Line ends in strings become LF. A numeric escape is one
 * byte, and adjacent bytes are decoded together as UTF-8. Bytes that are not UTF-8 become lone surrogates
 * (`decodeExactly`). Throws OpamSyntaxError.
 */
export function stringLexer(text: string): StringLexer {
  const nextBackslash = finder(text, '\\')
  const nextLineEnd = finder(text, '\r\n')
  const lexer: StringLexer = { read, end: 0 }
  return lexer

  /** Most strings have no escapes: these cost one search and one slice. */
  function read(start: number): string {
    const quotes = text.startsWith('"""', start) ? '"""' : '"'
    const from = start + quotes.length
    const end = text.indexOf(quotes, from)
    if (end < 0) throw unclosed(start)
    lexer.end = end + quotes.length
    if (nextBackslash(from) > end && nextLineEnd(from) > end) return text.slice(from, end)
    return readPieces(start, from, quotes)
  }

  function unclosed(start: number): OpamSyntaxError {
    return new OpamSyntaxError(text, start, 'the string is not closed')
  }

  function readPieces(start: number, from: number, quotes: string): string {
    const nextQuotes = finder(text, quotes)
    const blocks: string[] = []
    let pieces: string[] = []
    let bytes: number[] = []
    let at = from
    for (;;) {
      const end = nextQuotes(at)
      const stop = Math.min(end, nextBackslash(at), nextLineEnd(at))
      if (end === Infinity) throw unclosed(start)
      if (stop > at) keep(text.slice(at, stop))
      if (stop === end) {
        keep('')
        lexer.end = end + quotes.length
        return [...blocks, ...pieces].join('')
      }
      at = text.charAt(stop) === '\\' ? escape(stop + 1) : stop + 1
    }

    function keep(piece: string): void {
      if (bytes.length > 0) {
        pieces.push(decodeExactly(Uint8Array.from(bytes)))
        bytes = []
      }
      pieces.push(piece)
      if (pieces.length < piecesAtATime) return
      blocks.push(pieces.join(''))
      pieces = []
    }

    /** Decodes the escape after a backslash and returns its end. */
    function escape(next: number): number {
      const simple = escapes.get(text.charAt(next))
      if (simple !== undefined) {
        keep(simple)
        return next + 1
      }
      if (text.startsWith('\n', next) || text.startsWith('\r\n', next)) {
        let end = text.indexOf('\n', next) + 1
        while (text.charAt(end) === ' ' || text.charAt(end) === '\t') end += 1
        return end
      }
      const byte = byteOf(text.slice(next, next + 3))
      if (Number.isNaN(byte) || byte > 255)
        throw new OpamSyntaxError(text, next - 1, 'not a valid escape sequence')
      bytes.push(byte)
      return next + 3
    }
  }
}

function byteOf(digits: string): number {
  if (/^[0-9]{3}$/.test(digits)) return Number(digits)
  return /^x[0-9a-fA-F]{2}$/.test(digits) ? parseInt(digits.slice(1), 16) : NaN
}

/** Finds the next `what` for growing positions; Infinity if there is none. No part of the text is searched twice. */
function finder(text: string, what: string): (from: number) => number {
  let found = -1
  return (from) => {
    if (found < from) {
      const index = text.indexOf(what, from)
      found = index < 0 ? Infinity : index
    }
    return found
  }
}
