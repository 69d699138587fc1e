import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConsoleInputs } from '../../../server/formats/opam/console-packages.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { seedOf } from '../../long.ts'
import { seeded } from '../whole-record.ts'

const read = (text: string) => {
  const { packages, repositories } = readConsoleInputs(text)
  return { packages: Object.fromEntries(packages), repositories: Object.fromEntries(repositories) }
}

const console_ = `0.001s:+ orb build
0.020s:orb: [INFO] using opam repository default at 1f2e3d4c
1.000s:The following actions will be performed:
1.001s:  \u001b[32m∗\u001b[0m install \u001b[01mdns\u001b[0m           9.0.0  [required by mirage]
1.001s:  ∗ install base-bytes    base
1.002s:  ↗ upgrade tls           1.0 to 1.1.0
1.003s:  ↻ recompile lwt         5.9.2*
1.003s:===== ∗ 2   ↗ 1   ↻ 1 =====
9.000s:-> installed ppx_sexp_conv.v0.17.0
`

test('a plan of opam names packages with versions, and orb the commits of repositories', () => {
  expect(read(console_)).toEqual({
    packages: {
      ...{ dns: '9.0.0', 'base-bytes': 'base', tls: '1.1.0', lwt: '5.9.2' },
      ppx_sexp_conv: 'v0.17.0',
    },
    repositories: { default: '1f2e3d4c' },
  })
})

test.each([
  ['nothing', ''],
  ['an install of make', '- install -p -m 0644 a.h include'],
  ['a command that installs', '+ install lib/a.so /usr/lib'],
  ['a sentence', 'please install dns now'],
  ['a package without version', '  ∗ install dns'],
  ['no name', '-> installed .1.0'],
  ['a name that is too long', `-> installed ${'a'.repeat(300)}.1`],
  ['half a line of a repository', 'orb: [INFO] using opam repository default at'],
])('%s names none', (_name, text) => {
  expect(read(text)).toEqual({ packages: {}, repositories: {} })
})

test('at most 5,000 packages are read', () => {
  const lines = Array.from({ length: 6_000 }, (_, n) => `-> installed p${n}.1`)
  expect(readConsoleInputs(lines.join('\n')).packages.size).toBe(5_000)
})

test('any text is read', () => {
  const random = seeded(seedOf(2_026_30))
  const pieces = [
    ...console_.split(/(?<=\s)/),
    '∗',
    '\u001b[',
    '\0',
    '.',
    '9'.repeat(2_000),
    '\r',
    '-> installed ',
  ]
  for (let run = 0; run < 300; run++) {
    const text = Array.from({ length: random(40) }, () => pieces[random(pieces.length)]).join('')
    for (const [name, version] of readConsoleInputs(text).packages) {
      expect(name).toMatch(/^[\w+-]{1,255}$/)
      expect(version.length).toBeLessThanOrEqual(255)
    }
  }
})

test.skipIf(!hasCorpus)('a real console names the packages that opam installed', () => {
  const text = readFileSync(corpusPath('console/failing-color.txt'), 'utf8')
  expect(Object.keys(read(text).packages)).toContain('broken-unikernel')
  const make = readFileSync(corpusPath('console/solo5-make-V1.txt'), 'utf8')
  expect(read(make).packages).toEqual({ solo5: '0.9.0' })
})
