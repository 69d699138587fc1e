import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { Writable } from 'node:stream'

/** The first line of standard input, without its end. On a terminal it is asked for, and not shown. */
export async function readPassword(prompt: string): Promise<string> {
  const { stdin } = process
  if (!stdin.isTTY) return firstLine(await text(stdin))
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

function firstLine(input: string): string {
  return input.split(/\r?\n/, 1)[0] ?? ''
}
