import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pack, type Header } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import { pathOf, summarizeDeepDiff } from '../../../server/deep-diff/cause-words.ts'
import { diffDeep } from '../../../server/deep-diff/deep-diff.ts'
import type { BuildTimes } from '../../../server/deep-diff/causes.ts'
import { isInstalled } from '../../programs.ts'
import { arOf } from '../../formats/package-files.ts'

const times: BuildTimes = {
  left: { startedAt: Date.UTC(2026, 10, 1, 10), finishedAt: Date.UTC(2026, 10, 1, 10, 5) },
  right: { startedAt: Date.UTC(2026, 10, 3, 20), finishedAt: Date.UTC(2026, 10, 3, 20, 5) },
}
const [leftSeconds, rightSeconds] = [times.left.startedAt / 1000 + 60, times.right.startedAt / 1000 + 90]

type Content = string | Uint8Array

async function compare(left: Content, right: Content, name = 'file') {
  const found = await diffDeep({ name, left: Buffer.from(left), right: Buffer.from(right), times })
  return {
    ...found,
    summary: summarizeDeepDiff(found),
    kinds: found.causes.map(({ kind, likelihood }) => `${kind} ${likelihood}`),
    paths: found.differences.map((_, number) => pathOf(found.differences, number)),
  }
}

async function tar(...entries: [Partial<Header> & { name: string }, string | Buffer][]): Promise<Buffer> {
  const archive = pack()
  for (const [header, content] of entries) archive.entry({ mtime: new Date(0), ...header }, content)
  archive.finalize()
  return buffer(archive as never)
}

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-deep-diff-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return dir
}

test('equal files have no differences', async () => {
  expect(await compare('same', 'same')).toMatchObject({
    differences: [],
    causes: [],
    summary: 'The files are equal.',
  })
})

/** Each with the cause that it is made for. */
const texts: [name: string, left: Content, right: Content, kinds: string[]][] = [
  ['a date of the build', 'built 2026-11-01 10:01:00\n', 'built 2026-11-03 20:01:30\n', ['TIMESTAMP LIKELY']],
  ['a date of __DATE__', 'on Nov  1 2026 here', 'on Nov  3 2026 here', ['TIMESTAMP LIKELY']],
  ['a date of date(1)', 'Sun Nov  1 10:01:00 UTC 2026', 'Tue Nov  3 20:01:30 UTC 2026', ['TIMESTAMP LIKELY']],
  ['seconds since 1970', `at ${leftSeconds}\n`, `at ${rightSeconds}\n`, ['TIMESTAMP LIKELY']],
  ['another date', 'on 2020-01-01', 'on 2021-05-06', ['TIMESTAMP POSSIBLE']],
  ['ten digits', 'id 1234567890', 'id 1234567891', []],
  ['a folder', 'at /build/one/src/main.c:3', 'at /build/two/src/main.c:3', ['BUILD_PATH LIKELY']],
  ['an account', 'by root@host-a.example', 'by root@host-b.example', ['HOST_NAME LIKELY']],
  ['a user', 'by alice@host', 'by bob@host', ['USER LIKELY']],
  ['lines in another order', 'b\na\nc\n', 'c\nb\na\n', ['ORDER LIKELY']],
  ['lines as a language sorts', 'B\nC\na\nz\n', 'a\nB\nC\nz\n', ['LOCALE LIKELY']],
  ['a locale', 'LANG is en_US.UTF-8', 'LANG is C.UTF-8', ['LOCALE LIKELY']],
  ['a number', 'answer 41', 'answer 42', []],
  ['a time in binary', binary(leftSeconds), binary(rightSeconds), ['TIMESTAMP LIKELY']],
  [
    'random bytes',
    Buffer.from(`00${'0123456789abcdeffedcba9876543210'}00`, 'hex'),
    Buffer.from(`00${'1032547698badcfeefcdab8967452301'}00`, 'hex'),
    ['RANDOMNESS POSSIBLE'],
  ],
  ['code that differs', Buffer.from('000102030405', 'hex'), Buffer.from('000102030499', 'hex'), []],
]

function binary(seconds: number): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.writeUInt32LE(seconds, 32)
  return bytes
}

test.each(texts)('the cause of %s', async (_name, left, right, kinds) => {
  const found = await compare(left, right)
  expect(found.kinds).toEqual(kinds)
  expect(found.differences).toHaveLength(1)
})

