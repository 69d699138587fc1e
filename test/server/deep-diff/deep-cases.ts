import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Two files that differ for a known reason, and the places where they do: as we name them, and as diffoscope does. */
export type DeepCase = {
  name: string
  file: string
  make: (side: 'left' | 'right', dir: string) => Buffer
  places: { our: RegExp; their: RegExp }[]
}

type Side = 'left' | 'right'

const run = (dir: string, program: string, args: readonly string[], env: Record<string, string> = {}) =>
  execFileSync(program, args, { cwd: dir, env: { ...process.env, ...env } })

const seconds = { left: 1_793_520_000, right: 1_793_700_000 }

function writeAt(path: string, content: string, side: Side): void {
  writeFileSync(path, content)
  utimesSync(path, seconds[side], seconds[side])
}

function compile(dir: string, date: string, flags: readonly string[] = []): Buffer {
  writeFileSync(
    join(dir, 'main.c'),
    `#include <stdio.h>\nconst char built_at[] = "${date}";\nint main(void) { return puts(built_at); }\n`,
  )
  run(dir, 'gcc', ['-O1', '-o', 'main', ...flags, 'main.c'])
  return readFileSync(join(dir, 'main'))
}

const dateOf = { left: '2026-11-01 10:01:00', right: '2026-11-03 20:01:30' }

function debian(dir: string, content: string): Buffer {
  mkdirSync(join(dir, 'p/DEBIAN'), { recursive: true })
  mkdirSync(join(dir, 'p/usr/share'), { recursive: true })
  writeFileSync(
    join(dir, 'p/DEBIAN/control'),
    'Package: hello\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: hello\n',
  )
  writeFileSync(join(dir, 'p/usr/share/hello'), content)
  run(dir, 'find', ['p', '-exec', 'touch', '-d', `@${seconds.left}`, '{}', '+'])
  run(dir, 'dpkg-deb', ['--root-owner-group', '-b', 'p', 'p.deb'], {
    SOURCE_DATE_EPOCH: String(seconds.left),
  })
  return readFileSync(join(dir, 'p.deb'))
}

function tarOf(dir: string, args: readonly string[], files = ['a', 'b']): Buffer {
  for (const name of files) writeAt(join(dir, name), `content of ${name}\n`, 'left')
  return run(dir, 'tar', ['-cf', '-', '--owner=0', '--group=0', ...args, ...files])
}

/** Cases with the programs that make such files in real builds. */
export const deepCases: readonly DeepCase[] = [
  {
    name: 'a date in a program',
    file: 'hello',
    make: (side, dir) => compile(dir, dateOf[side]),
    places: [
      { our: /^\.rodata/m, their: /\.rodata/ },
      { our: /^\.note\.gnu\.build-id$/m, their: /--notes/ },
    ],
  },
  {
    name: 'a date in a stripped program',
    file: 'hello',
    make: (side, dir) => compile(dir, dateOf[side], ['-s', '-Wl,--build-id=none']),
    places: [{ our: /^\.rodata$/m, their: /\.rodata/ }],
  },
  {
    name: 'a line in a package of Debian',
    file: 'hello.deb',
    make: (side, dir) => debian(dir, `built ${dateOf[side]}\n`),
    places: [
      { our: /data\.tar › \.\/usr\/share\/hello$/m, their: /^\.\/usr\/share\/hello$/m },
      { our: /data\.tar\.xz/, their: /^data\.tar\.xz$/m },
      { our: /control\.tar › \.\/md5sums|data\.tar/, their: /data\.tar/ },
    ],
  },
  {
    name: 'times of files in a tar',
    file: 'a.tar',
    make: (side, dir) => tarOf(dir, [`--mtime=@${seconds[side]}`]),
    places: [{ our: /^a$/m, their: /^file list$/m }],
  },
  {
    name: 'the order of a tar',
    file: 'a.tar',
    make: (side, dir) => tarOf(dir, [], side === 'left' ? ['a', 'b'] : ['b', 'a']),
    places: [{ our: /^a\.tar$/m, their: /^file list$/m }],
  },
  {
    name: 'the time in a gzip header',
    file: 'text.gz',
    make(side, dir) {
      writeAt(join(dir, 'text'), 'the same\n', side)
      return run(dir, 'gzip', ['-c', 'text'])
    },
    // Without the program file, it tells only that the files differ.
    places: [{ our: /^text\.gz$/m, their: /text\.gz/ }],
  },
  {
    name: 'a line in a tar, compressed with xz',
    file: 'a.tar.xz',
    make(side, dir) {
      writeAt(join(dir, 'a'), `${dateOf[side]}\n`, 'left')
      run(dir, 'tar', ['-cJf', 'a.tar.xz', 'a'])
      return readFileSync(join(dir, 'a.tar.xz'))
    },
    places: [{ our: /a\.tar › a$/m, their: /^a$/m }],
  },
  {
    name: 'a line in a tar, compressed with zstd, as packages of FreeBSD are',
    file: 'a.tar.zst',
    make(side, dir) {
      writeAt(join(dir, 'a'), `${dateOf[side]}\n`, 'left')
      run(dir, 'tar', ['--zstd', '-cf', 'a.tar.zst', 'a'])
      return readFileSync(join(dir, 'a.tar.zst'))
    },
    places: [{ our: /a\.tar › a$/m, their: /^a$/m }],
  },
  {
    name: 'the order of a ZIP archive',
    file: 'a.zip',
    make(side, dir) {
      for (const name of ['a', 'b']) writeAt(join(dir, name), `content of ${name}\n`, 'left')
      run(dir, 'zip', ['-X', '-q', 'a.zip', ...(side === 'left' ? ['a', 'b'] : ['b', 'a'])])
      return readFileSync(join(dir, 'a.zip'))
    },
    places: [{ our: /^a\.zip$/m, their: /zipinfo/ }],
  },
  {
    name: 'a line of a text',
    file: 'a.txt',
    make: (side) => Buffer.from(`one\n${dateOf[side]}\nthree\n`),
    places: [{ our: /^a\.txt$/m, their: /a\.txt$/m }],
  },
  {
    name: 'an object in a static library',
    file: 'liba.a',
    make(side, dir) {
      compile(dir, dateOf[side])
      run(dir, 'gcc', ['-c', '-o', 'main.o', 'main.c'])
      run(dir, 'ar', ['rcD', 'liba.a', 'main.o'])
      return readFileSync(join(dir, 'liba.a'))
    },
    places: [{ our: /^main\.o › \.rodata/m, their: /\.rodata/ }],
  },
]
