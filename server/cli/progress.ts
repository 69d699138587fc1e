import type { CommandIo } from './command-io.ts'

/** One line of a terminal that says how far a command is. Elsewhere nothing is printed. */
export type Progress = { show: (text: string) => void; clear: () => void }

/** The progress goes to standard error: standard output has the command's answer alone. */
export function progressOf({ stderr }: CommandIo): Progress {
  const isTerminal = 'isTTY' in stderr && stderr.isTTY === true
  const write = (text: string) => void (isTerminal && stderr.write(`\r\u001b[K${text}`))
  return { show: (text) => write(`${text} …`), clear: () => write('') }
}
