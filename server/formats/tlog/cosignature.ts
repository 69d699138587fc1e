import { MalformedError } from '../../errors.ts'
import { signBytes, verifyBytes } from '../signing/keys.ts'
import type { NoteSignature } from '../signing/parse-note.ts'
import { noteKeyId, type NoteSigner } from '../signing/signed-note.ts'

// Source: C2SP, tlog-cosignature.md, cosignature/v1.

const timeBytes = 8
const signatureBytes = 64

/** What a witness signs: when it saw the checkpoint, and the text of the note. */
const signedText = (text: string, time: number): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)

/** The line with which a witness says that it saw a checkpoint, in seconds since 1970, without a line end. `text`: of the note. */
export function cosign(witness: NoteSigner, text: string, time: number): string {
  const at = Buffer.alloc(timeBytes)
  at.writeBigUInt64BE(BigInt(time))
  const signature = signBytes(witness.key, signedText(text, time))
  const bytes = Buffer.concat([noteKeyId(witness, 'cosignature'), at, signature])
  return `— ${witness.name} ${bytes.toString('base64')}`
}

/**
 * When the witness saw the checkpoint, in seconds since 1970; null: the signature is of another key. Throws MalformedError for a wrong
 * signature of this one.
 */
export function verifyCosignature(
  witness: NoteSigner,
  text: string,
  { name, id, sig }: NoteSignature,
): number | null {
  if (name !== witness.name || !noteKeyId(witness, 'cosignature').equals(id)) return null
  const time = sig.length === timeBytes + signatureBytes ? Number(Buffer.from(sig).readBigUInt64BE()) : 0
  if (!Number.isSafeInteger(time) || time === 0)
    throw new MalformedError('cosignature', 0, `that of ${name} has no time`)
  if (!verifyBytes(witness.key, signedText(text, time), sig.subarray(timeBytes)))
    throw new MalformedError('cosignature', 0, `that of ${name} is wrong`)
  return time
}
