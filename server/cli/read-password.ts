import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { DomainError } from '../errors.ts'
import type { CommandIo } from './command-io.ts'

/** The user pressed Ctrl-C or Ctrl-D instead of entering a password. */
export class PasswordAbortedError extends DomainError {
  override readonly name = 'PasswordAbortedError'
  constructor() {
    super('no password was given: nothing was done')
  }
}

/**
 * The first line of standard input, without its line end. On a terminal it prints the prompt and does not
 * echo the password. Throws PasswordAbortedError.
 */
export async function readPassword({ stdin, stderr }: CommandIo, prompt: string): Promise<string> {
  if (!stdin.isTTY) return firstLine(await text(stdin))
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: true })
  // The prompt comes after createInterface, which switches off the echo of the terminal.
  stderr.write(prompt)
  try {
    return await lines.question('')
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    throw new PasswordAbortedError()
  } finally {
    lines.close()
    stderr.write('\n')
  }
}

function firstLine(input: string): string {
  return input.split(/\r?\n/, 1)[0] ?? ''
}
