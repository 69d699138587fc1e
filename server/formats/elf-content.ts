import { inflateSync } from 'node:zlib'
import { MalformedError } from '../errors.ts'
import {
  describeSection,
  malformed,
  readU64,
  sectionFlag,
  sectionType,
  storedContent,
  viewOf,
  type Elf,
  type ElfSection,
} from './elf.ts'

/** A section that is sound, as far as one can see, but cannot be read here. The message says why. */
class UnreadableSectionError extends MalformedError {
  constructor(offset: number, reason: string) {
    super('ELF', offset, reason)
    this.message = reason
  }
}

const compressionHeaderSizeBytes = 24
const zlib = 1
const zstd = 2

/**
 * The content of a section. Any section that is not loaded may be compressed. Throws MalformedError;
 * UnreadableSectionError when it is compressed by another method than zlib, or would be longer than
 * `maxInflatedBytes`.
 */
export function sectionContent(
  elf: Elf,
  section: ElfSection,
  { maxInflatedBytes = 256 * 1024 * 1024 } = {},
): Uint8Array {
  const stored = storedContent(elf, section)
  const header = readCompression(elf, section, stored)
  if (!header) return stored
  const fail = (reason: string) => malformed(section.offset, `section ${describeSection(section)} ${reason}`)
  const notHere = (reason: string) =>
    new UnreadableSectionError(section.offset, `section ${describeSection(section)} ${reason}`)
  if (header.method !== zlib) {
    const method = header.method === zstd ? 'zstd' : `method ${header.method}`
    throw notHere(`is compressed with ${method}; only zlib is read`)
  }
  if (header.sizeBytes > maxInflatedBytes) {
    throw notHere(`says to have ${header.sizeBytes} bytes; at most ${maxInflatedBytes} are inflated`)
  }
  const inflated = inflate(stored.subarray(header.length), header.sizeBytes)
  if (inflated?.length !== header.sizeBytes) throw fail(`does not inflate to ${header.sizeBytes} bytes`)
  return inflated
}

type Compression = { method: number; sizeBytes: number; length: number }

/** SHF_COMPRESSED (gABI), or what GNU tools wrote before it: a name in `.zdebug_` and a header of 12 bytes. */
function readCompression(elf: Elf, section: ElfSection, stored: Uint8Array): Compression | null {
  const view = viewOf(stored)
  if (section.name.startsWith('.zdebug_') && stored.length >= 12 && view.getUint32(0) === 0x5a4c4942) {
    return { method: zlib, sizeBytes: readU64(view, 4, false), length: 12 }
  }
  const isStored = section.type !== sectionType.nobits && section.type !== sectionType.null
  if ((section.flags & sectionFlag.compressed) === 0 || !isStored) return null
  if (stored.length < compressionHeaderSizeBytes) {
    throw malformed(section.offset, `section ${describeSection(section)} is too short to be compressed`)
  }
  return {
    method: view.getUint32(0, elf.isLittleEndian),
    sizeBytes: readU64(view, 8, elf.isLittleEndian),
    length: compressionHeaderSizeBytes,
  }
}

/** Null when it is not zlib's, or longer than announced. */
function inflate(deflated: Uint8Array, sizeBytes: number): Uint8Array | null {
  try {
    return inflateSync(deflated, {
      maxOutputLength: Math.max(1, sizeBytes),
      // The announced size in one piece would be believed before a byte of it is seen.
      chunkSize: Math.min(Math.max(64, sizeBytes), 1024 * 1024),
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return null
    throw error
  }
}
