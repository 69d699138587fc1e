import { emojiOrHidden } from '../ui/visible-text.ts'

/** In a line of a comparison, a line end within it is hidden, too. */
const unseen = new RegExp(`${emojiOrHidden.source}|[\\n\\r]`, 'gu')

/** ECMA-48 and ISO 646 names of the controls below 32. */
const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

/** A part of a text: as it is, or the name of one character that cannot be seen. */
export type SeenPart = { text: string; isNamed: boolean }

/** Splits a line into what can be seen and what has to be named: `CR`, `U+FEFF`. */
export function splitUnseen(text: string): SeenPart[] {
  const parts: SeenPart[] = []
  let seenUpTo = 0
  for (const { 0: character, index, groups } of text.matchAll(unseen)) {
    if (groups?.['emoji'] !== undefined) continue
    if (index > seenUpTo) parts.push({ text: text.slice(seenUpTo, index), isNamed: false })
    parts.push({ text: nameOf(character), isNamed: true })
    seenUpTo = index + character.length
  }
  if (seenUpTo < text.length || parts.length === 0) parts.push({ text: text.slice(seenUpTo), isNamed: false })
  return parts
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x7f) return 'DEL'
  return controlNames[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
