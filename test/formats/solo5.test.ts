import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { linkProgram } from '../../demo/ocaml-program.ts'
import { MalformedError } from '../../server/errors.ts'
import { parseElf } from '../../server/formats/elf.ts'
import {
  NoSolo5NoteError,
  readSolo5Abi,
  readSolo5Manifest,
  solo5Targets,
} from '../../server/formats/solo5.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { elfFile, note, writer } from './elf-file.ts'
import { seeded } from './whole-record.ts'

const abiType = 0x31494241
const manifestType = 0x3154464d

function abi(words: number[], isLittleEndian = true): Buffer {
  const descriptor = Buffer.alloc(words.length * 4)
  words.forEach((word, i) => writer(isLittleEndian).u32(descriptor, i * 4, word))
  return descriptor
}

type Entry = [name: string, type: number]
const first: Entry = ['', 1 << 30]

function manifest(entries: Entry[], isLittleEndian = true): Buffer {
  const put = writer(isLittleEndian)
  const descriptor = Buffer.alloc(12 + entries.length * 104)
  put.u32(descriptor, 4, 1)
  put.u32(descriptor, 8, entries.length)
  entries.forEach(([name, type], i) => {
    descriptor.write(name, 12 + i * 104)
    put.u32(descriptor, 12 + i * 104 + 68, type)
  })
  return descriptor
}

/** A unikernel of nothing but its notes: descriptors begin at byte 64 + 20. */
const withAbi = (descriptor: Buffer, isLittleEndian = true) =>
  parseElf(
    elfFile(
      [{ name: '.note.solo5.abi', type: 7, content: note('Solo5\0', abiType, descriptor, isLittleEndian) }],
      {
        isLittleEndian,
      },
    ),
  )
const withManifest = (descriptor: Buffer, isLittleEndian = true) =>
  parseElf(
    elfFile(
      [
        {
          name: '.note.solo5.manifest',
          type: 7,
          content: note('Solo5\0', manifestType, descriptor, isLittleEndian),
        },
      ],
      { isLittleEndian },
    ),
  )

test.each([true, false])('notes are read when little-endian is %s', (isLittleEndian) => {
  expect(
    solo5Targets.map((_, i) => readSolo5Abi(withAbi(abi([i + 1, 3, 0, 0], isLittleEndian), isLittleEndian))),
  ).toEqual(solo5Targets.map((target) => ({ target, version: 3 })))
  const entries: Entry[] = [first, ['service', 2], ['storage', 1], ['é', 2]]
  expect(readSolo5Manifest(withManifest(manifest(entries, isLittleEndian), isLittleEndian))).toEqual({
    version: 1,
    devices: [
      { name: 'service', type: 'NET_BASIC' },
      { name: 'storage', type: 'BLOCK_BASIC' },
      { name: 'é', type: 'NET_BASIC' },
    ],
  })
})

test('the program that the demo links says what it was asked to say', () => {
  const { stripped, debug } = linkProgram({
    compiler: '5.2.1',
    units: [],
    stubs: [],
    runsOn: { kind: 'solo5', target: 'spt', devices: [{ name: 'service', type: 'net' }] },
    texts: [],
  })
  for (const elf of [parseElf(stripped), parseElf(debug)]) {
    expect(readSolo5Abi(elf)).toEqual({ target: 'spt', version: 2 })
    expect(readSolo5Manifest(elf).devices).toEqual([{ name: 'service', type: 'NET_BASIC' }])
  }
})

