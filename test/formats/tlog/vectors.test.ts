import { expect, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { parseNote } from '../../../server/formats/signing/parse-note.ts'
import {
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../../server/formats/signing/signed-note.ts'
import { parseCheckpoint, printCheckpoint } from '../../../server/formats/tlog/checkpoint.ts'
import { cosign, verifyCosignature } from '../../../server/formats/tlog/cosignature.ts'
import { parseEntry, printEntry, type LogEntry } from '../../../server/formats/tlog/log-entry.ts'
import {
  parseBundle,
  parseTilePath,
  printBundle,
  tilePath,
  widthIn,
  type Tile,
} from '../../../server/formats/tlog/tiles.ts'
import { parseProof, printProof } from '../../../server/formats/tlog/tlog-proof.ts'
import { flipped, firstKey, secondKey } from '../signing/test-keys.ts'
import { emptyRoot, hashRanges, leafHash } from '../../../server/formats/tlog/merkle.ts'
import { consistencyRanges, inclusionRanges } from '../../../server/formats/tlog/tree.ts'
import { edgesOf, nodeReaderOf, rootsOf } from './sample-tree.ts'

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
/** The entries of the tests of Certificate Transparency. */
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => Buffer.from(text, 'hex'))
const leaves = entries.map(leafHash)
const roots = rootsOf(leaves)
const read = nodeReaderOf(leaves)

test('roots are those of Certificate Transparency', () => {
  expect(hex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hex(roots[1])).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  expect(hex(roots[3])).toBe('aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77')
  expect(hex(roots[8])).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  expect(edgesOf(leaves)[7]).toHaveLength(3)
})

test('proofs are those of Certificate Transparency', async () => {
  expect((await hashRanges(inclusionRanges(0, 8), read)).map(hex)).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect((await hashRanges(consistencyRanges(6, 8), read)).map(hex)).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
})

const log = { name: 'hub.example/log', key: firstKey }
const text = 'hub.example/log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n'
const line =
  '— hub.example/log ax3MPa0o/ec+h7k7ZPfuMMqRGQh2jZ/XfYy4iBWFbfzfhykMzFhCYFSqth2ntIPbgAXdHrS09fmbldwfqRCeAH75OQE='

test('a checkpoint is signed as a note', () => {
  const checkpoint = { origin: 'hub.example/log', size: 8, root: roots[8] ?? emptyRoot }
  expect(printCheckpoint(checkpoint)).toBe(text)
  expect(verifierKey(log)).toBe('hub.example/log+6b1dcc3d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea')
  expect(signNote(log, text)).toBe(`${text}\n${line}\n`)
  const read = verifyNote(`${text}\n${line}\n`, [log])
  expect(read.signers).toEqual([log])
  const parsed = parseCheckpoint(read.text)
  expect({ ...parsed, root: hex(parsed.root) }).toEqual({ ...checkpoint, root: hex(checkpoint.root) })
})

test('a witness signs the checkpoint and the time', () => {
  const witness = { name: 'witness.example/w1', key: secondKey }
  const own =
    '— witness.example/w1 BNLYMwAAAABrC2sAYBixxTQo5zDMUGrCJJDbYJpRr/7qNMMDajT7CCSpD8NVguoihmTjDHCY7yQPkj4kXe3af9W9uaxX3RvEuQ9XCQ=='
  expect(cosign(witness, text, 1_795_910_400)).toBe(own)
  const vkey = verifierKey(witness, 'cosignature')
  expect(vkey).toMatch(/^witness\.example\/w1\+04d2d833\+/)
  expect(() => parseVerifierKey(vkey)).toThrow(MalformedError)
  const [, cosignature] = parseNote(`${text}\n${line}\n${own}\n`).signatures
  if (!cosignature) throw new Error('the note has one signature')
  const known = parseVerifierKey(vkey, 'cosignature')
  expect(verifyCosignature(known, text, cosignature)).toBe(1_795_910_400)
  expect(verifyCosignature({ ...known, name: 'other' }, text, cosignature)).toBeNull()
  for (const at of [0, 7, 8, 71]) {
    const sig = Uint8Array.from(flipped(cosignature.sig, at))
    expect(() => verifyCosignature(known, text, { ...cosignature, sig })).toThrow(MalformedError)
  }
  const sig = cosignature.sig.slice(1)
  expect(() => verifyCosignature(known, text, { ...cosignature, sig })).toThrow('has no time')
})

test.each<[string, Tile]>([
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
  ['tile/1/000.p/17', { level: 1, index: 0, width: 17 }],
  ['tile/63/999', { level: 63, index: 999, width: 256 }],
  ['tile/entries/x001/000.p/255', { level: 'entries', index: 1_000, width: 255 }],
])('%s', (path, tile) => {
  expect(tilePath(tile)).toBe(path)
  expect(parseTilePath(path)).toEqual(tile)
})

test.each([
  ...[
    '',
    'tile',
    'tile/0',
    'tile/0/',
    'tile/64/000',
    'tile/00/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
  ],
  ...[
    'tile/0/x000/001',
    'tile/0/x00/001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/07',
    'tile/0/000.p/',
  ],
  ...['tile/0/001/x002', 'tile/0/x001', 'tile/0/../000', '/tile/0/000', 'tile/0/000\n', 'tile/Entries/000'],
])('%j is no path of a tile', (path) => {
  expect(() => parseTilePath(path)).toThrow(MalformedError)
})

test('a log of 70,000 entries has these tiles', () => {
  const count = (level: number) => {
    const widths: number[] = []
    for (let index = 0; widthIn(70_000, { level, index }) > 0; index++)
      widths.push(widthIn(70_000, { level, index }))
    return [widths.filter((width) => width === 256).length, widths.at(-1)]
  }
  expect([0, 1, 2, 3].map(count)).toEqual([
    [273, 112],
    [1, 17],
    [0, 1],
    [0, undefined],
  ])
  expect(widthIn(70_000, { level: 'entries', index: 273 })).toBe(112)
})

test('entries are read as they were written', () => {
  const many = [...entries, Buffer.alloc(0xffff, 7)]
  expect(parseBundle(printBundle(many)).map(hex)).toEqual(many.map(hex))
  expect(parseBundle(new Uint8Array())).toEqual([])
  expect(() => printBundle([Buffer.alloc(0x10000)])).toThrow(MalformedError)
  expect(() => parseBundle(printBundle(Array.from({ length: 257 }, () => Buffer.of(1))))).toThrow(
    'more than 256',
  )
  for (const bytes of [[0], [0, 1], [0, 0, 0, 2, 1]])
    expect(() => parseBundle(Uint8Array.from(bytes))).toThrow('cut off')
})

const sha256 = 'ab'.repeat(32)
const entry: LogEntry = {
  kind: 'attestation',
  sha256,
  subjects: [sha256],
  keyid: sha256,
  time: 1_795_910_400,
}

test('an entry is canonical JSON, and fits into 1 KiB', () => {
  expect(Buffer.from(printEntry({ ...entry, subjects: [] })).toString()).toBe(
    `{"keyid":"${sha256}","kind":"attestation","sha256":"${sha256}","subjects":[],"time":1795910400,"v":1}`,
  )
  expect(parseEntry(printEntry(entry))).toEqual(entry)
  const revocation: LogEntry = { ...entry, kind: 'revocation', since: 1, subjects: Array(8).fill(sha256) }
  expect(parseEntry(printEntry(revocation))).toEqual(revocation)
  expect(printEntry(revocation).length).toBeLessThanOrEqual(1024)
})

test.each([
  { kind: 'other' },
  { v: 2 },
  { sha256: 'ab' },
  { sha256: sha256.toUpperCase() },
  { subjects: [''] },
  { subjects: {} },
  { subjects: Array(9).fill(sha256) },
  { keyid: 'ab' },
  { time: -1 },
  { time: 1.5 },
  { time: '1' },
  { since: null },
])('an entry with %j is refused', (change) => {
  const text = JSON.stringify({ v: 1, ...entry, ...change })
  expect(() => parseEntry(Buffer.from(text))).toThrow(MalformedError)
})

const root = Buffer.from(roots[8] ?? emptyRoot).toString('base64')
const proof = [
  'c2sp.org/tlog-proof@v1',
  'extra AA==',
  'index 3',
  root,
  root,
  '',
  text.trimEnd(),
  '',
  line,
  '',
].join('\n')

test('a proof is read as it was written', () => {
  expect(printProof(parseProof(proof))).toBe(proof)
  const short = proof.replace('extra AA==\n', '').replaceAll(`${root}\n${root}\n\n`, '\n')
  expect(parseProof(short)).toMatchObject({ extra: null, hashes: [], index: 3 })
  expect(printProof(parseProof(short))).toBe(short)
  expect(parseProof(proof).note).toBe(`${text}\n${line}\n`)
})

test.each([
  ['', 'it has no checkpoint'],
  [proof.replace('@v1', '@v2'), 'its first line'],
  [proof.replace('extra AA==', 'extra *'), 'extra is not base64'],
  [proof.replace('index 3\n', ''), 'it has no index'],
  [proof.replace('index 3', 'index 03'), 'no whole number'],
  [proof.replace('index 3', 'index 9007199254740993'), 'no whole number'],
  [proof.replace(root, 'AA=='), 'no hash'],
  [proof.replace(`${root}\n`, `${root}\n`.repeat(64)), 'more than 63'],
  [' '.repeat(1024 ** 2 + 1), 'too long'],
])('a malformed proof is refused', (text, message) => {
  expect(() => parseProof(text)).toThrow(message)
})

test.each([
  ['', 'no origin'],
  ['a\n', 'no whole number'],
  ['a\n-1\n', 'no whole number'],
  ['a\n1\nAA==\n', 'no hash'],
  [`a\n1\n${root.replace('=', '')}\n`, 'no hash'],
])('the checkpoint %j is refused', (text, message) => {
  expect(() => parseCheckpoint(text)).toThrow(message)
})
