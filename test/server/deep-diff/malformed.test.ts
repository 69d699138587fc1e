import { deflateRawSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { diffDeep } from '../../../server/deep-diff/deep-diff.ts'
import { MalformedError } from '../../../server/errors.ts'
import { readArMembers } from '../../../server/formats/ar.ts'
import { rangesOf } from '../../../server/formats/file-ranges.ts'
import { readGzipHeader } from '../../../server/formats/gzip-header.ts'
import { readTarMembers } from '../../../server/formats/tar-members.ts'
import { readZipEntries, zipContent } from '../../../server/formats/zip.ts'
import { elfFile, note, symbol } from '../../formats/elf-file.ts'
import { mutate } from '../../formats/mutate.ts'
import { arOf, tarOf } from '../../formats/package-files.ts'
import { seeded } from '../../formats/whole-record.ts'
import { inputs, seedOf } from '../../long.ts'

/** A ZIP archive with these files, in this order. */
function zipOf(files: readonly (readonly [name: string, content: string])[], time = 0x5b61): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of files) {
    const bytes = deflateRawSync(content)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(8, 8)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(0x0314, 4)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt16LE(time, 12)
    entry.writeUInt16LE(0x5d61, 14)
    entry.writeUInt32LE(bytes.length, 20)
    entry.writeUInt32LE(content.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(0o100644 * 65536, 38)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), bytes)
    directory.push(entry, Buffer.from(name))
    offset += 30 + name.length + bytes.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}

const zip = zipOf([
  ['a.txt', 'one'],
  ['b.txt', 'two'],
])

test('entries of a ZIP archive are read by its directory', () => {
  const { entries } = readZipEntries(zip, 10)
  expect(entries.map(({ name, modifiedAt, mode }) => [name, modifiedAt, mode.toString(8)])).toEqual([
    ['a.txt', '2026-11-01T11:27:02', '100644'],
    ['b.txt', '2026-11-01T11:27:02', '100644'],
  ])
  expect(entries.map((entry) => Buffer.from(zipContent(entry)).toString())).toEqual(['one', 'two'])
})

test('the order of a ZIP archive is told', async () => {
  const other = zipOf([
    ['b.txt', 'two'],
    ['a.txt', 'one'],
  ])
  const { causes } = await diffDeep({ name: 'a.zip', left: zip, right: other, times: null })
  expect(causes).toMatchObject([{ kind: 'ORDER', evidence: [{ left: 'a.txt', right: 'b.txt' }] }])
})

const edited = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes)
  copy[at < 0 ? copy.length + at : at] = value
  return copy
}
const directoryAt = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))

test.each<[string, Buffer, number]>([
  ['nothing', Buffer.of(), 0],
  ['no end', zip.subarray(0, -1), zip.length - 23],
  ['a count of ZIP64', edited(edited(zip, -12, 0xff), -11, 0xff), zip.length - 22],
  ['a directory behind its end', edited(zip, -3, 0xff), zip.length - 6],
  ['an entry that is none', edited(zip, directoryAt, 0), directoryAt],
  ['a name that exceeds the file', edited(zip, directoryAt + 29, 0xff), directoryAt],
  ['an encrypted entry', edited(zip, directoryAt + 8, 1), directoryAt + 8],
  ['a content elsewhere', edited(zip, directoryAt + 42, 7), 7],
  ['a content that is cut short', edited(zip, directoryAt + 23, 1), 0],
])('a ZIP archive is refused: %s', (_name, bytes, offset) => {
  expect(() => readZipEntries(bytes, 10)).toThrow(expect.objectContaining({ format: 'ZIP archive', offset }))
})

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['another size', (bytes) => edited(bytes, directoryAt + 24, 9)],
  ['another method', (bytes) => edited(bytes, directoryAt + 10, 12)],
  ['no deflated bytes', (bytes) => edited(bytes, 35, 0xff)],
])('the content of an entry is refused: %s', (_name, damage) => {
  const [entry] = readZipEntries(damage(zip), 10).entries
  expect(entry && (() => zipContent(entry))).toThrow(MalformedError)
})

