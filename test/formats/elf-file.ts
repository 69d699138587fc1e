/** A section of a file that a test makes; what is left out is zero, the offset is where its content goes. */
export type TestSection = {
  name?: string
  type?: number
  flags?: number
  address?: number
  link?: number
  info?: number
  entrySizeBytes?: number
  content?: Uint8Array
  offset?: number
  sizeBytes?: number
}

/**
 * An ELF64 file: header, contents in the order given, names, section headers, with the reserved
 * section in front and the names' at the end. `manySections` writes both of their numbers as a file
 * with 65,280 sections must.
 */
export function elfFile(
  sections: readonly TestSection[],
  { isLittleEndian = true, manySections = false } = {},
): Buffer {
  const names = Buffer.from(['', ...sections.map(({ name }) => name ?? ''), '.shstrtab', ''].join('\0'))
  const nameAt = (name: string) => (name === '' ? 0 : names.indexOf(`\0${name}\0`) + 1)
  const all: TestSection[] = [...sections, { name: '.shstrtab', type: 3, content: names }]
  const count = all.length + 1
  const contents: Uint8Array[] = []
  let end = 64
  const headers = all.map((section) => {
    const { content = Buffer.of() } = section
    const header = { offset: end, sizeBytes: content.length, ...section }
    const padded = Buffer.alloc(Math.ceil(content.length / 8) * 8)
    padded.set(content)
    contents.push(padded)
    end += padded.length
    return header
  })

  const header = Buffer.alloc(64)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, isLittleEndian ? 1 : 2, 1])
  const put = writer(isLittleEndian)
  put.u16(header, 16, 2)
  put.u16(header, 18, 62)
  put.u32(header, 20, 1)
  put.u64(header, 40, end)
  put.u16(header, 52, 64)
  put.u16(header, 58, 64)
  put.u16(header, 60, manySections ? 0 : count)
  put.u16(header, 62, manySections ? 0xffff : count - 1)

  const table = Buffer.alloc(count * 64)
  if (manySections) {
    put.u64(table, 32, count)
    put.u32(table, 40, count - 1)
  }
  headers.forEach((section, i) => {
    const entry = table.subarray((i + 1) * 64)
    put.u32(entry, 0, nameAt(section.name ?? ''))
    put.u32(entry, 4, section.type ?? 1)
    put.u64(entry, 8, section.flags ?? 0)
    put.u64(entry, 16, section.address ?? 0)
    put.u64(entry, 24, section.offset)
    put.u64(entry, 32, section.sizeBytes)
    put.u32(entry, 40, section.link ?? 0)
    put.u32(entry, 44, section.info ?? 0)
    put.u64(entry, 56, section.entrySizeBytes ?? 0)
  })
  return Buffer.concat([header, ...contents, table])
}

/** Writes numbers of either byte order; 64 bits up to 2^53, or exactly as a bigint. */
export function writer(isLittleEndian = true) {
  return {
    u16: (to: Buffer, at: number, value: number) =>
      isLittleEndian ? to.writeUInt16LE(value, at) : to.writeUInt16BE(value, at),
    u32: (to: Buffer, at: number, value: number) =>
      isLittleEndian ? to.writeUInt32LE(value, at) : to.writeUInt32BE(value, at),
    u64: (to: Buffer, at: number, value: number | bigint) =>
      isLittleEndian ? to.writeBigUInt64LE(BigInt(value), at) : to.writeBigUInt64BE(BigInt(value), at),
  }
}

/** A note as it stands in a section. */
export function note(owner: string, type: number, descriptor: Uint8Array, isLittleEndian = true): Buffer {
  const put = writer(isLittleEndian)
  const padded = (bytes: Uint8Array) => {
    const buffer = Buffer.alloc(Math.ceil(bytes.length / 4) * 4)
    buffer.set(bytes)
    return buffer
  }
  const header = Buffer.alloc(12)
  put.u32(header, 0, owner.length)
  put.u32(header, 4, descriptor.length)
  put.u32(header, 8, type)
  return Buffer.concat([header, padded(Buffer.from(owner, 'latin1')), padded(descriptor)])
}

/** An entry of a symbol table. */
export function symbol(
  fields: { name: number; info?: number; section?: number; address?: number | bigint; size?: number },
  isLittleEndian = true,
): Buffer {
  const put = writer(isLittleEndian)
  const entry = Buffer.alloc(24)
  put.u32(entry, 0, fields.name)
  entry[4] = fields.info ?? 0
  put.u16(entry, 6, fields.section ?? 0)
  put.u64(entry, 8, fields.address ?? 0)
  put.u64(entry, 16, fields.size ?? 0)
  return entry
}
