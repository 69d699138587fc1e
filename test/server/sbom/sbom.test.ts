import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importAdvisories } from '../../../server/advisories/import-advisories.ts'
import { readFeed } from '../../../server/advisories/read-feed.ts'
import { setVex } from '../../../server/advisories/set-vex.ts'
import { byServer } from '../../../server/audit/actor.ts'
import { parseEnvelope, preAuthEncoding } from '../../../server/formats/signing/dsse.ts'
import { parseStatement } from '../../../server/formats/signing/statement.ts'
import { temporaryDir, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { isLong } from '../../long.ts'
import { isInstalled } from '../../programs.ts'
import { advisory, writeFeed } from '../advisories/osv-feed.ts'
import { analyseAll } from '../analyses/analyse-all.ts'
import { uuidOf } from '../graphql-site.ts'

const hex = (digit: string) => `sha256=${digit.repeat(64)}`
/** A program with a library, and the tool that both are built with. */
const program = `
roots: ["hello.1.2"]
installed: ["hello.1.2" "dns.9.0.0" "dns-client.9.0.0" "dune.3.17"]
package "hello" { depends: ["dns-client" "dune"] license: "isc" homepage: "https://hello.example" }
package "dns" { depends: ["dune"] license: "BSD-like"
  url { src: "https://example.org/dns-9.0.0.tbz" checksum: "${hex('a')}" } }
package "dns-client" { depends: ["dns"] license: ["ISC" "MIT OR BSD-2-Clause"]
  url { src: "https://example.org/dns-9.0.0.tbz" checksum: "${hex('a')}" } }
`
/** A unikernel: its libraries are vendored, without versions. The first one is known by its checksum only. */
const unikernel = `
roots: ["kernel.0.1"]
installed: ["kernel.0.1" "dune.3.17"]
package "kernel" {
  x-mirage-opam-lock-location: "mirage/kernel.lock"
  x-opam-monorepo-duniverse-dirs: [
    ["https://example.org/x.tbz" "ocaml-dns" ["${hex('a')}"]]
    ["https://example.org/tls/releases/download/v2.0.1/tls-2.0.1.tbz" "tls" ["${hex('b')}"]]
    ["git+https://example.org/odd.git#0123456789012345678901234567890123456789" "odd" []]
  ]
  x-orb-dependencies: [["kernel" ["dns" "dns-client" "tls"]] ["dns-client" ["dns"]] ["dns" []] ["tls" []]]
}
`
const page = (n: number) => `/job/hello/build/${uuidOf(n)}`

let app: TestApp

beforeAll(async () => {
  app = await testApp({
    keep: true,
    env: { BUILDER_HUB_SIGNING: 'on', BUILDER_HUB_PUBLIC_URL: 'https://hub.example' },
  })
  // The unikernel first: what its sources are is known only when the program has come.
  const switches = [unikernel, program, null]
  for (const [n, text] of switches.entries()) {
    const inputs =
      text === null ? [] : [file('opam-switch', text), file('system-packages', 'gcc=12.2.0+b1\n')]
    await app.upload(
      sampleRecord({ uuid: uuidOf(n), artifacts: [file('bin/hello', `binary ${n}`), ...inputs] }),
    )
  }
  await app.upload(sampleRecord({ uuid: uuidOf(7), artifacts: [file('opam-switch', program)] }))
  await analyseAll(app)
})
afterAll(() => app.close())

async function json(path: string) {
  const response = await fetch(app.url + path)
  expect(response.status, path).toBe(200)
  return { type: response.headers.get('content-type'), body: JSON.parse(await response.text()) }
}

test('CycloneDX has the packages with their versions, licences, sources and dependencies', async () => {
  const { type, body } = await json(`${page(1)}/sbom.cdx.json`)
  expect(type).toContain('application/vnd.cyclonedx+json')
  expect(body.metadata.component).toMatchObject({
    ...{ type: 'application', name: 'hello', version: '1.2', purl: 'pkg:opam/hello@1.2' },
    licenses: [{ expression: 'ISC' }],
  })
  const byName = Object.fromEntries(body.components.map((one: { name: string }) => [one.name, one]))
  expect(byName).toMatchObject({
    dns: { scope: 'required', licenses: [{ license: { name: 'BSD-like' } }] },
    'dns-client': {
      purl: 'pkg:opam/dns-client@9.0.0',
      licenses: [{ expression: 'ISC AND (MIT OR BSD-2-Clause)' }],
      externalReferences: [{ type: 'distribution', hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }] }],
    },
    dune: { scope: 'excluded' },
    gcc: { scope: 'excluded', purl: 'pkg:deb/debian/gcc@12.2.0%2Bb1?distro=debian-12' },
  })
  expect(body.dependencies).toContainEqual({ ref: 'opam-dns-client', dependsOn: ['opam-dns'] })
  expect(body.compositions).toEqual([{ aggregate: 'complete', assemblies: ['opam-hello'] }])
})

