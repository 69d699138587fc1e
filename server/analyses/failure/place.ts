import type { ReadLine } from './console-lines.ts'

/** A file that a compiler or dune has something to say of; the message follows. */
export const placePattern = /^File "([^"]{1,1000})", lines? \d/

/** What may stand between a place and its message: the source that is quoted, and git's heading of a difference. */
const betweenPattern = /^\s|^ *\d+ \||^\^|^\.{3}|^(?:diff --git|index [\da-f]+\.\.[\da-f]+|-{3,6} |\+{3,6} )/

/** The index of the place that the message in `lines[at]` belongs to; null when there is none. */
export function placeBefore(lines: readonly ReadLine[], at: number, most: number): number | null {
  for (let i = at - 1; i >= Math.max(0, at - most); i--) {
    const { said } = lines[i] ?? { said: '' }
    if (placePattern.test(said)) return i
    if (said === '' || !betweenPattern.test(said)) return null
  }
  return null
}

/** Whether the place is one of tests: by its folder or file, or by the stanza of dune that it quotes. */
export function isTestPlace(lines: readonly ReadLine[], place: number): boolean {
  const path = placePattern.exec(lines[place]?.said ?? '')?.[1] ?? ''
  if (/(?:^|\/)(?:tests?|spec|cram)\/|(?:^|\/)test\w*\.ml$|\.t$/.test(path)) return true
  const quoted = lines.slice(place + 1, place + 12)
  return quoted.some(
    ({ said }) => /^ *\d+ \|/.test(said) && /\((?:tests?|cram|alias runtest|name test\w*)\b/.test(said),
  )
}
