/*
 * A hand-written lexer of opam files over character codes. It reads each character a bounded number of times,
 * whatever the text contains. The rules are those of opam-file-format's lexer.
 */
import { showInvalidBytes } from '../exact-text.ts'
import { OpamSyntaxError } from './opam-error.ts'
import { stringLexer } from './lex-string.ts'
import { operators, type Token } from './token.ts'

/** The current token: its kind, its value (content of a string, an operator, …), and its start. */
export type OpamLexer = {
  token: Token
  value: string
  at: number
  /** Reads the next token. Throws OpamSyntaxError. */
  advance: () => void
}

const code = (character: string): number => character.charCodeAt(0)
const newline = code('\n')
const carriageReturn = code('\r')
const tab = code('\t')
const space = code(' ')
const quote = code('"')
const plus = code('+')
const colon = code(':')
const hyphen = code('-')
const underscore = code('_')
const star = code('*')
const open = code('(')
const close = code(')')

// By character code: the roles of a character in a name or a number.
const nameCharacter = 1
const letter = 2
const numeral = 4
const classes = new Uint8Array(128)
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
  classes[code(character)] = nameCharacter | letter
for (const character of '0123456789_') classes[code(character)] = nameCharacter | numeral
classes[hyphen] = nameCharacter

// Most tokens that are not words, by character code; they do not depend on the next character.
const brackets: ('{' | '}' | '[' | ']' | '(' | ')' | undefined)[] = []
for (const bracket of ['{', '}', '[', ']', '(', ')'] as const) brackets[code(bracket)] = bracket

/** A lexer that stands before the first token. */
export function opamLexer(text: string): OpamLexer {
  let at = 0
  // Remembered, because searching for a name again at each number of "1-1-1-…" would be quadratic.
  let letterlessUntil = 0
  const strings = stringLexer(text)
  const lexer: OpamLexer = { token: 'end', value: '', at: 0, advance }
  return lexer

  function advance(): void {
    skipBlanks()
    lexer.at = at
    if (at >= text.length) {
      lexer.token = 'end'
      lexer.value = ''
      return
    }
    const first = text.charCodeAt(at)
    const alone = brackets[first]
    if (alone !== undefined) {
      at += 1
      lexer.token = lexer.value = alone
    } else if (first === quote) {
      lexer.token = 'string'
      lexer.value = strings.read(at)
      at = strings.end
    } else if (classOf(first) !== 0) word()
    else operator()
  }

  function skipBlanks(): void {
    for (;;) {
      const character = text.charCodeAt(at)
      if (character === space || character === newline || character === tab) at += 1
      else if (character === carriageReturn && text.charCodeAt(at + 1) === newline) at += 2
      else if (character === 0x23) {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
      } else if (character === open && text.charCodeAt(at + 1) === star) skipComment()
      else return
    }
  }

  /** Comments nest. Strings in comments have no meaning. */
  function skipComment(): void {
    const start = at
    let depth = 1
    for (at += 2; depth > 0; at += 1) {
      if (at >= text.length) throw new OpamSyntaxError(text, start, 'the comment is not closed')
      const character = text.charCodeAt(at)
      if (character === star && text.charCodeAt(at + 1) === close) {
        depth -= 1
        at += 1
      } else if (character === open && text.charCodeAt(at + 1) === star) {
        depth += 1
        at += 1
      }
    }
  }

  /** An identifier, a boolean or an integer: the longest of them. */
  function word(): void {
    const intEnd = endOfInt()
    const identifierEnd = endOfIdentifier()
    if (intEnd === at && identifierEnd === at) throw invalid()
    const isInt = intEnd >= identifierEnd
    const value = text.slice(at, isInt ? intEnd : identifierEnd)
    if (isInt && !/^-?[0-9]/.test(value)) throw invalid(value)
    at += value.length
    lexer.value = value
    lexer.token = isInt ? 'int' : value === 'true' || value === 'false' ? 'bool' : 'identifier'
  }

  function endOfInt(): number {
    const digits = text.charCodeAt(at) === hyphen ? at + 1 : at
    let end = digits
    while (classOf(text.charCodeAt(end)) & numeral) end += 1
    return end === digits ? at : end
  }

  /** Parts joined by `+`, then maybe a variable after `:`, as in `a+b:enable`. */
  function endOfIdentifier(): number {
    let end = endOfPart(at)
    if (end === at) return at
    while (text.charCodeAt(end) === plus) {
      const next = endOfPart(end + 1)
      if (next === end + 1) return end
      end = next
    }
    if (text.charCodeAt(end) === colon) {
      const variable = endOfName(end + 1)
      if (variable > end + 1) return variable
    }
    return end
  }

  function endOfPart(start: number): number {
    const end = endOfName(start)
    return end === start && text.charCodeAt(start) === underscore ? start + 1 : end
  }

  /** End of a run of letters, digits, `_` and `-` that contains a letter; `start` if there is none. */
  function endOfName(start: number): number {
    if (start < letterlessUntil) return start
    let end = start
    let seen = 0
    for (let kind = classOf(text.charCodeAt(end)); kind !== 0; kind = classOf(text.charCodeAt(end))) {
      seen |= kind
      end += 1
    }
    if (seen & letter) return end
    letterlessUntil = end
    return start
  }

  /** The longest operator: `=+=` before `=+` before `=`. */
  function operator(): void {
    for (let size = 3; size > 0; size -= 1) {
      const value = text.slice(at, at + size)
      const token = operators.get(value)
      if (!token) continue
      lexer.token = token
      lexer.value = value
      at += size
      return
    }
    throw invalid()
  }

  function invalid(token = String.fromCodePoint(text.codePointAt(at) ?? 0)): OpamSyntaxError {
    return new OpamSyntaxError(text, at, `${JSON.stringify(showInvalidBytes(token))} is not a valid token`)
  }
}

/** Zero for characters that occur in no name or number, such as NaN (the end of the text) and non-ASCII. */
function classOf(character: number): number {
  return character < 128 ? (classes[character] ?? 0) : 0
}
