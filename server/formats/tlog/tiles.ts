import { MalformedError } from '../../errors.ts'
import type { TreeNode } from './tree.ts'

// Browsers and Node.js both run this file. Source: C2SP, tlog-tiles.md.

/** Hashes, or entries, that a full tile has. A hash of a level is the root of a full tile of the level below. */
export const tileWidth = 256
const levelsOfTile = 8
const maxLevel = 63

/** A tile: of hashes at a level from 0, or of entries. `width` is 1 to 256. */
export type Tile = { level: number | 'entries'; index: number; width: number }

/** Its path below that of the log: the index in groups of three digits, `.p/WIDTH` for one that is not full. */
export function tilePath({ level, index, width }: Tile): string {
  const groups =
    String(index)
      .padStart(Math.ceil(String(index).length / 3) * 3, '0')
      .match(/\d{3}/g) ?? []
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`
}

/** Reads such a path. Only the one spelling of a tile is accepted. Throws MalformedError. */
export function parseTilePath(path: string): Tile {
  const [, level = '', name = '', width] =
    /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? []
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(name.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  }
  const isInRange = (tile.level === 'entries' || tile.level <= maxLevel) && tile.width <= tileWidth
  if (name === '' || !isInRange || tilePath(tile) !== path)
    throw new MalformedError('path of a tile', 0, 'it is not tile/LEVEL/INDEX or tile/LEVEL/INDEX.p/WIDTH')
  return tile
}

/** How many hashes, or entries, a tile has in a log of `size` entries: 0 to 256. */
export function widthIn(size: number, { level, index }: Pick<Tile, 'level' | 'index'>): number {
  const count = level === 'entries' ? size : Math.floor(size / tileWidth ** level)
  return Math.max(0, Math.min(tileWidth, count - index * tileWidth))
}

/** The tile that a node lies in, and which of its hashes are below the node. */
export function tileOfNode({ level, index }: TreeNode): Omit<Tile, 'width'> & { from: number; to: number } {
  const tileLevel = Math.floor(level / levelsOfTile)
  const span = 2 ** (level % levelsOfTile)
  const first = index * span
  const from = first % tileWidth
  return { level: tileLevel, index: Math.floor(first / tileWidth), from, to: from + span }
}

/** Entries in one piece: each after its length, in two bytes. An entry has 65,535 bytes at most. */
export function printBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > 0xffff) throw new MalformedError('tile of entries', at, 'an entry is too long')
    bytes.set([entry.length >> 8, entry.length & 0xff], at)
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** Reads entries, at most 256. Throws MalformedError. */
export function parseBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (entries.length === tileWidth) throw new MalformedError('tile of entries', at, 'it has more than 256')
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))
    if (at + 2 > bytes.length || end > bytes.length)
      throw new MalformedError('tile of entries', at, 'an entry is cut off')
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return entries
}
