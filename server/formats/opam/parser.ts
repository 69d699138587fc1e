import type {
  EnvironmentOperator,
  OpamAtom,
  OpamItem,
  OpamValue,
  PrefixOperator,
  RelationalOperator,
} from './opam-value.ts'
import { opamLexer } from './lexer.ts'
import { OpamLimitError, OpamSyntaxError, positionOf } from './opam-error.ts'
import { describeToken, type Token, valueStarts } from './token.ts'

/** The largest known export, 302 packages, has 0.4 MiB, 27,000 values and 15 levels. */
const limits = {
  /** UTF-16 code units. */
  length: 16 * 1024 * 1024,
  /** Number of values, fields and sections. Each needs more memory than its text: "[1 1 1 1 …]" twenty times. */
  values: 250_000,
  /** Total depth of sections, brackets and operators around a value. It prevents a stack overflow. */
  depth: 500,
}

const precedence: Partial<Record<Token, number>> = { '|': 1, '&': 2 }

/**
 * Reads an opam file: its fields and sections in their order.
 * Throws OpamSyntaxError, or OpamLimitError for a text that exceeds `limits`.
 * Source: opam-file-format, opamBaseParser.mly; `&` binds tighter than `|`, both are left-associative.
 */
export function parseOpam(text: string): readonly OpamItem[] {
  if (text.length > limits.length)
    throw new OpamLimitError(`opam file of ${text.length} characters: at most ${limits.length} are read`)
  const lexer = opamLexer(text)
  /** Depth of the last value. Operators make values deep, even without brackets. */
  let height = 0
  let values = 0

  lexer.advance()
  return parseItems(0)

  function parseItems(depth: number, opened?: number): OpamItem[] {
    const items: OpamItem[] = []
    while (lexer.token === 'identifier') items.push(parseItem(depth))
    if (opened === undefined) {
      if (lexer.token !== 'end') throw unexpected('a field or a section')
    } else closeWith('}', opened, 'a field, a section')
    return items
  }

  function parseItem(depth: number): OpamItem {
    const { value: label, at } = lexer
    count()
    lexer.advance()
    if (take(':')) return { kind: 'field', name: label, value: parseValue(depth, 1), at }
    const name = lexer.token === 'string' ? lexer.value : null
    if (name !== null) lexer.advance()
    const opened = lexer.at
    if (!take('{')) throw unexpected(name === null ? '":" or "{"' : '"{"')
    checkDepth(depth + 1, at)
    return { kind: 'section', type: label, name, items: parseItems(depth + 1, opened), at }
  }

  function parseValue(depth: number, weakest: number): OpamValue {
    let left = parseOperand(depth)
    for (;;) {
      const op = lexer.token
      const strength = precedence[op]
      if ((op !== '&' && op !== '|') || strength === undefined || strength < weakest) return left
      const { at } = lexer
      lexer.advance()
      const leftHeight = height
      const right = parseValue(depth, strength + 1)
      left = { kind: 'logical', op, left, right }
      grow(Math.max(leftHeight, height), depth, at)
    }
  }

  function parseOperand(depth: number): OpamValue {
    const { at } = lexer
    count()
    if (lexer.token === 'prefix') {
      const op = lexer.value as PrefixOperator
      lexer.advance()
      checkDepth(depth + 1, at)
      const value = parseOperand(depth + 1)
      height += 1
      return { kind: 'prefix', op, value }
    }
    let value = parsePrimary(depth)
    while (lexer.token === '{') {
      const valueHeight = height
      const { at: opened } = lexer
      lexer.advance()
      const options = parseValues('}', opened, depth + 1)
      value = { kind: 'option', value, options }
      grow(Math.max(valueHeight, height), depth, opened)
    }
    return value
  }

  function parsePrimary(depth: number): OpamValue {
    const { at, token } = lexer
    if (token === '[' || token === '(') {
      lexer.advance()
      const values = parseValues(token === '[' ? ']' : ')', at, depth + 1)
      height += 1
      return { kind: token === '[' ? 'list' : 'group', values }
    }
    height = 1
    if (token === 'relation') {
      const op = lexer.value as RelationalOperator
      lexer.advance()
      return { kind: 'prefix-relation', op, right: parseAtom('a value to compare with') }
    }
    const left = parseAtom('a value')
    if (lexer.token === 'relation') {
      const op = lexer.value as RelationalOperator
      lexer.advance()
      return { kind: 'relation', op, left, right: parseAtom('a value to compare with') }
    }
    if (lexer.token === 'environment') {
      const op = lexer.value as EnvironmentOperator
      lexer.advance()
      return { kind: 'environment', op, left, right: parseAtom('a value to update with') }
    }
    return left
  }

  function parseValues(closing: '}' | ']' | ')', opened: number, depth: number): OpamValue[] {
    checkDepth(depth, opened)
    const values: OpamValue[] = []
    let highest = 0
    while (valueStarts.has(lexer.token)) {
      values.push(parseValue(depth, 1))
      highest = Math.max(highest, height)
    }
    closeWith(closing, opened, 'a value')
    height = highest
    return values
  }

  function parseAtom(expected: string): OpamAtom {
    const { token, value } = lexer
    if (token === 'string') {
      lexer.advance()
      return { kind: 'string', value }
    }
    if (token === 'identifier') {
      lexer.advance()
      return { kind: 'ident', name: value }
    }
    if (token === 'bool') {
      lexer.advance()
      return { kind: 'bool', value: value === 'true' }
    }
    if (token !== 'int') throw unexpected(expected)
    const int = Number(value.replaceAll('_', '')) || 0
    if (!Number.isSafeInteger(int)) throw new OpamSyntaxError(text, lexer.at, 'the integer exceeds 2^53')
    lexer.advance()
    return { kind: 'int', value: int }
  }

  function take(token: Token): boolean {
    if (lexer.token !== token) return false
    lexer.advance()
    return true
  }

  function closeWith(closing: Token, opened: number, expected: string): void {
    if (take(closing)) return
    if (lexer.token !== 'end') throw unexpected(`${expected} or "${closing}"`)
    const { line, column } = positionOf(text, opened)
    const opening = text.charAt(opened)
    throw unexpected(`"${closing}" for the "${opening}" at line ${line}, column ${column}`)
  }

  function unexpected(expected: string): OpamSyntaxError {
    return new OpamSyntaxError(
      text,
      lexer.at,
      `${describeToken(lexer.token, lexer.value)} instead of ${expected}`,
    )
  }

  function grow(below: number, depth: number, at: number): void {
    height = below + 1
    checkDepth(depth + height, at)
  }

  function count(): void {
    values += 1
    if (values > limits.values)
      throw new OpamLimitError(`opam file of too many values: at most ${limits.values} are read`)
  }

  function checkDepth(depth: number, at: number): void {
    if (depth <= limits.depth) return
    const { line, column } = positionOf(text, at)
    throw new OpamLimitError(
      `opam file nests too deep at line ${line}, column ${column}: at most ${limits.depth} levels are read`,
    )
  }
}
