import type { KeyObject } from 'node:crypto'
import type { Transaction } from '../database/writer.ts'
import { signNote } from '../formats/signing/signed-note.ts'
import { printCheckpoint } from '../formats/tlog/checkpoint.ts'
import { printEntry, type LogEntry } from '../formats/tlog/log-entry.ts'
import { appendLeaf, leafHash, rootOf, rootOfComplete, type Edge } from '../formats/tlog/merkle.ts'
import { tileWidth } from '../formats/tlog/tiles.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import type { AttestationId } from '../ids.ts'
import { joinHashes, splitHashes, toHex } from './log-head.ts'
import { readHashes } from './read-tiles.ts'

/**
 * Appends entries to a log, in a transaction, and signs its new checkpoint in the same one: a signature that nobody can have seen before the
 * commit. Returns the signed note.
 */
export async function appendEntries(
  tx: Transaction,
  head: LogHead,
  { entries, lastAttestationId }: { entries: readonly LogEntry[]; lastAttestationId: AttestationId },
  key: KeyObject,
): Promise<string> {
  const { number: log, origin, size: before } = head
  const printed = entries.map((entry) => ({ entry, bytes: printEntry(entry) }))
  const leaves = printed.map(({ bytes }) => leafHash(bytes))
  let edge: Edge = splitHashes(head.edge)
  for (const [n, leaf] of leaves.entries()) edge = appendLeaf(edge, before + n, leaf)
  const size = before + entries.length
  await tx.logEntry.createMany({
    data: printed.map(({ entry: { kind, sha256 }, bytes }, n) => ({
      ...{ log, index: before + n, kind, sha256 },
      ...{ leafSha256: toHex(leaves[n] ?? Buffer.of()), entry: Buffer.from(bytes).toString() },
    })),
  })
  const tiles = await fullTiles(tx, log, { level: 0, from: before, hashes: leaves })
  if (tiles.length > 0)
    await tx.logTile.createMany({
      data: tiles.map(({ level, index, hashes, root }) => ({
        ...{ log, level, index, hashes: joinHashes(hashes), rootSha256: toHex(root) },
      })),
    })
  const note = signNote({ name: origin, key }, printCheckpoint({ origin, size, root: rootOf(edge) }))
  await tx.logHead.update({
    where: { number: log },
    data: { size, note, edge: joinHashes(edge), lastAttestationId },
    select: { number: true },
  })
  return note
}

type FullTile = { level: number; index: number; hashes: Uint8Array[]; root: Uint8Array }

/** The tiles that become full when hashes are added to a level, and those of the levels above. */
async function fullTiles(
  tx: Transaction,
  log: number,
  { level, from, hashes }: { level: number; from: number; hashes: readonly Uint8Array[] },
): Promise<FullTile[]> {
  const [first, end] = [Math.floor(from / tileWidth), Math.floor((from + hashes.length) / tileWidth)]
  if (first === end) return []
  const begin = first * tileWidth
  const known = begin === from ? [] : await readHashes(tx, log, level, { from: begin, to: from })
  const all = [...known, ...hashes]
  const tiles = Array.from({ length: end - first }, (_, n): FullTile => {
    const own = all.slice(n * tileWidth, (n + 1) * tileWidth)
    return { level, index: first + n, hashes: own, root: rootOfComplete(own) }
  })
  const above = { level: level + 1, from: first, hashes: tiles.map(({ root }) => root) }
  return [...tiles, ...(await fullTiles(tx, log, above))]
}
