import { compressionOf, decompress, type Compression } from '../formats/decompress.ts'
import { readGzipHeader } from '../formats/gzip-header.ts'
import { MalformedError } from '../errors.ts'
import type { Comparing } from './comparing.ts'
import { addRemark, changedValues, differenceOf, type Difference, type DifferenceKind } from './difference.ts'
import { addPlaces } from './places.ts'

const kinds: Record<Exclude<Compression, 'none'>, DifferenceKind> = { gzip: 'GZIP', xz: 'XZ', zstd: 'ZSTD' }

/**
 * Compares two compressed contents, which may be compressed in different formats: headers, and then what they decompress to. Null
 * unless both are compressed. Throws MalformedError.
 */
export async function compareCompressed(
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
  depth: number,
): Promise<Difference | null> {
  const [one, other] = [compressionOf(left), compressionOf(right)]
  if (one === 'none' || other === 'none') return null
  const difference = differenceOf(kinds[one], name, left, right)
  if (one === 'gzip' && other === 'gzip') difference.values = compareHeaders(left, right)
  const [content, otherContent] = [
    await inflate(one, left, comparing),
    await inflate(other, right, comparing),
  ]
  const inner = await comparing.compare(innerName(name), content, otherContent, comparing, depth + 1)
  if (inner) difference.children.push(inner)
  if (one !== other) {
    difference.values.push({ name: 'compression', left: one, right: other })
    difference.signs.push({ kind: 'COMPRESSION', left: one, right: other })
  } else if (!inner && !isHeaderAlone(one, left, right)) {
    addRemark(difference, 'the same content, compressed otherwise')
    const size = (bytes: Uint8Array) => `${bytes.length} bytes`
    difference.signs.push({ kind: 'COMPRESSION', left: size(left), right: size(right) })
    addPlaces(difference, left, right)
  }
  return difference
}

/** `data.tar` for `data.tar.xz`. */
function innerName(name: string): string {
  const inner = name.replace(/\.(gz|xz|zst|tgz|txz)$/, '')
  return inner === name || inner === '' ? 'content' : inner
}

function compareHeaders(left: Uint8Array, right: Uint8Array) {
  const [one, other] = [readGzipHeader(left), readGzipHeader(right)]
  const time = (seconds: number | null) => (seconds === null ? 'none' : toIso(seconds * 1000))
  return changedValues([
    ['modification time', time(one.modifiedAt), time(other.modifiedAt)],
    ['name', one.name ?? 'none', other.name ?? 'none'],
    ['comment', one.comment ?? 'none', other.comment ?? 'none'],
    ['operating system', String(one.operatingSystem), String(other.operatingSystem)],
    ['compression level', String(one.extraFlags), String(other.extraFlags)],
  ])
}

/** A time of a header, in seconds: `2026-11-30T14:48:11Z`. */
export function toIso(ms: number): string {
  const isDate = Math.abs(ms) <= 8.64e15
  return isDate ? new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') : `${ms / 1000} s`
}

/** Whether gzip files of the same content have the same compressed bytes behind their headers. */
function isHeaderAlone(compression: Compression, left: Uint8Array, right: Uint8Array): boolean {
  if (compression !== 'gzip') return false
  const body = (bytes: Uint8Array) => {
    const { name, comment } = readGzipHeader(bytes)
    const isPlain = ((bytes[3] ?? 0) & 6) === 0
    const texts = (name === null ? 0 : name.length + 1) + (comment === null ? 0 : comment.length + 1)
    return isPlain ? bytes.subarray(10 + texts) : bytes
  }
  return Buffer.compare(body(left), body(right)) === 0
}

const pieceBytes = 256 * 1024

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function inflate(
  compression: Compression,
  bytes: Uint8Array,
  comparing: Comparing,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of decompress(compression, pieces(bytes))) {
    comparing.inflatedBytes -= part.length
    if (comparing.inflatedBytes < 0)
      throw new MalformedError(compression, 0, 'all of it together decompresses to more than is compared')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
