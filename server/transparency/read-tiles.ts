import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { rootOf, rootOfComplete, type NodeReader } from '../formats/tlog/merkle.ts'
import { tileOfNode, tileWidth, widthIn, type Tile } from '../formats/tlog/tiles.ts'
import { completeNodes } from '../formats/tlog/tree.ts'
import { splitHashes, toBytes } from './log-head.ts'

/** Hashes of a level, from one to before another: those of entries, or the roots of full tiles of the level below. */
export async function readHashes(
  db: Reader | Transaction,
  log: number,
  level: number,
  { from, to }: { from: number; to: number },
): Promise<Uint8Array[]> {
  const where = { log, index: { gte: from, lt: to } }
  const orderBy = { index: 'asc' as const }
  if (level === 0) {
    const entries = await db.logEntry.findMany({ where, orderBy, select: { leafSha256: true } })
    return entries.map(({ leafSha256 }) => toBytes(leafSha256))
  }
  const tiles = await db.logTile.findMany({
    where: { ...where, level: level - 1 },
    orderBy,
    select: { rootSha256: true },
  })
  return tiles.map(({ rootSha256 }) => toBytes(rootSha256))
}

/** The hashes of a tile. A full one is stored; another one is put together. */
export async function readTile(
  db: Reader | Transaction,
  log: number,
  { level, index, width }: Tile & { level: number },
): Promise<Uint8Array[]> {
  if (width === tileWidth) {
    const stored = await db.logTile.findUnique({
      where: { log_level_index: { log, level, index } },
      select: { hashes: true },
    })
    if (stored) return splitHashes(stored.hashes)
  }
  const from = index * tileWidth
  return readHashes(db, log, level, { from, to: from + width })
}

/** The entries of a tile. */
export async function readEntries(db: Reader, log: number, { index, width }: Tile): Promise<Uint8Array[]> {
  const from = index * tileWidth
  const entries = await db.logEntry.findMany({
    where: { log, index: { gte: from, lt: from + width } },
    orderBy: { index: 'asc' },
    select: { entry: true },
  })
  return entries.map(({ entry }) => Buffer.from(entry))
}

/** Reads nodes of a log of `size` entries. Each tile is read once. */
export function tileNodeReader(db: Reader | Transaction, log: number, size: number): NodeReader {
  const tiles = new Map<string, Promise<Uint8Array[]>>()
  return async (node) => {
    const { level, index, from, to } = tileOfNode(node)
    if (level === 'entries') throw new Error('entries are no nodes')
    const name = `${level}/${index}`
    const read =
      tiles.get(name) ?? readTile(db, log, { level, index, width: widthIn(size, { level, index }) })
    tiles.set(name, read)
    return rootOfComplete((await read).slice(from, to))
  }
}

/** The root that the log had when it had so many entries. */
export async function rootAt(db: Reader | Transaction, log: number, size: number): Promise<Uint8Array> {
  if (size === 0) return rootOf([])
  const read = tileNodeReader(db, log, size)
  return rootOf(await Promise.all(completeNodes({ begin: 0, end: size }).map(read)))
}