test.each<[string, (file: Buffer) => void]>([
  [
    'have other names',
    (file) => {
      while (file.includes('.note.solo5')) file.write('.nope.solo5', file.indexOf('.note.solo5'))
    },
  ],
  ['have no names', (file) => void file.writeUInt16LE(0, 62)],
])('the notes are found by the program headers where the sections %s', (_, change) => {
  const { stripped } = linkProgram({
    ...{ compiler: '5.2.1', units: [], stubs: [], texts: [] },
    runsOn: { kind: 'solo5', target: 'hvt', devices: [{ name: 'service', type: 'net' }] },
  })
  const file = Buffer.from(stripped)
  change(file)
  const elf = parseElf(file)
  expect(readSolo5Abi(elf)).toEqual({ target: 'hvt', version: 2 })
  expect(readSolo5Manifest(elf).devices).toEqual([{ name: 'service', type: 'NET_BASIC' }])
})

test('a program without the notes is told from one with broken ones', () => {
  const bare = parseElf(elfFile([]))
  expect(() => readSolo5Abi(bare)).toThrow(NoSolo5NoteError)
  expect(() => readSolo5Manifest(bare)).toThrow(NoSolo5NoteError)
  for (const content of [
    note('GNU\0\0\0', abiType, abi([1, 1, 0, 0])),
    note('Solo5\0', 7, abi([1, 1, 0, 0])),
    Buffer.of(),
  ]) {
    const other = parseElf(elfFile([{ name: '.note.solo5.abi', type: 7, content }]))
    expect(() => readSolo5Abi(other)).toThrow(NoSolo5NoteError)
  }
})

const descriptorAt = 64 + 20

test.each([
  ['no byte', Buffer.of(), 0],
  ['less than four words', abi([1, 2, 0]), 0],
  ['more than four words', abi([1, 2, 0, 0, 0]), 0],
  ['target 0', abi([0, 2, 0, 0]), 0],
  ['target 7', abi([7, 2, 0, 0]), 0],
  ['a reserved field', abi([1, 2, 1, 0]), 8],
  ['another reserved field', abi([1, 2, 0, 1]), 12],
])('an ABI with %s is rejected', (_name, descriptor, at) => {
  expect(() => readSolo5Abi(withAbi(descriptor))).toThrow(
    expect.objectContaining({ format: 'Solo5 ABI', offset: descriptorAt + at }),
  )
})

const edited = (entries: Entry[], at: number, value: number) => {
  const descriptor = manifest(entries)
  descriptor[at] = value
  return descriptor
}

test.each([
  ['no byte', Buffer.of(), 0],
  ['half a header', Buffer.alloc(11), 0],
  ['version 0', edited([first], 4, 0), 4],
  ['version 2', edited([first], 4, 2), 4],
  ['no entry', manifest([]), 8],
  ['65 entries', manifest(Array.from({ length: 65 }, (_, i) => (i === 0 ? first : ['x', 1]))), 8],
  ['an entry less than it says', edited([first], 8, 2), 8],
  ['an entry more than it says', edited([first, ['x', 1]], 8, 1), 8],
  ['a device at its beginning', manifest([['x', 1]]), 12],
  ['a name in the reserved entry', manifest([['x', 1 << 30]]), 12],
  ['a second reserved entry', manifest([first, first]), 12 + 104 + 68],
  ['an unknown type', manifest([first, ['x', 3]]), 12 + 104 + 68],
  ['a name without end', manifest([first, ['x'.repeat(68), 1]]), 12 + 104],
  ['a reserved byte', edited([first, ['x', 1]], 12 + 104 + 72, 1), 12 + 104 + 72],
  ['a flag', edited([first, ['x', 1]], 12 + 104 + 96, 1), 12 + 104 + 96],
])('a manifest with %s is rejected', (_name, descriptor, at) => {
  expect(() => readSolo5Manifest(withManifest(descriptor))).toThrow(
    expect.objectContaining({ format: 'Solo5 manifest', offset: descriptorAt + at }),
  )
})

test('64 entries are read, with names of 67 bytes', () => {
  const name = 'x'.repeat(67)
  const entries = Array.from({ length: 64 }, (_, i): Entry => (i === 0 ? first : [name, 1]))
  expect(readSolo5Manifest(withManifest(manifest(entries))).devices).toEqual(
    Array(63).fill({ name, type: 'BLOCK_BASIC' }),
  )
})

