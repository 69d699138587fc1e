import { expect, test } from 'vitest'
import type { ComparedBuild } from '../../../server/diffs/compared-build.ts'
import type { BuildDiff } from '../../../server/diffs/diff-builds.ts'
import { summarize } from '../../../server/diffs/summarize.ts'

const binary = (sha256: string) => ({ path: 'bin/hello', sha256, sizeBytes: 1 })

function build(parts: Partial<ComparedBuild> = {}): ComparedBuild {
  return {
    uuid: '00000000-0000-4000-8000-000000000001',
    job: 'hello',
    platform: 'debian-12',
    startedAt: new Date(0),
    finishedAt: new Date(1000),
    recordStartedAt: null,
    recordFinishedAt: null,
    script: { sha256: '0', sizeBytes: 1 },
    mainBinary: binary('a'),
    artifacts: [],
    blobs: { open: async () => null, sizeBytes: async () => null },
    ...parts,
  }
}

const noText = { removedCount: 0, addedCount: 0, isCut: false, hunks: [], lineEnds: null }
const noValues = { onlyLeft: [], onlyRight: [], changed: [] }
const noOpam = {
  onlyLeft: [],
  onlyRight: [],
  versionChanged: [],
  fileChanged: [],
  fileUnknown: [],
  duniverse: { kind: 'compared' as const, onlyLeft: [], onlyRight: [], changed: [] },
}

function diff(
  inputs: Partial<BuildDiff['inputs']> = {},
  right: Partial<ComparedBuild> = {},
  files: Partial<BuildDiff['files']> = {},
): BuildDiff {
  return {
    left: build(),
    right: build(right),
    inputs: {
      opam: noOpam,
      environment: noValues,
      systemPackages: noValues,
      script: noText,
      unlisted: [],
      missing: [],
      ...inputs,
    },
    files: { onlyLeft: [], onlyRight: [], changed: [], equalCount: 1, ...files },
  }
}

const upgrade = (name: string) => ({ name, left: '1', right: '2', direction: 'upgrade' as const })
const change = { name: 'HOME', left: '/a', right: '/b' }
const other = { mainBinary: binary('b') }
const debugFile = { path: 'x.debug', left: binary('1'), right: binary('2') }

test.each<[text: string, diff: BuildDiff]>([
  ['Nothing changed.', diff()],
  ['The output changed. The inputs are equal: it is not reproducible.', diff({}, other)],
  [
    'The output changed. Nothing that is built or installed changed in the inputs.',
    {
      ...diff({}, { ...other, artifacts: [{ path: 'opam-switch', sha256: '2', sizeBytes: 1 }] }),
      left: build({ artifacts: [{ path: 'opam-switch', sha256: '1', sizeBytes: 1 }] }),
    },
  ],
  ['Same output. The inputs are equal. Only other artifacts differ.', diff({}, {}, { changed: [debugFile] })],
  [
    'The output changed. Only the build environment changed: 1 environment variable changed.',
    diff({ environment: { ...noValues, changed: [change] } }, other),
  ],
  [
    'Same output. Only the system changed: 2 system packages changed.',
    diff({ systemPackages: { ...noValues, onlyLeft: [{ name: 'a', value: '1' }], changed: [change] } }),
  ],
  [
    'The output changed. Nothing that is built or installed changed in what could be compared of the inputs. The build environment differs only in its line ends: LF → CR LF. Not compared: duniverse.',
    diff(
      {
        unlisted: [{ input: 'ENVIRONMENT', words: 'differs only in its line ends: LF → CR LF' }],
        missing: [{ input: 'DUNIVERSE', side: 'left', reason: 'none' }],
      },
      other,
    ),
  ],
  [
    'Same output. 2 lines of the script changed, only in how they end: LF → CR LF. The opam switch differs only in the byte order mark at its start.',
    diff({
      script: { ...noText, removedCount: 1, addedCount: 1, lineEnds: 'LF → CR LF' },
      unlisted: [{ input: 'OPAM_SWITCH', words: 'differs only in the byte order mark at its start' }],
    }),
  ],
  ['Same output. Only the platform changed: debian-12 → freebsd-14.', diff({}, { platform: 'freebsd-14' })],
  [
    'The output changed. 2 packages upgraded, 1 package downgraded, 1 package added; 1 line of the script changed.',
    diff(
      {
        opam: {
          ...noOpam,
          onlyRight: [{ name: 'kdf', version: '1' }],
          versionChanged: [upgrade('dns'), upgrade('tls'), { ...upgrade('x'), direction: 'downgrade' }],
        },
        script: { ...noText, addedCount: 1 },
      },
      other,
    ),
  ],
  [
    'Same output. What could be compared of the inputs is equal. Not compared: opam switch.',
    diff({
      opam: null,
      missing: [
        { input: 'OPAM_SWITCH', side: 'left', reason: 'none' },
        { input: 'OPAM_SWITCH', side: 'right', reason: 'none' },
      ],
    }),
  ],
  [
    'Only the left build has a main binary. 1 line of the script changed. Not compared: system packages.',
    diff(
      {
        script: { ...noText, removedCount: 1 },
        systemPackages: null,
        missing: [{ input: 'SYSTEM_PACKAGES', side: 'right', reason: 'none' }],
      },
      { mainBinary: null },
    ),
  ],
])('%s', (text, compared) => {
  expect(summarize(compared).text).toBe(text)
})

