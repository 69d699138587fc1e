import { MalformedError } from '../../errors.ts'
import { parseNote, type NoteSignature } from '../signing/parse-note.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { parseEntry, type LogEntry } from './log-entry.ts'
import { parseProof } from './tlog-proof.ts'
import { areEqual, hashLeaf, rootByInclusion, type Digest } from './verify-proof.ts'

// Browsers and Node.js both run this file: keys are the business of the caller.

/** What a proof shows: this entry is in the log, which was signed when it had the size of the checkpoint. */
export type Logged = { entry: LogEntry; index: number; checkpoint: Checkpoint }

/** Whether a key of the log has made the signature. `text`: what is signed; `origin`: the name of the log. */
export type IsSignedByLog = (text: string, signature: NoteSignature, origin: string) => Promise<boolean>

const format = 'proof of a log'

/** What the id of a key in signatures of notes is the beginning of the hash of: its name, its kind, and its 32 bytes. */
export const noteKeyBytes = (name: string, raw: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...new TextEncoder().encode(`${name}\n`), 1, ...raw])

/** Checks that a statement is in a log, by a text that needs no further request. Throws MalformedError if it is not shown. */
export async function checkProof(
  digest: Digest,
  isSignedByLog: IsSignedByLog,
  { proof, envelopeSha256 }: { proof: string; envelopeSha256: string },
): Promise<Logged> {
  const { extra, index, hashes, note } = parseProof(proof)
  if (!extra) throw new MalformedError(format, 0, 'it lacks the entry')
  const entry = parseEntry(extra)
  if (entry.kind !== 'attestation' || entry.sha256 !== envelopeSha256)
    throw new MalformedError(format, 0, 'it is of another statement')
  const { text, signatures } = parseNote(note)
  const checkpoint = parseCheckpoint(text)
  const leaf = await hashLeaf(digest, extra)
  const root = await rootByInclusion(digest, { leaf, index, size: checkpoint.size, proof: hashes })
  if (!areEqual(root, checkpoint.root)) throw new MalformedError(format, 0, 'the entry is not in the log')
  for (const signature of signatures)
    if (await isSignedByLog(text, signature, checkpoint.origin)) return { entry, index, checkpoint }
  throw new MalformedError(format, 0, 'no key of the log has signed it')
}

/**
 * Whether a statement was made before others may have had the key that signed it, as the log shows. Without a log, nothing shows that.
 */
export const isBefore = (logged: Logged | null, revokedSince: string | null | undefined): boolean =>
  logged !== null && revokedSince != null && logged.entry.time * 1000 < Date.parse(revokedSince)
