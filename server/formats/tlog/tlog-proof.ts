import { MalformedError } from '../../errors.ts'
import { decodeBase64, encodeBase64 } from '../signing/base64.ts'
import { parseDecimal, parseHash } from './checkpoint.ts'

// Browsers and Node.js both run this file. Source: C2SP, tlog-proof.md.

/** What shows without a further request that an entry is in a log: `extra` has the entry, `note` the signed checkpoint. */
export type TlogProof = { extra: Uint8Array | null; index: number; hashes: Uint8Array[]; note: string }

const format = 'proof of a log'
const firstLine = 'c2sp.org/tlog-proof@v1'
const maxHashes = 63
const maxLength = 1024 ** 2

/** The proof as a text, which ends with the checkpoint as it was signed. */
export function printProof({ extra, index, hashes, note }: TlogProof): string {
  const lines = [
    firstLine,
    ...(extra ? [`extra ${encodeBase64(extra)}`] : []),
    `index ${index}`,
    ...hashes.map(encodeBase64),
  ]
  return `${lines.join('\n')}\n\n${note}`
}

/** Reads a proof. Nothing is verified. Throws MalformedError. */
export function parseProof(text: string): TlogProof {
  if (text.length > maxLength) throw new MalformedError(format, maxLength, 'it is too long')
  const split = text.indexOf('\n\n')
  if (split < 0) throw new MalformedError(format, 0, 'it has no checkpoint')
  const [first, ...lines] = text.slice(0, split).split('\n')
  if (first !== firstLine) throw new MalformedError(format, 0, `its first line is not ${firstLine}`)
  const extra = lines[0]?.startsWith('extra ') ? (lines.shift()?.slice('extra '.length) ?? null) : null
  const index = lines.shift() ?? ''
  if (!index.startsWith('index ')) throw new MalformedError(format, 0, 'it has no index')
  if (lines.length > maxHashes) throw new MalformedError(format, 0, `it has more than ${maxHashes} hashes`)
  return {
    extra: extra === null ? null : decodeBase64(extra, format, 'extra'),
    index: parseDecimal(index.slice('index '.length), format),
    hashes: lines.map((line) => parseHash(line, format)),
    note: text.slice(split + 2),
  }
}
