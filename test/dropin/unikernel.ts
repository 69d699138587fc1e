import { elfFile, note } from '../formats/elf-file.ts'

/** An ELF file that says of itself to be a unikernel for hvt with one network device, `service`. */
export function tinyUnikernel(): Buffer {
  const abi = Buffer.alloc(16)
  abi.writeUInt32LE(1, 0)
  abi.writeUInt32LE(2, 4)
  const manifest = Buffer.alloc(12 + 2 * 104)
  manifest.writeUInt32LE(1, 4)
  manifest.writeUInt32LE(2, 8)
  // The first entry is reserved.
  manifest.writeUInt32LE(1 << 30, 12 + 68)
  manifest.write('service', 12 + 104)
  manifest.writeUInt32LE(2, 12 + 104 + 68)
  return elfFile([
    { name: '.note.solo5.abi', type: 7, content: note('Solo5\0', 0x31494241, abi) },
    { name: '.note.solo5.manifest', type: 7, content: note('Solo5\0', 0x3154464d, manifest) },
  ])
}
