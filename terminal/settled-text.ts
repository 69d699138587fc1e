import { applyGraphics, plainStyle, type Style } from './style.ts'

/*
 * Settled text: a row as a terminal leaves it, in which the only control sequences are SGR (`ESC [ … m`) and
 * hyperlinks (`ESC ] 8 ; ; URL BEL`). It begins in the plain style.
 */

/** A run of characters that look the same. */
export type StyledRun = { text: string; style: Style }

const graphics = /\x1b\[([\d;:]*)m|\x1b\]8;;([^\x07\x1b]*)\x07/g

/** The runs of a settled text. */
export function styledRuns(settled: string): StyledRun[] {
  if (!settled.includes('\x1b')) return settled === '' ? [] : [{ text: settled, style: plainStyle }]
  const runs: StyledRun[] = []
  let style = plainStyle
  let from = 0
  for (const { 0: found, 1: parameters, 2: link, index } of settled.matchAll(graphics)) {
    if (index > from) runs.push({ text: settled.slice(from, index), style })
    style = parameters === undefined ? { ...style, link: link ?? '' } : applyGraphics(style, parameters)
    from = index + found.length
  }
  if (from < settled.length) runs.push({ text: settled.slice(from), style })
  return runs
}

/** A settled text without its colours and links. */
export function plainText(settled: string): string {
  return settled.includes('\x1b') ? settled.replace(graphics, '') : settled
}

/** A settled text with at most so many characters that are seen, and a mark where it is cut. */
export function cutSettled(settled: string, length: number): string {
  if (settled.length <= length) return settled
  let seen = 0
  let from = 0
  for (const { 0: found, index } of settled.matchAll(graphics)) {
    if (seen + index - from > length) break
    seen += index - from
    from = index + found.length
  }
  const end = from + length - seen
  return end >= settled.length ? settled : `${settled.slice(0, end)} …`
}
