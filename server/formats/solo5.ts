import { MalformedError } from '../errors.ts'
import { readLoadedNotes, readNotes, type ElfNote } from './elf-notes.ts'
import { findSection, viewOf, type Elf } from './elf.ts'

export const solo5Targets = ['hvt', 'spt', 'virtio', 'muen', 'genode', 'xen'] as const
/** The target that runs a unikernel: a tender, a hypervisor or a separation kernel. */
export type Solo5Target = (typeof solo5Targets)[number]

export type Solo5Abi = { target: Solo5Target; version: number }

/**
 * Bytes of `name` that are not UTF-8 are replaced by U+FFFD. Names may be empty or equal, and contain any character
 * except NUL.
 */
export type Solo5Device = { name: string; type: 'BLOCK_BASIC' | 'NET_BASIC' }

/** The devices that a unikernel needs, in the order of its manifest. */
export type Solo5Manifest = { version: number; devices: Solo5Device[] }

/** The file has no Solo5 note: it may be another program. */
export class NoSolo5NoteError extends MalformedError {}

const owner = 'Solo5\0'
const abiNote = { section: '.note.solo5.abi', type: 0x31494241, bytes: 16, what: 'ABI' }
const manifestNote = { section: '.note.solo5.manifest', type: 0x3154464d, what: 'manifest' }

const maxEntries = 64
const manifestHeaderBytes = 12
const entryBytes = 104
const nameBytes = 68
const reservedFirst = 1 << 30
const deviceTypes: Record<number, Solo5Device['type']> = { 1: 'BLOCK_BASIC', 2: 'NET_BASIC' }

/**
 * The target that a unikernel was linked for. Throws MalformedError with the offset in the file, and
 * NoSolo5NoteError if the note is missing. Source: Solo5 `elf_abi.h`.
 */
export function readSolo5Abi(elf: Elf): Solo5Abi {
  const { view, fail } = openNote(elf, abiNote)
  const word = (index: number) => view.getUint32(index * 4, elf.isLittleEndian)
  if (view.byteLength !== abiNote.bytes)
    throw fail(0, `has ${view.byteLength} bytes instead of ${abiNote.bytes}`)
  const target = solo5Targets[word(0) - 1]
  if (!target) throw fail(0, `has the unknown target ${word(0)}`)
  for (const index of [2, 3])
    if (word(index) !== 0) throw fail(index * 4, 'has a reserved field that is not zero')
  return { target, version: word(1) }
}

/**
 * The devices that a unikernel needs. Throws MalformedError with the offset in the file, and
 * NoSolo5NoteError if the note is missing. Source: Solo5 `mft_abi.h`.
 */
export function readSolo5Manifest(elf: Elf): Solo5Manifest {
  const { descriptor, view, fail } = openNote(elf, manifestNote)
  const word = (at: number) => view.getUint32(at, elf.isLittleEndian)
  if (view.byteLength < manifestHeaderBytes) throw fail(0, 'is cut short')
  // The first four bytes are padding.
  const version = word(4)
  const count = word(8)
  if (version !== 1) throw fail(4, `has version ${version}; only 1 is known`)
  if (count === 0 || count > maxEntries) throw fail(8, `has ${count} entries instead of 1 to ${maxEntries}`)
  const expectedBytes = manifestHeaderBytes + count * entryBytes
  if (view.byteLength !== expectedBytes) {
    throw fail(8, `has ${view.byteLength} bytes; ${count} entries are ${expectedBytes}`)
  }
  const devices: Solo5Device[] = []
  for (let index = 0; index < count; index++) {
    const at = manifestHeaderBytes + index * entryBytes
    const nameEnd = descriptor.indexOf(0, at)
    if (nameEnd < 0 || nameEnd >= at + nameBytes)
      throw fail(at, `has a name that does not end, in entry ${index}`)
    const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(descriptor.subarray(at, nameEnd))
    const type = word(at + nameBytes)
    const unused = descriptor.subarray(at + nameBytes + 4, at + nameBytes + 4 + 25)
    const stray = unused.findIndex((byte) => byte !== 0)
    if (stray >= 0)
      throw fail(at + nameBytes + 4 + stray, `has a reserved field that is not zero, in entry ${index}`)
    if (index === 0) {
      if (type !== reservedFirst || name !== '') throw fail(at, 'does not begin with the reserved entry')
      continue
    }
    const deviceType = deviceTypes[type]
    if (!deviceType) throw fail(at + nameBytes, `has the unknown type ${type}, in entry ${index}`)
    devices.push({ name, type: deviceType })
  }
  return { version, devices }
}

/** By its section; where the file names none, as Solo5's tenders find it: by the program headers. */
function openNote(elf: Elf, { section: name, type, what }: { section: string; type: number; what: string }) {
  const section = findSection(elf, name)
  const found = findNote(section ? readNotes(elf, section) : readLoadedNotes(elf), type)
  if (!found) {
    const missing = section
      ? `there is no such note in section ${name}`
      : `there is no section ${name}, and no such note in its segments`
    throw new NoSolo5NoteError(`Solo5 ${what}`, section?.offset ?? 0, missing)
  }
  const { descriptor, descriptorOffset } = found
  return {
    descriptor,
    view: viewOf(descriptor),
    fail: (at: number, reason: string) =>
      new MalformedError(`Solo5 ${what}`, descriptorOffset + at, `it ${reason}`),
  }
}

function findNote(notes: Iterable<ElfNote>, type: number): ElfNote | null {
  for (const note of notes) if (note.owner === owner && note.type === type) return note
  return null
}
