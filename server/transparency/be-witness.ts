import { createHash } from 'node:crypto'
import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import { MalformedError } from '../errors.ts'
import { parseNote } from '../formats/signing/parse-note.ts'
import { parseVerifierKey, verifyNote, type NoteSigner } from '../formats/signing/signed-note.ts'
import { parseAddCheckpoint, type AddCheckpoint } from '../formats/tlog/add-checkpoint.ts'
import { parseCheckpoint, type Checkpoint } from '../formats/tlog/checkpoint.ts'
import { cosign } from '../formats/tlog/cosignature.ts'
import { isConsistent } from '../formats/tlog/verify-proof.ts'
import { toBytes, toHex } from './log-head.ts'

/** What is answered to a log. `size`: of the newest checkpoint that this site has signed, for a log that names another one. */
export type WitnessAnswer =
  | { status: 200; text: string }
  | { status: 409; size: number }
  | { status: 400 | 403 | 404 | 422; reason: string }

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/**
 * As a witness: signs the checkpoint of another site's log, if it continues the newest one that was signed before. The comparison and the
 * new state are one transaction, which is committed before the signature is sent. Source: C2SP, tlog-witness.md.
 */
export async function addCheckpoint(
  { writer, witness }: { writer: Writer; witness: NoteSigner },
  body: string,
  now: Date,
): Promise<WitnessAnswer> {
  let asked: AddCheckpoint
  let text: string
  let checkpoint: Checkpoint
  try {
    asked = parseAddCheckpoint(body)
    text = parseNote(asked.note).text
    checkpoint = parseCheckpoint(text)
  } catch (error) {
    if (error instanceof MalformedError) return { status: 400, reason: error.message }
    throw error
  }
  return writer.transact([], async (tx): Promise<WitnessAnswer> => {
    const known = await tx.witnessedLog.findUnique({ where: { origin: checkpoint.origin } })
    if (!known) return { status: 404, reason: 'this site is no witness of that log' }
    if (!isSigned(asked.note, known.verifierKey))
      return { status: 403, reason: 'the key that this site knows of the log has not signed the checkpoint' }
    const fault = await faultOf(asked, checkpoint, known)
    if (fault) return fault
    await tx.witnessedLog.update({
      where: { origin: checkpoint.origin },
      data: { size: checkpoint.size, rootSha256: toHex(checkpoint.root), note: asked.note, seenAt: now },
    })
    return { status: 200, text: `${cosign(witness, text, Math.floor(now.getTime() / 1000))}\n` }
  })
}

function isSigned(note: string, verifierKey: string): boolean {
  try {
    return verifyNote(note, [parseVerifierKey(verifierKey)]).signers.length > 0
  } catch (error) {
    if (error instanceof MalformedError) return false
    throw error
  }
}

async function faultOf(
  { oldSize, proof }: AddCheckpoint,
  checkpoint: Checkpoint,
  known: { size: number; rootSha256: string | null },
): Promise<WitnessAnswer | null> {
  if (oldSize > checkpoint.size)
    return { status: 400, reason: 'the old size is greater than that of the checkpoint' }
  if (oldSize !== known.size) return { status: 409, size: known.size }
  const root = known.rootSha256 === null ? digest(new Uint8Array()) : toBytes(known.rootSha256)
  return (await isConsistent(digest, { size: oldSize, root }, checkpoint, proof))
    ? null
    : { status: 422, reason: 'the log does not continue what this site has signed before' }
}

/** The newest checkpoint of a log that this site has signed. Null: none. `id`: SHA-256 of the name of the log. */
export async function findWitnessed(db: Reader, id: string): Promise<string | null> {
  const logs = await db.witnessedLog.findMany({ select: { origin: true, note: true } })
  return logs.find(({ origin }) => toHex(digest(Buffer.from(origin))) === id)?.note ?? null
}
