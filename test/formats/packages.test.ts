import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { MalformedError } from '../../server/errors.ts'
import { parseControl, printControl } from '../../server/formats/control-paragraph.ts'
import { readDebianPackage } from '../../server/formats/debian-package.ts'
import { rangesOf } from '../../server/formats/file-ranges.ts'
import { readFreebsdPackage } from '../../server/formats/freebsd-package.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { arOf, control, debOf, tarOf } from './package-files.ts'

const readDeb = (bytes: Uint8Array) => readDebianPackage(rangesOf(bytes))
const readPkg = (bytes: Uint8Array) => readFreebsdPackage(rangesOf(bytes))

const manifest = {
  ...{ name: 'hello', version: '0.1,1', origin: 'local/hello', prefix: '/usr/local' },
  ...{ abi: 'FreeBSD:14:amd64', comment: 'says hello' },
}
const pkgOf = async (text: string, name = '+COMPACT_MANIFEST') => gzipSync(await tarOf({ [name]: text }))

test('a Debian package tells its name, version and architecture, and its control fields', async () => {
  expect(await readDeb(await debOf())).toEqual({
    ...{ format: 'DEB', name: 'hello', version: '1:0.1-1', architecture: 'amd64', control },
  })
})

test.each(['none', 'gzip', 'xz', 'zstd'])('a control archive may be compressed with %s', async (how) => {
  const tar = await tarOf({ control })
  const programs: Record<string, string[]> = { gzip: ['gzip'], xz: ['xz'], zstd: ['zstd', '-q'] }
  const [program = 'cat', ...args] = programs[how] ?? []
  const packed = execFileSync(program, [...args], { input: tar })
  const extension = { none: '', gzip: '.gz', xz: '.xz', zstd: '.zst' }[how] ?? ''
  const deb = arOf([
    ['debian-binary', Buffer.from('2.0\n')],
    [`control.tar${extension}`, packed],
  ])
  expect(await readDeb(deb)).toMatchObject({ name: 'hello', control })
})