test('a text of one long line is compared as bytes', async () => {
  const found = await compare(`${'a'.repeat(5_000)}b`, `${'a'.repeat(5_000)}c`)
  expect(found.differences).toMatchObject([{ kind: 'TEXT', text: null, places: [{ leftOffset: 5_000 }] }])
})

test('no cause without evidence: the place of the difference is told', async () => {
  expect((await compare('answer 41', 'answer 42', 'answer.txt')).summary).toBe(
    'The cause is unknown. The first difference is in answer.txt.',
  )
})

test('a gzip header with another time is found, and the content is equal', async () => {
  const stamped = (seconds: number) => {
    const bytes = gzipSync('the same')
    bytes.writeUInt32LE(seconds, 4)
    return bytes
  }
  const found = await compare(stamped(leftSeconds), stamped(rightSeconds))
  expect(found.kinds).toEqual(['TIMESTAMP LIKELY'])
  expect(found.differences).toMatchObject([
    {
      kind: 'GZIP',
      values: [{ name: 'modification time', left: '2026-11-01T10:01:00Z', right: '2026-11-03T20:01:30Z' }],
    },
  ])
})

test('the same content in another compression is told', async () => {
  const content = 'the same again and again '.repeat(1000)
  const found = await compare(gzipSync(content, { level: 1 }), gzipSync(content, { level: 9 }))
  expect(found.kinds).toContain('COMPRESSION LIKELY')
  expect(found.differences[0]).toMatchObject({ remark: 'the same content, compressed otherwise' })
})

test('members of a tar: order, metadata, and those of one side', async () => {
  const left = await tar(
    [{ name: 'a', mode: 0o644, uname: 'alice', uid: 1000 }, 'one'],
    [{ name: 'b' }, 'two'],
    [{ name: 'only-left' }, 'x'],
  )
  const right = await tar(
    [{ name: 'b' }, 'two'],
    [{ name: 'a', mode: 0o664, uname: 'bob', uid: 1001 }, 'one'],
    [{ name: 'only-right' }, 'y'],
  )
  const found = await compare(left, right)
  expect(found.kinds).toEqual(['ORDER LIKELY', 'USER LIKELY', 'FILE_MODE LIKELY'])
  expect(found.differences).toMatchObject([
    { kind: 'TAR', remark: 'the same members in another order: first a against b' },
    {
      name: 'a',
      kind: 'METADATA',
      values: [
        { name: 'owner', left: 'alice (1000)', right: 'bob (1001)' },
        { name: 'mode', left: '0644', right: '0664' },
      ],
    },
    { name: 'only-left', presence: 'ONLY_LEFT' },
    { name: 'only-right', presence: 'ONLY_RIGHT' },
  ])
})

test('many members with another time alone are one line', async () => {
  const made = (ms: number) =>
    tar(
      ...Array.from({ length: 30 }, (_, i): [{ name: string; mtime: Date }, string] => [
        { name: `f${i}`, mtime: new Date(ms) },
        'x',
      ]),
    )
  const found = await compare(await made(leftSeconds * 1000), await made(rightSeconds * 1000))
  expect(found.kinds).toEqual(['TIMESTAMP LIKELY'])
  expect(found.paths).toEqual(['file', '30 members'])
})

test('a package of Debian is opened to the line that differs', async () => {
  const deb = async (text: string) =>
    arOf([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.gz', gzipSync(await tar([{ name: './control' }, 'Package: hello\n']))],
      ['data.tar.gz', gzipSync(await tar([{ name: './usr/share/doc/hello/built' }, text]))],
    ])
  const found = await compare(await deb('on 2026-11-01\n'), await deb('on 2026-11-03\n'))
  expect(found.paths.at(-1)).toBe('data.tar.gz › data.tar › ./usr/share/doc/hello/built')
  expect(found.differences.at(-1)?.text?.hunks[0]?.lines).toEqual(['-on 2026-11-01', '+on 2026-11-03'])
  expect(found.kinds).toEqual(['TIMESTAMP LIKELY'])
})

test('containers in containers are opened to a bound', async () => {
  const nested = (text: string) =>
    Array.from({ length: 12 }).reduce((content: Buffer) => gzipSync(content), Buffer.from(text))
  const found = await compare(nested('a'), nested('b'))
  expect(found.differences).toHaveLength(9)
  expect(found.differences.at(-1)?.remark).toBe('archives in archives are opened 8 deep')
})

