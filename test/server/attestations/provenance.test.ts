import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { printEnvelope } from '../../../server/formats/signing/dsse.ts'
import { signEnvelope } from '../../../server/formats/signing/keys.ts'
import { parseStatement, printStatement } from '../../../server/formats/signing/statement.ts'
import { subjectsOf, type StatedBuild } from '../../../server/attestations/build-facts.ts'
import { printChecksums } from '../../../server/attestations/print-checksums.ts'
import { provenanceOf } from '../../../server/attestations/provenance.ts'
import { readMaterials } from '../../../server/attestations/read-materials.ts'
import { differenceOf } from '../../../server/attestations/rebuild-result.ts'
import { summaryOf } from '../../../server/attestations/verification-summary.ts'
import type { BuildId } from '../../../server/ids.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { firstKey } from '../../formats/signing/test-keys.ts'

const sha = (digit: string) => digit.repeat(64)
const url = 'https://hub.example'

const opamSwitch = `opam-version: "2.0"
roots: ["hello.0.2.0"]
installed: ["hello.0.2.0" "fmt.0.9.0" "old.1.0" "virtual.1"]
package "hello" {
  opam-version: "2.0"
  x-opam-monorepo-duniverse-dirs: [
    ["https://example.org/astring-0.8.5.tbz" "astring" ["sha256=${sha('a')}"]]
  ]
}
package "fmt" {
  url { src: "https://example.org/fmt-0.9.0.tbz" checksum: ["md5=${'c'.repeat(32)}" "sha512=${sha('b')}${sha('b')}"] }
}
package "old" { url { src: "https://example.org/old.tgz" checksum: "md5=${'d'.repeat(32)}" } }
`
const environment = 'OS=linux\nARCH=x86_64\nAPI_TOKEN=secret\nORB_DATA=2\n'

const build: StatedBuild = {
  ...{ id: 7 as BuildId, uuid: '5c21b0a4-6f0e-4b59-9d8e-0d3f3c1a2b3c', inputId: sha('1') },
  startedAt: new Date('2026-11-01T10:00:00.900Z'),
  finishedAt: new Date('2026-11-01T10:01:01.500Z'),
  receivedAt: new Date('2026-11-01T10:02:00Z'),
  ...{
    job: { name: 'hello world' },
    platform: { name: 'debian-12' },
    builder: 'u-0a1b2c3d',
    uploaderId: null,
  },
  ...{ scriptSha256: sha('2'), consoleSha256: sha('3'), readmeSha256: sha('4'), readmePath: 'README.md' },
  opamSwitchSha256: sha('5'),
  main: { path: 'bin/hello.hvt', sha256: sha('6') },
  artifacts: [
    { path: 'z.txt', sha256: sha('7') },
    { path: 'bin/hello.hvt', sha256: sha('6') },
    { path: 'opam-switch', sha256: sha('5') },
    { path: 'build-environment', sha256: sha('8') },
    { path: 'system-packages', sha256: sha('9') },
    { path: 'a.debug', sha256: sha('e') },
  ],
}
const materials = readMaterials(opamSwitch, environment)
const version = '1.2.3'

test('equal facts give equal bytes, which are the golden ones', () => {
  const statement = provenanceOf(build, materials, { url, version })
  const body = printStatement(statement)
  expect(JSON.parse(Buffer.from(body).toString())).toMatchSnapshot()
  const envelope = printEnvelope(signEnvelope(firstKey, 'application/vnd.in-toto+json', body))
  expect(JSON.parse(envelope).signatures).toMatchSnapshot()
  expect(Buffer.from(printStatement(provenanceOf(build, materials, { url, version })))).toEqual(
    Buffer.from(body),
  )
  expect(parseStatement(body).subject.map(({ name }) => name)).toEqual(['bin/hello.hvt', 'a.debug', 'z.txt'])
})

test('secrets of the environment, and inputs as outputs, are in no statement', () => {
  const text = Buffer.from(printStatement(provenanceOf(build, materials, { url, version }))).toString()
  expect(text).not.toContain('secret')
  expect(subjectsOf(build).map(({ name }) => name)).not.toContain('opam-switch')
})

test('a build without the files of orb, or with unreadable ones, is stated by its script and hashes', () => {
  const bare = { ...build, inputId: null, artifacts: build.artifacts.slice(0, 2), readmeSha256: null }
  const { predicate } = provenanceOf(bare, null, { url, version })
  expect(predicate).toMatchObject({
    buildDefinition: {
      buildType: 'https://hub.example/buildtypes/script/v1',
      externalParameters: { job: 'hello world', platform: 'debian-12' },
      internalParameters: {},
      resolvedDependencies: [{ name: 'script' }],
    },
    runDetails: { byproducts: [{ name: 'console' }] },
  })
})

test('a difference is stated about the earlier outputs', () => {
  const other = { uuid: '0d9f2c11-0000-4000-8000-000000000001', path: 'bin/hello.hvt', sha256: sha('f') }
  expect(differenceOf(build, [other], url)).toMatchSnapshot()
})

test('a summary names the envelopes that it is based on', () => {
  const inputs = [{ uuid: '0d9f2c11-0000-4000-8000-000000000002', envelopeSha256: sha('c') }]
  const at = new Date('2026-11-02T00:00:00.999Z')
  expect(summaryOf(build, inputs, { url, at, policy: null })).toMatchSnapshot()
})

test('checksums are written as sha256sum reads them', () => {
  expect(
    printChecksums([
      { path: 'a b', sha256: sha('1') },
      { path: 'c\\d\ne', sha256: sha('2') },
    ]),
  ).toBe(`${sha('1')}  a b\n\\${sha('2')}  c\\\\d\\ne\n`)
})

describe.skipIf(!hasCorpus)('with the corpus', () => {
  test('a real switch names each source with its hash', () => {
    const file = readFileSync(corpusPath('switches/albatross/202206/opam-switch'), 'utf8')
    const { packages } = readMaterials(file, '')
    const named = packages.filter(({ digest }) => Object.keys(digest).length > 0)
    expect([packages.length, named.length]).toMatchSnapshot()
  })
})
