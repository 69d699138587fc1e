import { MalformedError } from '../errors.ts'
import { compressionOf } from '../formats/decompress.ts'
import { findElfClass } from '../formats/elf.ts'
import { compareArchives, type ArchiveKind } from './compare-archive.ts'
import { compareCompressed } from './compare-compressed.ts'
import { compareElf } from './compare-elf.ts'
import { compareText, isText } from './compare-text.ts'
import { isLate, limits, type Compare, type Comparing } from './comparing.ts'
import { addRemark, differenceOf, hasDetails, type Difference } from './difference.ts'
import { addPlaces } from './places.ts'

/**
 * Compares two contents by their formats, which their first bytes tell: archives, compressed files, programs, texts. What is none
 * of these, or is malformed, is compared as bytes.
 */
export const compareContent: Compare = async (name, left, right, comparing, depth) => {
  if (Buffer.compare(left, right) === 0) return null
  if (depth >= limits.depth)
    return asBytes(name, left, right, `archives in archives are opened ${limits.depth} deep`)
  if (isLate(comparing)) return asBytes(name, left, right, 'compared as bytes: there is too much to compare')
  try {
    const difference = await byFormat(name, left, right, comparing, depth)
    if (!hasDetails(difference)) addPlaces(difference, left, right)
    return difference
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return asBytes(name, left, right, `compared as bytes: ${error.message}`)
  }
}

async function byFormat(
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
  depth: number,
): Promise<Difference> {
  if (compressionOf(left) !== 'none') {
    const compressed = await compareCompressed(name, left, right, comparing, depth)
    if (compressed) return compressed
  }
  const archive = archiveOf(left)
  if (archive !== null && archive === archiveOf(right))
    return compareArchives(archive, name, left, right, comparing, depth)
  if (findElfClass(left) === 64 && findElfClass(right) === 64) return compareElf(name, left, right, comparing)
  const isShort = Math.max(left.length, right.length) <= limits.textBytes
  if (isShort && isText(left) && isText(right)) return compareText(name, left, right, comparing)
  return asBytes(name, left, right, null)
}

const tarMagicOffset = 257

function archiveOf(bytes: Uint8Array): ArchiveKind | null {
  const startsWith = (magic: string, at = 0) =>
    Buffer.from(bytes.subarray(at, at + magic.length)).toString('latin1') === magic
  if (startsWith('!<arch>\n')) return 'AR'
  if (startsWith('PK\x03\x04') || startsWith('PK\x05\x06')) return 'ZIP'
  return startsWith('ustar', tarMagicOffset) ? 'TAR' : null
}

function asBytes(name: string, left: Uint8Array, right: Uint8Array, remark: string | null): Difference {
  const difference = differenceOf('BYTES', name, left, right)
  if (remark !== null) addRemark(difference, remark)
  addPlaces(difference, left, right)
  return difference
}
