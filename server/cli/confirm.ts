import { createInterface } from 'node:readline/promises'
import { DomainError } from '../errors.ts'
import type { CommandIo } from './command-io.ts'

/** The user did not answer yes. */
export class NotConfirmedError extends DomainError {
  override readonly name = 'NotConfirmedError'
  constructor() {
    super('nothing was done: answer y, or give --yes')
  }
}

/**
 * On a terminal, asks whether to do what `question` says; elsewhere, or with `--yes`, it is done without asking. Throws
 * NotConfirmedError.
 */
export async function confirm({ stdin, stderr }: CommandIo, isYes: boolean, question: string): Promise<void> {
  if (isYes || stdin.isTTY !== true) return
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new NotConfirmedError()
  } catch (error) {
    // Ctrl-C or Ctrl-D.
    throw error instanceof Error && error.name === 'AbortError' ? new NotConfirmedError() : error
  } finally {
    lines.close()
  }
}
