import type { ExecFile, ExecRecord } from '../../server/formats/exec-record-encoder.ts'

/** Builds for the page of comparisons: pairs that differ in every part, in none, and without a reason. */

const hourMs = 3_600_000
export const comparedJob = 'compared'
export const otherJob = 'compared-too'
/** A job with more builds than the picker shows at once. */
export const oftenBuilt = { job: 'often-built', count: 120 }
export const oftenBuiltUuid = (ordinal: number) =>
  `c0310000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`

/** Would run if anything took it for HTML, and reads backwards where it can. */
export const hostileName = '<script>document.write("owned")</script><img src>'
export const hostileValue = '\u202Edenwo\u202C"><script>document.title="owned"</script>'

/** UUIDs by what the build is for. */
export const compared = {
  /** Everything differs between these two. */
  before: 'c0300000-0000-4000-8000-000000000001',
  after: 'c0300000-0000-4000-8000-000000000002',
  /** The same as `after`, built again. */
  afterAgain: 'c0300000-0000-4000-8000-000000000003',
  /** The inputs of `after`, another output. */
  drifted: 'c0300000-0000-4000-8000-000000000004',
  /** A failed build: no inputs, no output. */
  failed: 'c0300000-0000-4000-8000-000000000005',
  /** Only the environment differs from `after`; the same output. */
  elsewhere: 'c0300000-0000-4000-8000-000000000006',
  /** Another job. */
  other: 'c0300000-0000-4000-8000-000000000009',
  /** Another job with thousands of packages. */
  many: 'c0300000-0000-4000-8000-000000000007',
  /** Names and values that would run, or lead astray. */
  hostile: 'c0300000-0000-4000-8000-000000000008',
} as const

type Package = { version: string; fields?: string }

/** A switch export as `opam switch export --full` writes it. */
function opamSwitch(packages: Record<string, Package>, duniverse: readonly string[] = []): string {
  const all: Record<string, Package> = {
    ...packages,
    [comparedJob]: {
      version: '1.0.0',
      fields: `synopsis: "Compares"\n  x-opam-monorepo-duniverse-dirs: [\n    ${duniverse.join('\n    ')}\n  ]`,
    },
  }
  const installed = Object.entries(all).map(([name, { version }]) => `  "${name}.${version}"`)
  const sections = Object.entries(all).map(
    ([name, { version, fields = 'synopsis: "A package"' }]) =>
      `package "${name}" {\n  opam-version: "2.0"\n  version: "${version}"\n  ${fields}\n}`,
  )
  return [
    'opam-version: "2.0"',
    `roots: ["${comparedJob}.1.0.0"]`,
    `installed: [\n${installed.join('\n')}\n]`,
    ...sections,
    '',
  ].join('\n')
}

const folder = (name: string, version: string, digit: string) =>
  `["https://example.org/${name}-${version}.tbz" "${name}" ["sha256=${digit.repeat(64)}"]]`

const before = {
  'opam-switch': opamSwitch(
    {
      dns: { version: '7.0.2' },
      'mirage-crypto': { version: '1.2.0' },
      ocaml: { version: '5.2.1' },
      cstruct: { version: '6.2.0' },
      'old-friend': { version: '0.9' },
      'conf-gmp': {
        version: '4',
        fields: 'depexts: ["libgmp-dev"]\n  build: ["sh" "-exc" "cc -c test.c"]\n  flags: conf',
      },
      fmt: { version: '0.9.0', fields: 'synopsis: "Formats"\n  homepage: "https://example.org/fmt"' },
    },
    [folder('tls', '1.0.0', '1'), folder('arp', '3.1.1', '2'), folder('gone', '1.0', '3')],
  ),
  'build-environment': [
    'OPAMROOT=/home/builder/.opam',
    `PATH=${Array.from({ length: 8 }, (_, index) => `/opt/tools-${index}/bin`).join(':')}:/usr/bin`,
    'TZ=UTC',
    'LEFTOVER=1',
    '',
  ].join('\n'),
  'system-packages': ['gcc=12.2.0-3', 'libgmp-dev=2:6.2.1', 'make=4.3-4.1', 'm4=1.4.19-3', ''].join('\n'),
}

