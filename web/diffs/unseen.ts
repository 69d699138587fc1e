/**
 * Characters that cannot be told apart by looking: controls but for the tab, blanks of another width, what has no
 * shape, and what turns the writing direction. What is read is not what is there.
 */
const unseen =
  /([\0-\x08\x0a-\x1f\x7f-\xa0\u00ad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb])/

/** ECMA-48 and ISO 646 names of the controls below 32. */
const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

/** A part of a text: as it is, or the name of one character that cannot be seen. */
export type SeenPart = { text: string; isNamed: boolean }

/** Splits a line into what can be seen and what has to be named: `CR`, `U+FEFF`. */
export function splitUnseen(text: string): SeenPart[] {
  if (!unseen.test(text)) return [{ text, isNamed: false }]
  return text
    .split(unseen)
    .map((part, index) =>
      index % 2 === 1 ? { text: nameOf(part), isNamed: true } : { text: part, isNamed: false },
    )
    .filter((part) => part.text !== '')
}

function nameOf(character: string): string {
  const code = character.charCodeAt(0)
  if (code === 0x7f) return 'DEL'
  return controlNames[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