test('50,000 mutants of notes are read or refused', () => {
  const random = seeded(5)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const counts = { read: 0, refused: 0 }
  const files = [
    elfFile([{ name: '.note.solo5.abi', type: 7, content: note('Solo5\0', abiType, abi([1, 2, 0, 0])) }]),
    elfFile([
      {
        name: '.note.solo5.manifest',
        type: 7,
        content: note('Solo5\0', manifestType, manifest([first, ['a', 1], ['b', 2]])),
      },
    ]),
  ]
  for (let i = 0; i < 50_000; i++) {
    const n = i % 2
    const file = Buffer.from(files[n] ?? Buffer.of())
    for (let edits = 1 + random(2); edits > 0; edits--)
      file[64 + random(file.length - 64)] = random(3) * random(256)
    try {
      const elf = parseElf(file)
      if (n === 0) readSolo5Abi(elf)
      else readSolo5Manifest(elf)
      counts.read++
    } catch (error) {
      if (!(error instanceof MalformedError) || error.offset < 0 || error.offset > file.length) throw error
      counts.refused++
    }
  }
  Error.stackTraceLimit = stackTraceLimit
  expect(counts.read).toBeGreaterThan(5000)
  expect(counts.refused).toBeGreaterThan(5000)
})

const Query = z.object({ exit: z.number(), stdout: z.string(), json: z.unknown().optional() })
const Answers = z.object({ 'query-abi': Query, 'query-manifest': Query })

function samples(): [string, Uint8Array, z.infer<typeof Answers>][] {
  if (!hasCorpus) return []
  const readJson = (name: string): unknown => JSON.parse(readFileSync(corpusPath('solo5', name), 'utf8'))
  const built = z.array(Answers.extend({ file: z.string() })).parse(readJson('elftool.json'))
  const synthetic = z.record(z.string(), Answers).parse(readJson('synthetic.json'))
  return [
    ...built.flatMap(({ file, ...answers }) => {
      const path = file
        .replace('/home/build/elf/', 'elf/')
        .replace('/srv/ref/ocaml-solo5-elftool/test/', 'solo5/')
      return existsSync(corpusPath(path)) ? [[path, answers] as const] : []
    }),
    ...Object.entries(synthetic).map(([name, answers]) => [`solo5/synthetic/${name}.elf`, answers] as const),
  ].map(([name, answers]) => [name, readFileSync(corpusPath(name)), answers])
}

describe.skipIf(!hasCorpus)('agrees with solo5-elftool (skipped where the corpus is absent)', () => {
  test('all samples are there', () => {
    expect(samples().length).toBeGreaterThan(30)
  })

  /** elftool writes what is not ASCII as OCaml does, `\195`, which is no JSON. */
  const parseAnswer = (stdout: string): unknown => {
    const escaped = stdout.replace(/(?:\\\d{3})+/g, (bytes) =>
      Buffer.from(bytes.split('\\').slice(1).map(Number)).toString(),
    )
    return JSON.parse(escaped)
  }

  const outcome = (read: () => object) => {
    try {
      return read()
    } catch (error) {
      if (error instanceof MalformedError) return null
      throw error
    }
  }

  test.each(samples())('%s', (_name, content, answers) => {
    const answerOf = ({ stdout }: z.infer<typeof Query>) => (stdout === '' ? null : parseAnswer(stdout))
    const ownAbi = outcome(() => ({ type: 'solo5.abi', ...readSolo5Abi(parseElf(content)) }))
    const ownManifest = outcome(() => ({ type: 'solo5.manifest', ...readSolo5Manifest(parseElf(content)) }))
    expect(ownAbi).toEqual(answerOf(answers['query-abi']))
    expect(ownManifest).toEqual(answerOf(answers['query-manifest']))
  })
})