const named = (flags: number, rest: string) =>
  Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags, 1, 0, 0, 0, 2, 3]), Buffer.from(rest, 'latin1')])

test('the header of a gzip file is read', () => {
  expect(readGzipHeader(named(8 | 16 | 4, '\x02\x00xxname\0comment\0'))).toEqual({
    ...{ modifiedAt: 1, extraFlags: 2, operatingSystem: 3 },
    ...{ name: 'name', comment: 'comment' },
  })
  expect(readGzipHeader(gzipSync(''))).toMatchObject({ modifiedAt: null, name: null })
})

test.each<[string, Buffer, number]>([
  ['nothing', Buffer.of(), 0],
  ['cut short', named(0, '').subarray(0, 5), 5],
  ['another method', edited(named(0, ''), 2, 7), 2],
  ['an extra field that is cut short', named(4, 'x'), 10],
  ['a name without an end', named(8, 'name'), 10],
])('the header of a gzip file is refused: %s', (_name, bytes, offset) => {
  expect(() => readGzipHeader(bytes)).toThrow(expect.objectContaining({ format: 'gzip', offset }))
})

test('long names of an ar archive are read from its table', () => {
  const archive = arOf([
    ['//', Buffer.from('a-name-of-more-than-16-bytes.o/\nother.o/\n')],
    ['/0', Buffer.from('one')],
    ['/32', Buffer.from('two')],
    ['short.o/', Buffer.from('three')],
  ])
  expect(readArMembers(rangesOf(archive)).map(({ name }) => name)).toEqual([
    '//',
    'a-name-of-more-than-16-bytes.o',
    'other.o',
    'short.o',
  ])
})

test.each<[string, (tar: Buffer) => Buffer]>([
  ['a checksum that is wrong', (tar) => edited(tar, 0, 0x62)],
  ['a member that is cut short', (tar) => tar.subarray(0, 514)],
])('a tar is refused: %s', async (_name, damage) => {
  await expect(readTarMembers(damage(await tarOf({ a: 'content' })), 10)).rejects.toThrow(MalformedError)
})

test('mutants of every format are compared, and nothing else is thrown', async () => {
  const random = seeded(seedOf(17))
  const elf = elfFile([
    { name: '.text', flags: 6, address: 64, content: Buffer.alloc(64, 1) },
    { name: '.note.gnu.build-id', type: 7, content: note('GNU\0', 3, Buffer.alloc(20)) },
    {
      name: '.symtab',
      type: 2,
      link: 4,
      entrySizeBytes: 24,
      content: symbol({ name: 1, info: 2, section: 1, address: 64, size: 20 }),
    },
    { name: '.strtab', type: 3, content: Buffer.from('\0main\0') },
  ])
  const tar = await tarOf({ a: 'content', b: 'other content', 'c.json': '{"a":1}' })
  const files = [
    elf,
    tar,
    zip,
    gzipSync('short'),
    arOf([
      ['a.o', elf],
      ['data.tar.gz', gzipSync(tar)],
    ]),
    Buffer.from('b\na\n'.repeat(20)),
  ]
  const kinds = new Set<string>()
  for (let i = 0; i < inputs(3_000); i++) {
    const left = files[i % files.length] ?? Buffer.of()
    const { differences } = await diffDeep({ name: 'mutant', left, right: mutate(left, random), times: null })
    for (const { kind } of differences) kinds.add(kind)
    const [root] = differences
    // What differs is told, whatever it is.
    const hasPlace = differences.some(
      ({ places, values, text, presence, remark }) =>
        places.length > 0 || values.length > 0 || text !== null || presence !== 'BOTH' || remark !== null,
    )
    if (root && !hasPlace) throw new Error(`mutant ${i} differs nowhere`)
  }
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['AR', 'BYTES', 'ELF', 'GZIP', 'SECTION', 'TAR', 'TEXT', 'ZIP']),
  )
})
