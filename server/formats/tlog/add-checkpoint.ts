import { MalformedError } from '../../errors.ts'
import { encodeBase64 } from '../signing/base64.ts'
import { parseDecimal, parseHash } from './checkpoint.ts'

// Source: C2SP, tlog-witness.md.

/** What a log sends to a witness: the size that the witness has seen, the proof that it has only grown since, and the signed checkpoint. */
export type AddCheckpoint = { oldSize: number; proof: Uint8Array[]; note: string }

const format = 'request to a witness'
const maxHashes = 63
export const maxAddCheckpointBytes = 64 * 1024

export const printAddCheckpoint = ({ oldSize, proof, note }: AddCheckpoint): string =>
  `${[`old ${oldSize}`, ...proof.map(encodeBase64)].join('\n')}\n\n${note}`

/** Reads a request. Nothing is verified. Throws MalformedError. */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  if (text.length > maxAddCheckpointBytes) throw new MalformedError(format, 0, 'it is too long')
  const split = text.indexOf('\n\n')
  if (split < 0 || !text.startsWith('old '))
    throw new MalformedError(format, 0, 'it has no old size, or checkpoint')
  const [first = '', ...lines] = text.slice(0, split).split('\n')
  if (lines.length > maxHashes) throw new MalformedError(format, 0, `it has more than ${maxHashes} hashes`)
  return {
    oldSize: parseDecimal(first.slice('old '.length), format),
    proof: lines.map((line) => parseHash(line, format)),
    note: text.slice(split + 2),
  }
}
