import type { Reader } from '../database/reader.ts'
import { printProof } from '../formats/tlog/tlog-proof.ts'
import { hashRanges } from '../formats/tlog/merkle.ts'
import { inclusionRanges } from '../formats/tlog/tree.ts'
import { tileNodeReader } from './read-tiles.ts'
import type { Published } from './transparency-log.ts'

/** The proof that an entry about a hash is in the published log, as a text. Null: there is no such entry. */
export async function proveInclusion(
  db: Reader,
  published: Published,
  sha256: string,
): Promise<string | null> {
  const { number: log, size, note } = published
  const found = await db.logEntry.findFirst({
    where: { sha256, log, index: { lt: size }, kind: { in: ['attestation', 'key'] } },
    orderBy: { index: 'desc' },
    select: { index: true, entry: true },
  })
  if (!found) return null
  const { index, entry } = found
  const hashes = await hashRanges(inclusionRanges(index, size), tileNodeReader(db, log, size))
  return printProof({
    extra: Buffer.from(entry),
    index,
    hashes,
    note: await withCosignatures(db, published, note),
  })
}

/** The note with the signatures of witnesses for the same checkpoint. */
export async function withCosignatures(
  db: Reader,
  { number: log, size }: Published,
  note: string,
): Promise<string> {
  const cosignatures = await db.logCosignature.findMany({
    where: { log, size },
    orderBy: { witness: 'asc' },
    select: { line: true },
  })
  return note + cosignatures.map(({ line }) => `${line}\n`).join('')
}