test('counts the changes', () => {
  const { output, counts } = summarize(
    diff(
      {
        opam: {
          ...noOpam,
          fileChanged: [
            { name: 'a', version: '1', isEffective: true, diff: noText },
            { name: 'b', version: '1', isEffective: false, diff: noText },
          ],
        },
        script: { ...noText, addedCount: 2, removedCount: 3 },
      },
      { mainBinary: null },
      { onlyLeft: [binary('a')], changed: [debugFile] },
    ),
  )
  expect(output).toBe('ONLY_LEFT')
  expect(counts).toMatchObject({ packagesChanged: 1, scriptLines: 5, artifacts: 2, environment: 0 })
})

const packages = {
  ...noOpam,
  onlyRight: [{ name: 'kdf', version: '1' }],
  onlyLeft: [{ name: 'zarith', version: '2' }],
  versionChanged: [upgrade('dns'), upgrade('hello')],
  fileChanged: [
    { name: 'a', version: '1', isEffective: false, diff: noText },
    { name: 'conf-gmp', version: '4', isEffective: true, diff: noText },
  ],
}
const folder = (dir: string) => ({ dir, url: 'https://example.org', hashes: [] })

test.each<[headline: string, diff: BuildDiff]>([
  ['nothing that is recorded', diff()],
  ['nothing that is recorded: not reproducible', diff({}, other)],
  ['dns 1 → 2', diff({ opam: { ...noOpam, versionChanged: [upgrade('dns')] } }, other)],
  ['kdf 1 added', diff({ opam: { ...noOpam, onlyRight: packages.onlyRight } }, other)],
  ['zarith 2 removed', diff({ opam: { ...noOpam, onlyLeft: packages.onlyLeft } }, other)],
  ['opam file of conf-gmp', diff({ opam: { ...noOpam, fileChanged: packages.fileChanged } }, other)],
  // That which is named like the job comes first.
  ['hello 1 → 2, 4 more packages', diff({ opam: packages }, other)],
  [
    'only the duniverse: tls removed, 1 more folder',
    diff({
      opam: { ...noOpam, duniverse: { ...noOpam.duniverse, onlyLeft: [folder('tls'), folder('x509')] } },
    }),
  ],
  ['only the build environment', diff({ environment: { ...noValues, changed: [change] } }, other)],
  ['only the system packages', diff({ systemPackages: { ...noValues, changed: [change] } })],
  ['only the build script', diff({ script: { ...noText, addedCount: 2 } })],
  ['only the platform: debian-12 → freebsd-14', diff({}, { platform: 'freebsd-14' })],
  [
    'dns 1 → 2; 1 line of the script; 1 environment variable; 2 system packages',
    diff(
      {
        opam: { ...noOpam, versionChanged: [upgrade('dns')] },
        script: { ...noText, addedCount: 1 },
        environment: { ...noValues, changed: [change] },
        systemPackages: { ...noValues, changed: [change, change] },
      },
      other,
    ),
  ],
  // Another platform has another system: it stands for all of that.
  [
    'dns 1 → 2; platform debian-12 → freebsd-14',
    diff(
      {
        opam: { ...noOpam, versionChanged: [upgrade('dns')] },
        systemPackages: { ...noValues, changed: [change] },
      },
      { ...other, platform: 'freebsd-14' },
    ),
  ],
  [
    'platform debian-12 → freebsd-14',
    diff({ systemPackages: { ...noValues, changed: [change] } }, { platform: 'freebsd-14' }),
  ],
  [
    'nothing that is built or installed',
    {
      ...diff({}, { artifacts: [{ path: 'opam-switch', sha256: '2', sizeBytes: 1 }] }),
      left: build({ artifacts: [{ path: 'opam-switch', sha256: '1', sizeBytes: 1 }] }),
    },
  ],
  [
    'nothing that could be compared',
    diff({ opam: null, missing: [{ input: 'OPAM_SWITCH', side: 'left', reason: 'none' }] }, other),
  ],
  [
    '1 environment variable, as far as is known',
    diff({
      opam: null,
      environment: { ...noValues, changed: [change] },
      missing: [{ input: 'OPAM_SWITCH', side: 'left', reason: 'none' }],
    }),
  ],
  [`${'x'.repeat(59)}… 1 → 2`, diff({ opam: { ...noOpam, versionChanged: [upgrade('x'.repeat(100_000))] } })],
])('changed: %s', (headline, compared) => {
  expect(summarize(compared).headline).toBe(headline)
})
