import { MalformedError } from '../../errors.ts'
import { findElfClass, parseElf } from '../../formats/elf.ts'
import { describeFormat, longestMagicBytes } from '../../formats/file-format.ts'
import { rangesOf, type FileContent } from '../../formats/file-ranges.ts'
import {
  NoSolo5NoteError,
  readSolo5Abi,
  readSolo5Manifest,
  type Solo5Abi,
  type Solo5Manifest,
} from '../../formats/solo5.ts'

/**
 * What a main binary says of the Solo5 target and devices that it needs. Both are null for what is no
 * unikernel; either is when its note cannot be read. `reason` says why one is null.
 */
export type Solo5Result = { abi: Solo5Abi | null; manifest: Solo5Manifest | null; reason: string | null }

/** Of any main binary: most jobs make programs or packages. Reads headers and notes alone. */
export function analyseSolo5(input: FileContent): Solo5Result {
  const file = rangesOf(input)
  const start = file.read(0, Math.min(longestMagicBytes, file.sizeBytes))
  const elfClass = findElfClass(start)
  if (elfClass === null) return noUnikernel(`it is no ELF file but ${describeFormat(start)}`)
  if (elfClass === 32) return noUnikernel('it is an ELF file of 32 bits')
  try {
    const elf = parseElf(file)
    const abi = attempt(() => readSolo5Abi(elf))
    const manifest = attempt(() => readSolo5Manifest(elf))
    if (abi.isMissing && manifest.isMissing) return noUnikernel('the ELF file has no notes of Solo5')
    const reasons = [abi.reason, manifest.reason].filter((reason) => reason !== null)
    return {
      abi: abi.value,
      manifest: manifest.value,
      reason: reasons.length > 0 ? reasons.join('; ') : null,
    }
  } catch (error) {
    if (error instanceof MalformedError) return noUnikernel(error.message)
    throw error
  }
}

/** Beyond any manifest with names that people would read. */
const longestSummary = 12_000

/** The whole result, as lists show it; without devices whose names take more room than lists have. */
export function summarizeSolo5(result: Solo5Result): Solo5Result {
  if (JSON.stringify(result).length <= longestSummary) return result
  return { ...result, manifest: null, reason: 'the names in the Solo5 manifest are too long' }
}

function noUnikernel(why: string): Solo5Result {
  return { abi: null, manifest: null, reason: `not a Solo5 unikernel: ${why}` }
}

type Attempt<Value> = { value: Value | null; reason: string | null; isMissing: boolean }

function attempt<Value>(read: () => Value): Attempt<Value> {
  try {
    return { value: read(), reason: null, isMissing: false }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { value: null, reason: error.message, isMissing: error instanceof NoSolo5NoteError }
  }
}