test('sources that a unikernel vendors are identified by checksum, also when the switch that tells comes later, or by address', async () => {
  const { body } = await json(`${page(0)}/sbom.cdx.json`)
  expect(body.metadata.component.type).toBe('firmware')
  const found = body.components.map(
    (one: { name: string; version?: string; properties: { value: string }[] }) =>
      [one.name, one.version, one.properties[0]?.value].join(' '),
  )
  expect(found).toEqual([
    'dune 3.17 switch',
    ...['dns 9.0.0 checksum', 'dns-client 9.0.0 checksum', 'tls 2.0.1 url', 'odd  nothing'],
    'gcc 12.2.0+b1 system',
  ])
  expect(body.compositions[0].aggregate).toBe('incomplete')
  const rows = await app.deps.db.packageSetEntry.findMany({
    where: { set: { unidentifiedCount: 1 } },
    select: { identifiedBy: true, packageVersion: { select: { name: true } } },
  })
  expect(rows.map((row) => `${row.packageVersion.name} ${row.identifiedBy}`).toSorted()).toEqual([
    ...['dns C', 'dns-client C', 'dune S', 'kernel S', 'tls U'],
  ])
})

test('SPDX has the same packages', async () => {
  const { type, body } = await json(`${page(1)}/sbom.spdx.json`)
  expect(type).toContain('application/spdx+json')
  const names = body.packages.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['hello', 'dns', 'dns-client', 'dune', 'gcc'])
  expect(body.hasExtractedLicensingInfos).toEqual([
    { licenseId: 'LicenseRef-opam-1', name: 'BSD-like', extractedText: 'BSD-like' },
  ])
  expect(body.relationships).toContainEqual({
    ...{ spdxElementId: 'SPDXRef-opam-hello', relationshipType: 'DEPENDS_ON' },
    relatedSpdxElement: 'SPDXRef-opam-dns-client',
  })
})

test('a build without a switch has no bill of materials, and the answer says why', async () => {
  const response = await fetch(`${app.url}${page(2)}/sbom.cdx.json`)
  expect(response.status).toBe(404)
  expect(await response.text()).toContain('brought no opam-switch')
})

test('GraphQL tells where the bills are, and what is not identified, with one statement beside those of the build and its job', async () => {
  app.takeQueries()
  const { data, errors } = await app.graphql(`{ build(uuid: "${uuidOf(0)}") {
    sbom { format url mediaType } spdx: sbom(format: SPDX) { url signedUrl }
    contents { componentCount unidentifiedCount hasAdvisories openIssueCount issues { advisory } }
  } }`)
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(3)
  expect(data.build).toMatchObject({
    sbom: { format: 'CYCLONEDX', mediaType: 'application/vnd.cyclonedx+json' },
    spdx: {
      url: `https://hub.example${page(0)}/sbom.spdx.json`,
      signedUrl: `https://hub.example${page(0)}/sbom.spdx.intoto.json`,
    },
    contents: {
      componentCount: 5,
      unidentifiedCount: 1,
      hasAdvisories: false,
      openIssueCount: 0,
      issues: [],
    },
  })
})

