/** One line of a console file: its text, and the seconds since the build's start as written, `12.345`. */
export type ConsoleLine = { seconds: string | null; text: string }

/**
 * Reads one line of a console file, `SECONDS.mmms:TEXT`. Only a line that begins an entry has its time in front:
 * an entry whose text has line breaks goes on in lines without one, and these may look as if they had one.
 * `beginsEntry` says which it is. Source: builder-web, `/console` (docs/spec/exec-record.md).
 */
export function parseConsoleLine(line: string, beginsEntry = true): ConsoleLine {
  const prefix = beginsEntry ? /^(-?\d+\.\d{3})s:/.exec(line) : null
  if (!prefix) return { seconds: null, text: line }
  return { seconds: prefix[1] ?? null, text: line.slice(prefix[0].length) }
}