const version = ['debian-binary', Buffer.from('2.0\n')] as const
test.each<[string, () => Buffer | Promise<Buffer>, string]>([
  ['nothing', () => Buffer.alloc(0), 'does not begin with !<arch>'],
  ['another file', () => Buffer.from('\x7fELF and more'), 'does not begin with !<arch>'],
  ['no member', () => arOf([]), 'first member is not debian-binary'],
  ['a header that is cut short', () => arOf([version]).subarray(0, 30), 'header of a member is cut short'],
  ['a member that is cut short', () => arOf([version]).subarray(0, 70), 'a member is cut short'],
  [
    'a size that is no number',
    () => Buffer.from(arOf([version]).toString('latin1').replace('4    ', '-4   '), 'latin1'),
    'not a number',
  ],
  ['version 3', () => arOf([['debian-binary', Buffer.from('3.0\n')]]), 'version is not 2.x'],
  [
    'no control archive',
    () => arOf([version, ['data.tar', Buffer.alloc(0)]]),
    'second member is not control.tar',
  ],
  ['an unknown compression', () => arOf([version, ['control.tar.lzma', Buffer.alloc(0)]]), 'not control.tar'],
  [
    'an archive without control',
    async () => arOf([version, ['control.tar', await tarOf({ './md5sums': '' })]]),
    'no control file',
  ],
  [
    'broken gzip',
    () => arOf([version, ['control.tar.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])]]),
    'gzip',
  ],
  [
    'broken xz',
    () => arOf([version, ['control.tar.xz', Buffer.from('fd377a585a00000000000000', 'hex')]]),
    'xz',
  ],
  [
    'broken zstd',
    () => arOf([version, ['control.tar.zst', Buffer.from('28b52ffd0400ffffffff', 'hex')]]),
    'zstd',
  ],
  [
    'a huge window of zstd',
    () => arOf([version, ['control.tar.zst', Buffer.from('28b52ffd00f800000000', 'hex')]]),
    'window',
  ],
  ['a broken tar', () => arOf([version, ['control.tar', Buffer.alloc(1024, 'x')]]), 'tar'],
  ['an empty control file', () => debOf(''), 'it is empty'],
  ['control that is not UTF-8', () => debOf(Buffer.from([0x50, 0xff])), 'not UTF-8'],
  ['no version', () => debOf('Package: hello\nArchitecture: all\n'), 'no field Version'],
  [
    'a version that leaves its folder',
    () => debOf(control.replace('1:0.1-1', '../1')),
    'field Version has a value',
  ],
  [
    'a version of two lines',
    () => debOf(control.replace('1:0.1-1', '1:0.1-1\n Filename: /etc/passwd')),
    'field Version has a value',
  ],
  [
    'an architecture that leaves its folder',
    () => debOf(control.replace('amd64', '../amd64')),
    'field Architecture has a value',
  ],
  ['a name with a capital', () => debOf(control.replace('hello', 'Hello')), 'field Package has a value'],
  ['a field twice', () => debOf(`${control}package: other\n`), 'is there twice'],
  ['a second paragraph', () => debOf(`${control}\nPackage: other\n`), 'second paragraph'],
  ['a control character', () => debOf(`${control}Tag: a\rb\n`), 'control character'],
])('a Debian package is refused: %s', async (_name, make, reason) => {
  await expect(readDeb(await make())).rejects.toThrow(reason)
  await expect(readDeb(await make())).rejects.toThrow(MalformedError)
})

test('what is compressed a million times over is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2), { level: 9 })
  const before = process.memoryUsage().rss
  await expect(readDeb(arOf([version, ['control.tar.gz', bomb]]))).rejects.toThrow(MalformedError)
  await expect(
    readDeb(
      arOf([version, ['control.tar.gz', gzipSync(await tarOf({ './control': Buffer.alloc(10 ** 6, 'a') }))]]),
    ),
  ).rejects.toThrow('larger than')
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 ** 2)
})

test('a FreeBSD package tells what its compact manifest says', async () => {
  const facts = { name: 'hello', version: '0.1,1', architecture: 'FreeBSD:14:amd64' }
  expect(await readPkg(await pkgOf(JSON.stringify(manifest)))).toEqual({
    ...{ format: 'FREEBSD', ...facts, control: JSON.stringify(manifest) },
  })
})

test.each<[string, () => Buffer | Promise<Buffer>, string]>([
  ['nothing', () => Buffer.alloc(0), 'no +COMPACT_MANIFEST'],
  ['no manifest', () => pkgOf('{}', '+MANIFEST'), 'no +COMPACT_MANIFEST'],
  ['UCL that is not JSON', () => pkgOf('name: hello\n'), 'it is not JSON'],
  ['a list', () => pkgOf('[]'), 'it is no object'],
  ['no origin', () => pkgOf(JSON.stringify({ ...manifest, origin: undefined })), 'origin is missing'],
  [
    'a version that leaves its folder',
    () => pkgOf(JSON.stringify({ ...manifest, version: '../1' })),
    'version is missing, or not allowed',
  ],
  ['no ABI', () => pkgOf(JSON.stringify({ ...manifest, abi: undefined })), 'architecture is missing'],
  ['a name that is no text', () => pkgOf(JSON.stringify({ ...manifest, name: 1 })), 'name is missing'],
])('a FreeBSD package is refused: %s', async (_name, make, reason) => {
  await expect(readPkg(await make())).rejects.toThrow(reason)
})

test('changed bytes give a package or a MalformedError', { timeout: 60_000 }, async () => {
  const whole = [await debOf(), await pkgOf(JSON.stringify(manifest))]
  const changes = fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...whole), changes, fc.nat(2_000), async (bytes, changed, cut) => {
      const broken = Buffer.from(bytes)
      for (const [at, value] of changed) broken[at % broken.length] = value
      for (const input of [broken, broken.subarray(0, cut)])
        for (const read of [readDeb, readPkg])
          await read(input).catch((error: unknown) => expect(error).toBeInstanceOf(MalformedError))
    }),
    { seed: 33, numRuns: 300 },
  )
})

test('a control file is printed as it was', () => {
  const text = 'Package: a\nConffiles:\n /etc/a\n /etc/b\nDescription: short\n long\n .\n end\n'
  expect(printControl(parseControl(text))).toBe(text)
  expect(printControl(parseControl(`# comment\n${text}\n`))).toBe(text)
})

test.skipIf(!hasCorpus).each([
  ['hello_0.1.0-1.deb', '0.1.0-1', 'amd64'],
  ['hello_0.2.0-1.deb', '0.2.0-1', 'amd64'],
  ['hello_0.2.1-1.deb', '0.2.1-1', 'amd64'],
  ['hello-0.1.0.txz', '0.1.0', 'FreeBSD:13:amd64'],
  ['hello-0.2.0.pkg', '0.2.0', 'FreeBSD:13:amd64'],
  ['hello-0.2.1.pkg', '0.2.1', 'FreeBSD:13:amd64'],
])('%s of the corpus is read', async (name, packageVersion, architecture) => {
  const bytes = readFileSync(corpusPath('pkg', name))
  const found = await (name.endsWith('.deb') ? readDeb(bytes) : readPkg(bytes))
  expect(found).toMatchObject({ name: 'hello', version: packageVersion, architecture })
})