test('what decompresses to more than the bound is compared as bytes', async () => {
  const bomb = (end: string) =>
    gzipSync(gzipSync(Buffer.concat([Buffer.alloc(600 * 1024), Buffer.from(end)])))
  const contents = { name: 'bomb', left: bomb('a'), right: bomb('b'), times }
  const found = await diffDeep(contents, { inflatedBytes: 1024 ** 2 })
  expect(found.differences.at(-1)?.remark).toMatch(
    /^compared as bytes: malformed gzip .*more than is compared$/,
  )
})

test('after its time, a comparison goes no deeper', async () => {
  let clock = 0
  const found = await diffDeep(
    { name: 'late', left: gzipSync('a'), right: gzipSync('b'), times },
    { now: () => (clock += 5_000) },
  )
  expect(found.differences.at(-1)?.remark).toBe('compared as bytes: there is too much to compare')
})

describe.skipIf(!isInstalled('gcc'))('programs of gcc', () => {
  function compile(source: string, flags: readonly string[] = []): Buffer {
    const dir = temporaryDir()
    writeFileSync(join(dir, 'main.c'), source)
    execFileSync('gcc', ['-O1', '-o', 'main', ...flags, 'main.c'], { cwd: dir })
    return readFileSync(join(dir, 'main'))
  }
  const source = (date: string, order: readonly string[]) =>
    [
      '#include <stdio.h>',
      `const char built_at[] = "${date}";`,
      ...order.map(
        (name) => `__attribute__((noinline)) int ${name}(int x) { return x * ${name.length} + 1; }`,
      ),
      'int main(int n, char **v) { puts(built_at); return first(n) + second_one(n) + third_function(n); }',
    ].join('\n')
  const functions = ['first', 'second_one', 'third_function']

  test('a date is found in the symbol that holds it', async () => {
    const found = await compare(
      compile(source('2026-11-01 10:01:00', functions)),
      compile(source('2026-11-03 20:01:30', functions)),
    )
    expect(found.kinds).toEqual(['TIMESTAMP LIKELY', 'BUILD_ID POSSIBLE'])
    expect(found.paths).toEqual(['file', '.note.gnu.build-id', '.rodata', '.rodata › built_at'])
    expect(found.differences.at(-1)?.places[0]).toMatchObject({
      leftText: '2026-11-01 10:01:00',
      rightText: '2026-11-03 20:01:30',
    })
  })

  test('functions in another order are told as that', async () => {
    const found = await compare(
      compile(source('same', functions)),
      compile(source('same', functions.toReversed())),
    )
    expect(found.kinds[0]).toBe('ORDER LIKELY')
  })

  test('a function that grew is named, before those that moved', async () => {
    const longer = source('same', functions).replace('x * 5 + 1', 'x % 7 ? x * 5 + printf("%d", x) : x / 3')
    const found = await compare(compile(source('same', functions)), compile(longer))
    expect(found.paths).toContain('.text › first')
    expect(found.kinds).toEqual(['BUILD_ID POSSIBLE'])
  })
})

describe.skipIf(!isInstalled('dpkg-deb'))('packages of dpkg-deb', () => {
  test('times of files are told', async () => {
    const build = (seconds: number) => {
      const dir = temporaryDir()
      mkdirSync(join(dir, 'p/DEBIAN'), { recursive: true })
      writeFileSync(
        join(dir, 'p/DEBIAN/control'),
        'Package: hello\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: hello\n',
      )
      writeFileSync(join(dir, 'p/file'), 'content')
      for (const path of ['p/file', 'p', 'p/DEBIAN', 'p/DEBIAN/control'])
        utimesSync(join(dir, path), seconds, seconds)
      execFileSync('dpkg-deb', ['--root-owner-group', '-b', 'p', 'p.deb'], {
        cwd: dir,
        env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds) },
      })
      return readFileSync(join(dir, 'p.deb'))
    }
    const found = await compare(build(leftSeconds), build(rightSeconds))
    expect(found.kinds).toEqual(['TIMESTAMP LIKELY'])
    expect(found.paths).toContain('data.tar.xz › data.tar › ./file')
  })
})
