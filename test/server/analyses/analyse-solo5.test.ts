import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { linkProgram } from '../../../demo/ocaml-program.ts'
import { analyseSolo5 } from '../../../server/analyses/solo5/analyse-solo5.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { elfFile, note } from '../../formats/elf-file.ts'
import { withFileRanges } from '../../../server/formats/file-ranges.ts'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const link = (runsOn: Parameters<typeof linkProgram>[0]['runsOn']) =>
  linkProgram({ compiler: '5.2.1', units: [], stubs: [], texts: [], runsOn })

test('target and devices of a unikernel', () => {
  const devices = [
    { name: 'service', type: 'net' },
    { name: 'storage', type: 'block' },
  ] as const
  expect(analyseSolo5(link({ kind: 'solo5', target: 'hvt', devices }).stripped)).toEqual({
    abi: { target: 'hvt', version: 2 },
    manifest: {
      version: 1,
      devices: [
        { name: 'service', type: 'NET_BASIC' },
        { name: 'storage', type: 'BLOCK_BASIC' },
      ],
    },
    reason: null,
  })
})

test.each([
  ['nothing', Buffer.of(), 'it is no ELF file but empty'],
  ['a Debian package', Buffer.from('!<arch>\ndebian-binary   1'), 'it is no ELF file but a Debian package'],
  [
    'a package of FreeBSD',
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1]),
    'it is no ELF file but compressed with zstd',
  ],
  ['bytecode', Buffer.from('#!/usr/bin/ocamlrun\n'), 'it is no ELF file but a script'],
  ['text', Buffer.from('hello'), 'it is no ELF file but something else'],
  ['ELF32', Buffer.from('\x7fELF\x01\x01\x01', 'latin1'), 'it is an ELF file of 32 bits'],
  ['half a header', elfFile([]).subarray(0, 40), 'malformed ELF at byte 40: the header is cut short'],
  ['a program', link({ kind: 'unix', platform: 'debian-12' }).stripped, 'the ELF file has no notes of Solo5'],
])('%s is no unikernel, and the reason is told', (_name, bytes, why) => {
  expect(analyseSolo5(bytes)).toEqual({ abi: null, manifest: null, reason: `not a Solo5 unikernel: ${why}` })
})

test('of a large file no more is read than headers and notes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'solo5-'))
  const path = join(folder, 'unikernel')
  const { stripped } = link({ kind: 'solo5', target: 'spt', devices: [{ name: 'service', type: 'net' }] })
  writeFileSync(path, stripped)
  // A hole: the disk need not have the room.
  truncateSync(path, 3 * 1024 ** 3)
  let bytesRead = 0
  const result = withFileRanges(path, (file) =>
    analyseSolo5({
      ...file,
      read(start, end) {
        bytesRead += end - start
        return file.read(start, end)
      },
    }),
  )
  expect(result).toEqual(analyseSolo5(stripped))
  expect(result.manifest?.devices).toHaveLength(1)
  expect(bytesRead).toBeLessThan(16 * 1024)
  rmSync(folder, { recursive: true })
})

test('if one note of a unikernel is malformed, the other is returned', () => {
  const abi = Buffer.alloc(16)
  abi[0] = 1
  const result = analyseSolo5(
    elfFile([
      { name: '.note.solo5.abi', type: 7, content: note('Solo5\0', 0x31494241, abi) },
      { name: '.note.solo5.manifest', type: 7, content: note('Solo5\0', 0x3154464d, Buffer.alloc(5)) },
    ]),
  )
  expect(result).toEqual({
    abi: { target: 'hvt', version: 0 },
    manifest: null,
    reason: 'malformed Solo5 manifest at byte 124: it is cut short',
  })
})

describe.skipIf(!hasCorpus)('with the corpus', () => {
  test('packages of both systems are no unikernels', () => {
    const names = readdirSync(corpusPath('pkg')).filter((name) => /\.(deb|pkg)$/.test(name))
    const reasons = names.map((name) => analyseSolo5(readFileSync(corpusPath('pkg', name))).reason)
    expect(reasons.length).toBeGreaterThan(1)
    for (const reason of reasons)
      expect(reason).toMatch(/^not a Solo5 unikernel: it is no ELF file but (a Debian|compressed)/)
  })
})
