import { DomainError, MalformedError } from '../../errors.ts'

/**
 * The text is not a valid opam file. `line` counts from 1 and `column` from 0 in bytes of UTF-8, as in opam's own
 * messages; `offset` is in bytes from the start.
 */
export class OpamSyntaxError extends MalformedError {
  readonly line: number
  readonly column: number
  /** `at` is an index into `text`. */
  constructor(text: string, at: number, reason: string) {
    super('opam file', Buffer.byteLength(text.slice(0, at)), reason)
    const { line, column } = positionOf(text, at)
    this.line = line
    this.column = column
    this.message = `malformed opam file at line ${line}, column ${column}: ${reason}`
  }
}

/** An opam file that exceeds a limit of the parser. The message names the limit. */
export class OpamLimitError extends DomainError {
  override readonly name = 'OpamLimitError'
}

/** Position of an index in a text: `line` from 1, `column` from 0 in bytes of UTF-8. */
export function positionOf(text: string, at: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (;;) {
    const newline = text.indexOf('\n', start)
    if (newline < 0 || newline >= at) break
    line += 1
    start = newline + 1
  }
  return { line, column: Buffer.byteLength(text.slice(start, at)) }
}
