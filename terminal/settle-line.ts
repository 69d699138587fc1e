import { createScreen } from './screen.ts'

const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

/**
 * One line by itself as a terminal leaves it, as settled text; rows that it moved to are joined by line breaks.
 * `limits` bound what a hostile line can cost: see `createScreen`.
 */
export function settleLine(line: string, limits: Parameters<typeof createScreen>[0] = {}): string {
  if (line.length <= 10_000 && !control.test(line)) return line
  const screen = createScreen(limits)
  screen.feed(line)
  return Array.from({ length: screen.rowCount() }, (_, row) => screen.settled(row)).join('\n')
}
