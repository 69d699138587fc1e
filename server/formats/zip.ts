import { inflateRawSync } from 'node:zlib'
import { MalformedError } from '../errors.ts'

/** An entry of a ZIP archive, by its central directory. */
export type ZipEntry = {
  name: string
  /** 0 stored, 8 deflate; others are not read. */
  method: number
  /** The clock of the machine that made it, without a time zone: `2026-11-30T14:48:10`. */
  modifiedAt: string
  /** As in Unix, with the type of the file; 0 if another system made it. */
  mode: number
  /** The upper byte tells the system that made it. */
  madeBy: number
  comment: string
  extra: Uint8Array
  compressed: Uint8Array
  sizeBytes: number
}

const [endMagic, entryMagic, localMagic] = [0x06054b50, 0x02014b50, 0x04034b50]
const [endBytes, entryBytes, localBytes] = [22, 46, 30]
const longestCommentBytes = 0xffff

const fail = (offset: number, reason: string) => new MalformedError('ZIP archive', offset, reason)

/**
 * The entries of a ZIP archive in the order of its directory, at most `maxEntries`. Archives of ZIP64, of several parts and with
 * encryption are refused. Throws MalformedError. Source: APPNOTE.TXT 6.3.10 of PKWARE, 4.3.
 */
export function readZipEntries(
  bytes: Uint8Array,
  maxEntries: number,
): { entries: ZipEntry[]; isCut: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEnd(view)
  const count = view.getUint16(end + 10, true)
  const start = view.getUint32(end + 16, true)
  if (count === 0xffff || start === 0xffffffff) throw fail(end, 'it is of ZIP64, which is not read')
  if (start > end) throw fail(end + 16, 'its directory is behind its end')
  const entries: ZipEntry[] = []
  let at = start
  for (let i = 0; i < Math.min(count, maxEntries); i++) {
    if (at + entryBytes > end || view.getUint32(at, true) !== entryMagic)
      throw fail(at, `entry ${i} of the directory is missing`)
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    ) as [number, number, number]
    const next = at + entryBytes + nameBytes + extraBytes + commentBytes
    if (next > end) throw fail(at, `entry ${i} of the directory is cut short`)
    if (view.getUint16(at + 8, true) & 1) throw fail(at + 8, 'it is encrypted')
    const text = (from: number, length: number) => Buffer.from(bytes.subarray(from, from + length)).toString()
    const madeBy = view.getUint16(at + 4, true)
    entries.push({
      name: text(at + entryBytes, nameBytes),
      method: view.getUint16(at + 10, true),
      modifiedAt: dosTime(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
      mode: madeBy >> 8 === 3 ? view.getUint32(at + 38, true) >>> 16 : 0,
      madeBy,
      comment: text(next - commentBytes, commentBytes),
      extra: bytes.subarray(at + entryBytes + nameBytes, next - commentBytes),
      compressed: contentOf(view, bytes, view.getUint32(at + 42, true), view.getUint32(at + 20, true)),
      sizeBytes: view.getUint32(at + 24, true),
    })
    at = next
  }
  return { entries, isCut: count > maxEntries }
}

/** The content of an entry. Throws MalformedError, also if it has another size than the directory says. */
export function zipContent({ name, method, compressed, sizeBytes }: ZipEntry): Uint8Array {
  if (method === 0) return compressed
  if (method !== 8) throw fail(0, `${name} is compressed by method ${method}, which is not read`)
  let content
  try {
    content = inflateRawSync(compressed, { maxOutputLength: Math.max(1, sizeBytes) })
  } catch (error) {
    throw fail(0, `${name} cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (content.length !== sizeBytes)
    throw fail(0, `${name} has ${content.length} bytes instead of ${sizeBytes}`)
  return content
}

/** The record at the end, before which there may be a comment. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endBytes
  for (let at = last; at >= Math.max(0, last - longestCommentBytes); at--)
    if (view.getUint32(at, true) === endMagic) return at
  throw fail(Math.max(0, last), 'the end of its directory is missing')
}

function contentOf(view: DataView, bytes: Uint8Array, offset: number, sizeBytes: number): Uint8Array {
  if (offset + localBytes > bytes.length || view.getUint32(offset, true) !== localMagic)
    throw fail(Math.min(offset, bytes.length), 'the header of an entry is missing')
  const start = offset + localBytes + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  if (start + sizeBytes > bytes.length) throw fail(offset, 'an entry is cut short')
  return bytes.subarray(start, start + sizeBytes)
}

function dosTime(date: number, time: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`
  return `${day}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`
}
