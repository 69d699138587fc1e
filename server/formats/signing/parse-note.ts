import { MalformedError } from '../../errors.ts'
import { decodeBase64 } from './base64.ts'

// Browsers and Node.js both run this file. Source: C2SP, signed-note.md.

/** A signature of a note. `id` has 4 bytes; `sig` is what the kind of the key makes of it. */
export type NoteSignature = { name: string; id: Uint8Array<ArrayBuffer>; sig: Uint8Array<ArrayBuffer> }

const format = 'signed note'
const maxLength = 1024 ** 2
const maxSignatures = 16

/** Reads a note. Nothing is verified. Throws MalformedError. */
export function parseNote(note: string): { text: string; signatures: NoteSignature[] } {
  if (note.length > maxLength) throw new MalformedError(format, maxLength, 'it is too long')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw new MalformedError(format, 0, 'it has no signatures')
  const text = note.slice(0, split + 1)
  checkNoteText(text)
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > maxSignatures)
    throw new MalformedError(format, 0, `it has more than ${maxSignatures} signatures`)
  return { text, signatures: lines.map(parseNoteSignature) }
}

/** Reads a line of a signature. Throws MalformedError. */
export function parseNoteSignature(line: string): NoteSignature {
  const [, name, base64 = ''] = /^— ([^+\s]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? []
  if (name === undefined) throw new MalformedError(format, 0, 'a line is no signature')
  const bytes = decodeBase64(base64, format, 'a signature')
  if (bytes.length < 5) throw new MalformedError(format, 0, 'a line is no signature: it is too short')
  return { name, id: bytes.slice(0, 4), sig: bytes.slice(4) }
}

/** Throws MalformedError for a text that cannot be signed. */
export function checkNoteText(text: string): void {
  if (!text.endsWith('\n')) throw new MalformedError(format, 0, 'the text has no line end')
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(text) || /\p{Surrogate}/u.test(text))
    throw new MalformedError(format, 0, 'the text has control characters, or is not Unicode')
}
