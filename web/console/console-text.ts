/** One line of a console file: its text, and the seconds since the build's start as written, `12.345`. */
export type ConsoleLine = { seconds: string | null; text: string }

/**
 * Reads one line of a console file, `SECONDS.mmms:TEXT`. A line without the prefix continues the entry
 * before it, whose text had a line break. Source: builder-web, `/console` (docs/spec/exec-record.md).
 */
export function parseConsoleLine(line: string): ConsoleLine {
  const prefix = /^(-?\d+\.\d{3})s:/.exec(line)
  if (!prefix) return { seconds: null, text: line }
  return { seconds: prefix[1] ?? null, text: line.slice(prefix[0].length) }
}

const escape = '\x1b'
/** Colours and weights: the only sequences that are kept. */
const graphicsPattern = /\x1b\[[\d;]*m/g
/** Every sequence of ECMA-48 (1991) §5.4, §5.5 and §5.6: CSI, strings up to their end or the line's, and the short ones. */
const sequencePattern =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]+[0-~]|\x1b[0-Z\\^-~]/g
/** What would be invisible, or would turn the writing direction. */
const invisiblePattern = /[\0-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b(?!\[[\d;]*m)/g

const keepGraphics = (sequence: string) => (/^\x1b\[[\d;]*m$/.test(sequence) ? sequence : '')

/** What stands for a character without a shape: `^G` as terminals write control characters, else its number. */
function showInvisible(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/** More than this much of one line is not drawn. */
export const longestShownLine = 10_000

/**
 * What a terminal would show of a line in the end: after carriage returns only the last text, with the
 * colours that were on; no cursor movements, titles or hidden characters. Only graphics sequences remain.
 */
export function settleLine(text: string): string {
  let settled = text.length > longestShownLine ? `${text.slice(0, longestShownLine)} …` : text
  if (settled.includes(escape)) settled = settled.replace(sequencePattern, keepGraphics)
  if (settled.includes('\r')) {
    const segments = settled.split('\r')
    const last = segments.findLastIndex((segment) => segment.replace(graphicsPattern, '') !== '')
    const colours = segments.slice(0, Math.max(last, 0)).join('').match(graphicsPattern) ?? []
    settled = colours.join('') + (segments[last] ?? '')
  }
  return settled.replace(invisiblePattern, showInvisible)
}

/** A settled line without its colours: what is searched and copied. */
export function plainText(settled: string): string {
  return settled.includes(escape) ? settled.replace(graphicsPattern, '') : settled
}

/** A log that never resets its colours keeps this many sequences in mind. */
const longestCarry = 16

/** The graphics sequences that are in force after a line, given those in force before it. */
export function carryGraphics(before: string, text: string): string {
  if (!text.includes(`${escape}[`)) return before
  const sequences = (before + text).match(graphicsPattern) ?? []
  const reset = sequences.findLastIndex((sequence) => /^\x1b\[[0;]*m$/.test(sequence))
  return sequences
    .slice(reset + 1)
    .slice(-longestCarry)
    .join('')
}
