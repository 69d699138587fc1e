import { createHash, type KeyObject } from 'node:crypto'
import { MalformedError } from '../../errors.ts'
import { checkNoteText, parseNote } from './parse-note.ts'
import { ed25519FromRaw, rawEd25519, signBytes, verifyBytes } from './keys.ts'

// Source: C2SP, signed-note.md.

/** Somebody who signs notes: a name without blanks and `+`, and an Ed25519 key. */
export type NoteSigner = { name: string; key: KeyObject }

const format = 'signed note'

/** How a key signs: the note alone, or, as a witness, the note and a time. The same key has another id for each. */
export const noteKinds = { note: 0x01, cosignature: 0x04 } as const
export type NoteKind = keyof typeof noteKinds

/** The first 4 bytes of SHA-256 of name, line end, kind of the key, and key. */
export const noteKeyId = ({ name, key }: NoteSigner, kind: NoteKind = 'note'): Buffer =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.concat([Buffer.of(noteKinds[kind]), rawEd25519(key)]))
    .digest()
    .subarray(0, 4)

/** The public key in one line: name, id and key. */
export function verifierKey(signer: NoteSigner, kind: NoteKind = 'note'): string {
  const key = Buffer.concat([Buffer.of(noteKinds[kind]), rawEd25519(signer.key)])
  return `${signer.name}+${noteKeyId(signer, kind).toString('hex')}+${key.toString('base64')}`
}

/** Reads a public key in one line. Throws MalformedError, also when the id does not fit. */
export function parseVerifierKey(vkey: string, kind: NoteKind = 'note'): NoteSigner {
  const [, name, id, base64 = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(vkey.trim()) ?? []
  const bytes = Buffer.from(base64, 'base64')
  if (name === undefined || bytes.length !== 33 || bytes[0] !== noteKinds[kind])
    throw new MalformedError('verifier key', 0, 'it is not NAME+ID+KEY with an Ed25519 key of this kind')
  const signer = { name, key: ed25519FromRaw(bytes.subarray(1)) }
  if (noteKeyId(signer, kind).toString('hex') !== id)
    throw new MalformedError('verifier key', 0, 'the id is not of this name and key')
  return signer
}

/** The note with a signature at its end. The text ends with a line end, and has no other control characters. Throws MalformedError. */
export function signNote(signer: NoteSigner, text: string): string {
  checkNoteText(text)
  const signature = Buffer.concat([noteKeyId(signer), signBytes(signer.key, Buffer.from(text))])
  return `${text}\n— ${signer.name} ${signature.toString('base64')}\n`
}

/**
 * Those of the signers who have signed the note, with its text. Signatures of others are ignored. Throws MalformedError for a note that is
 * none, and for one with a wrong signature of a known signer.
 */
export function verifyNote(
  note: string,
  known: readonly NoteSigner[],
): { text: string; signers: NoteSigner[] } {
  const { text, signatures } = parseNote(note)
  const signers = known.filter((signer) => {
    const own = signatures.filter(({ name, id }) => name === signer.name && noteKeyId(signer).equals(id))
    if (own.some(({ sig }) => !verifyBytes(signer.key, Buffer.from(text), sig)))
      throw new MalformedError(format, 0, `the signature of ${signer.name} is wrong`)
    return own.length > 0
  })
  return { text, signers }
}
