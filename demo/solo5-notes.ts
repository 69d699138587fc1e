import { byteWriter } from './byte-writer.ts'
import type { ElfSection } from './elf-writer.ts'

export type Solo5Target = 'hvt' | 'spt' | 'virtio'
export type Solo5Device = { name: string; type: 'block' | 'net' }

const targetNumber: Record<Solo5Target, number> = { hvt: 1, spt: 2, virtio: 3 }
const abiVersion: Record<Solo5Target, number> = { hvt: 2, spt: 2, virtio: 1 }
const deviceNumber: Record<Solo5Device['type'], number> = { block: 1, net: 2 }
const reservedFirst = 1 << 30
const nameBytes = 68
const reservedBytes = 32

/** The two notes by which a tender knows a unikernel. Source: Solo5 `mft_abi.h`, `elf_abi.h`. */
export function solo5Notes(target: Solo5Target, devices: readonly Solo5Device[]): ElfSection[] {
  const manifest = byteWriter()
  manifest.u32(0)
  manifest.u32(1)
  manifest.u32(devices.length + 1)
  const entry = (name: string, type: number) => {
    const start = manifest.length
    manifest.cString(name)
    manifest.padTo(start + nameBytes)
    manifest.u32(type)
    manifest.padTo(start + nameBytes + 4 + reservedBytes)
  }
  entry('', reservedFirst)
  for (const { name, type } of devices) entry(name, deviceNumber[type])

  const abi = byteWriter(16)
  for (const word of [targetNumber[target], abiVersion[target], 0, 0]) abi.u32(word)

  return [
    { name: '.note.solo5.manifest', kind: 'note', alignment: 4, content: note('MFT1', manifest.finish()) },
    { name: '.note.solo5.abi', kind: 'note', alignment: 4, content: note('ABI1', abi.finish()) },
  ]
}

function note(type: string, description: Uint8Array): Uint8Array {
  const out = byteWriter()
  out.u32('Solo5\0'.length)
  out.u32(description.length)
  out.bytes(Buffer.from(type, 'latin1'))
  out.cString('Solo5')
  out.padTo(20)
  out.bytes(description)
  return out.finish()
}