/** The statement in an envelope of the site, after openssl has verified it, and refused it with another byte. */
async function signedAt(path: string) {
  const response = await fetch(app.url + path)
  expect(response.status, path).toBe(200)
  const text = await response.text()
  const { payloadType, body, signatures } = parseEnvelope(Buffer.from(text))
  const dir = temporaryDir()
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(dir, name), content)
  write('attest.pem', await (await fetch(`${app.url}/keys/attest.pem`)).text())
  write('signature', signatures[0]?.sig ?? '')
  const signed = preAuthEncoding(payloadType, body)
  const verify = () =>
    execFileSync(
      'openssl',
      'pkeyutl -verify -pubin -inkey attest.pem -rawin -in signed -sigfile signature'.split(' '),
      { cwd: dir, stdio: 'pipe' },
    ).toString()
  if (isInstalled('openssl')) {
    write('signed', signed)
    expect(verify()).toContain('Signature Verified Successfully')
    signed[signed.length - 1] = 0
    write('signed', signed)
    expect(verify).toThrow()
  }
  return { type: response.headers.get('content-type'), text, ...parseStatement(body) }
}

test('the site signs bills of materials, about the outputs of the build, and openssl verifies that', async () => {
  const kinds = [
    ['sbom.cdx', 'https://cyclonedx.org/bom', 'cyclonedx'],
    ['sbom.spdx', 'https://spdx.dev/Document/v2.3', 'spdx'],
  ]
  for (const [name, predicateType, mediaName] of kinds) {
    const signed = await signedAt(`${page(1)}/${name}.intoto.json`)
    expect(signed).toMatchObject({
      type: `application/vnd.in-toto.${mediaName}+dsse; charset=utf-8`,
      predicateType,
      predicate: (await json(`${page(1)}/${name}.json`)).body,
      subject: [
        { name: 'bin/hello', digest: { sha256: createHash('sha256').update('binary 1').digest('hex') } },
      ],
    })
    expect(await signedAt(`${page(1)}/${name}.intoto.json`)).toEqual(signed)
  }
})

test('what the operator says of known issues is signed too, as OpenVEX and as CycloneDX that names components of the bill', async () => {
  const { predicate: bill } = await signedAt(`${page(1)}/sbom.cdx.intoto.json`)
  const issues = ['T-1', 'T-2'].map((id) => advisory(id))
  const feed = readFeed(writeFeed(temporaryDir(), issues))
  await importAdvisories(app.deps, byServer(), 'feed', feed, new Date())
  const at = new Date('2026-12-01T00:00:00Z')
  await setVex(app.deps.writer, byServer(at), {
    ...{ advisoryId: 'T-2', jobs: 'hello', status: 'NOT_AFFECTED', note: 'It never asks.' },
    justification: 'VULNERABLE_CODE_NOT_IN_EXECUTE_PATH',
  })
  const openVex = await signedAt(`${page(1)}/vex.intoto.json`)
  expect(openVex).toMatchObject({
    type: 'application/vnd.in-toto.openvex+dsse; charset=utf-8',
    predicateType: 'https://openvex.dev/ns',
    predicate: {
      timestamp: '2026-12-01T00:00:00Z',
      statements: [{ status: 'under_investigation' }, { status: 'not_affected' }],
    },
  })
  const { predicate } = await signedAt(`${page(1)}/vex.cdx.intoto.json`)
  const { type, body } = await json(`${page(1)}/vex.cdx.json`)
  expect(type).toContain('application/vnd.cyclonedx+json')
  expect(predicate).toEqual(body)
  const affects = [{ ref: `${(bill['serialNumber'] as string).replace('urn:uuid:', 'urn:cdx:')}/1#opam-dns` }]
  expect(body.vulnerabilities).toMatchObject([
    { id: 'T-1', ratings: [{ score: 7.5, severity: 'high' }], affects, analysis: { state: 'in_triage' } },
    {
      ...{ id: 'T-2', affects },
      analysis: {
        ...{ state: 'not_affected', justification: 'code_not_reachable' },
        detail: 'vulnerable_code_not_in_execute_path: It never asks.',
      },
    },
  ])
  // The schema of this library takes seconds to compile.
  if (isLong) {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(JSON.stringify(body))).toBeNull()
  }
  // Bills do not change when advisories come.
  expect((await json(`${page(1)}/sbom.cdx.json`)).body).toEqual(bill)
})

test('a build without outputs has nothing that could be signed', async () => {
  const response = await fetch(`${app.url}${page(7)}/sbom.cdx.intoto.json`)
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('no output')])
  const { data } = await app.graphql(`{ build(uuid: "${uuidOf(7)}") { sbom { signedUrl } } }`)
  expect(data.build.sbom.signedUrl).toBeNull()
})