const after = {
  'opam-switch': opamSwitch(
    {
      dns: { version: '7.0.3' },
      'mirage-crypto': { version: '2.0.0' },
      ocaml: { version: '5.2.0' },
      cstruct: { version: '6.02.0' },
      kdf: { version: '1.0.0' },
      'conf-gmp': {
        version: '4',
        fields: 'depexts: ["libgmp-dev"]\n  build: ["sh" "-exc" "cc -c $CFLAGS test.c"]\n  flags: conf',
      },
      fmt: { version: '0.9.0', fields: 'synopsis: "Formats well"\n  homepage: "https://example.org/fmt"' },
    },
    [folder('tls', '1.0.1', '4'), folder('arp', '3.1.1', '2'), folder('new', '2.0', '5')],
  ),
  'build-environment': [
    'OPAMROOT=/home/builder/.opam',
    `PATH=${Array.from({ length: 8 }, (_, index) => `/opt/tools-${index === 5 ? 50 : index}/bin`).join(':')}:/usr/bin`,
    'TZ=Europe/Berlin',
    'SOURCE_DATE_EPOCH=1760000000',
    '',
  ].join('\n'),
  'system-packages': ['gcc=12.2.0-4', 'libgmp-dev=2:6.2.1', 'make=4.3-4.1', 'pkgconf=1.8.1', ''].join('\n'),
}

const script = (lines: string) =>
  Buffer.from(`#!/bin/sh\nset -e\n\nopam init\nopam install .\n${lines}\nmake install\n`)

type Parts = {
  hoursAgo: number
  inputs?: Record<string, string>
  binary?: string
  minutes?: number
} & Omit<Partial<ExecRecord>, 'artifacts' | 'console'>

function record(
  now: number,
  uuid: string,
  { hoursAgo, inputs = {}, binary, minutes = 6, ...rest }: Parts,
): ExecRecord {
  const startedAt = new Date(now - hoursAgo * hourMs)
  const file = (path: string, content: string): ExecFile => {
    const data = Buffer.from(content)
    return { path, sizeBytes: data.length, data: () => [data] }
  }
  return {
    uuid,
    job: comparedJob,
    platform: 'debian-12',
    startedAt,
    finishedAt: new Date(startedAt.getTime() + minutes * 60_000),
    result: { kind: 'exited', code: 0n },
    script: script('make all'),
    console: [{ deltaNs: 0n, text: Buffer.from('+ make') }],
    artifacts: [
      ...Object.entries(inputs).map(([path, content]) => file(path, content)),
      ...(binary === undefined ? [] : [file('bin/compared', binary)]),
    ],
    ...rest,
  }
}

/** `now`: milliseconds since 1970. */
export function* compareSamples(now: number): Generator<ExecRecord> {
  yield record(now, compared.before, {
    hoursAgo: 400,
    inputs: { ...before, 'old.txt': 'old' },
    binary: 'a'.repeat(90_000),
  })
  yield record(now, compared.after, {
    hoursAgo: 300,
    inputs: { ...after, 'new.txt': 'new' },
    binary: 'a'.repeat(70_000) + 'b'.repeat(125_000),
    minutes: 7.5,
    script: script('make all check\nmake doc'),
  })
  const again = { inputs: { ...after, 'new.txt': 'new' }, script: script('make all check\nmake doc') }
  yield record(now, compared.afterAgain, {
    ...again,
    hoursAgo: 290,
    binary: 'a'.repeat(70_000) + 'b'.repeat(125_000),
  })
  yield record(now, compared.drifted, {
    ...again,
    hoursAgo: 280,
    binary: 'a'.repeat(70_000) + 'c'.repeat(125_000),
  })
  yield record(now, compared.failed, {
    hoursAgo: 270,
    result: { kind: 'exited', code: 20n },
    script: script('make all check\nmake doc'),
  })
  yield record(now, compared.elsewhere, {
    ...again,
    hoursAgo: 260,
    platform: 'debian-13',
    inputs: { ...after, 'build-environment': `${after['build-environment']}LANG=C\n` },
    binary: 'a'.repeat(70_000) + 'b'.repeat(125_000),
  })
  yield record(now, compared.many, {
    hoursAgo: 250,
    job: otherJob,
    inputs: {
      'opam-switch': opamSwitch({ dns: { version: '7.0.3' } }),
      'build-environment': after['build-environment'],
      'system-packages': Array.from({ length: 1_500 }, (_, index) => `library-${index}=1.${index}\n`).join(
        '',
      ),
    },
    binary: 'another tool',
  })
  yield record(now, compared.other, {
    hoursAgo: 245,
    job: otherJob,
    inputs: { ...after, 'system-packages': 'gcc=13.1\n' },
    binary: 'another tool',
  })
  for (let ordinal = 1; ordinal <= oftenBuilt.count; ordinal++)
    yield record(now, oftenBuiltUuid(ordinal), {
      hoursAgo: 2_000 + ordinal,
      job: oftenBuilt.job,
      binary: 'often',
    })
  yield record(now, compared.hostile, {
    hoursAgo: 240,
    inputs: {
      ...after,
      'build-environment': `${hostileName}=${hostileValue}\nTZ=${hostileValue}\n`,
      'system-packages': `${hostileName}=1.0\n`,
      [hostileName.replaceAll('/', '∕')]: 'odd',
    },
    script: script(`echo '${hostileValue}'`),
    binary: 'hostile',
  })
}
