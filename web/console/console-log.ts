import { carryGraphics, type ConsoleLine, parseConsoleLine, plainText, settleLine } from './console-text.ts'

/** A console file in memory, growing while it arrives. Lines count from 0 here, and from 1 for readers. */
export type ConsoleLog = ReturnType<typeof createConsoleLog>

export function createConsoleLog() {
  const lines: string[] = []
  /** The colours in force where a line begins; a line that is not in it begins plain. */
  const carries = new Map<number, string>()
  let carry = ''
  let widest = 0
  let unfinished = ''

  function push(line: string): void {
    if (carry !== '') carries.set(lines.length, carry)
    carry = carryGraphics(carry, line)
    widest = Math.max(widest, line.length)
    lines.push(line)
  }

  function line(index: number): ConsoleLine {
    const { seconds, text } = parseConsoleLine(lines[index] ?? '')
    return { seconds, text: settleLine(text) }
  }

  return {
    /** Adds a piece of the file; pieces need not end where lines do. */
    append(piece: string): void {
      const parts = (unfinished + piece).split('\n')
      unfinished = parts.pop() ?? ''
      for (const part of parts) push(part)
    },
    /** Says that nothing follows: a last line may lack its line break. */
    finish(): void {
      if (unfinished !== '') push(unfinished)
      unfinished = ''
    },
    lineCount: () => lines.length,
    /** Characters of the longest line, its invisible ones included. */
    widest: () => widest,
    line,
    /** The graphics sequences in force where a line begins. */
    carry: (index: number) => carries.get(index) ?? '',
    /** The text that a reader sees and copies. */
    plain: (index: number) => plainText(line(index).text),
  }
}
