import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { inTotoKeyId, inTotoPublicKey } from '../../../server/formats/signing/in-toto-key.ts'
import { parsePublicPem, publicHalf } from '../../../server/formats/signing/keys.ts'
import {
  layoutOf,
  linkOf,
  parseLink,
  printMetadata,
  signersOfMetadata,
  signMetadata,
} from '../../../server/formats/signing/link.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { alice, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { debOf } from '../../formats/package-files.ts'
import { firstKey } from '../../formats/signing/test-keys.ts'
import { isInstalled } from '../../programs.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const bob = { name: 'bob', password: 'a long secret of bob' }
const controlOf = (version: string) =>
  `Package: hello\nVersion: ${version}\nArchitecture: amd64\nDescription: x\n`

let app: TestApp
let deb: Buffer
let url: string

beforeAll(async () => {
  deb = await debOf(controlOf('1:0.2.0-1'))
  app = await testApp({ keep: true, env: { BUILDER_HUB_SIGNING: 'on' } })
  url = app.url
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: true })
  // 1 and 2 agree; nobody has repeated 3; 4 is no package.
  await receive(alice, 1, 'bin/hello.deb', deb)
  await receive(bob, 2, 'bin/hello.deb', deb)
  await receive(bob, 3, 'bin/hello.deb', await debOf(controlOf('0.3.0-1')), 'other inputs')
  await receive(bob, 4, 'bin/hello.hvt', Buffer.from('a unikernel'), 'more inputs')
  await app.deps.runner.start()
  await vi.waitFor(
    async () =>
      expect(await app.deps.db.queuedTask.count({ where: { kind: 'ATTEST', state: 'DONE' } })).toBe(4),
    { timeout: 60_000, interval: 20 },
  )
})
afterAll(() => app.close())

async function receive(user: typeof alice, n: number, path: string, content: Buffer, packages = 'gcc=12\n') {
  const uploader = await app.deps.authenticate({ kind: 'password', ...user }, 'test')
  const inputs = ['opam-switch', 'build-environment'].map((name) => file(name, ''))
  const artifacts = [file(path, content), ...inputs, file('system-packages', packages)]
  const startedAt = new Date(Date.UTC(2026, 10, n))
  await receiveBuild(
    app.deps,
    uploader,
    encodeExecRecord(sampleRecord({ uuid: uuidOf(n), startedAt, artifacts })),
  )
}

async function get(path: string): Promise<string> {
  const response = await fetch(url + path)
  expect(response.status, path).toBe(200)
  return response.text()
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What repro-threshold 0.1.2 does for a .deb: public keys once, then the package, then one attestation for each record. */
async function votesFor(name: string, version: string, content: Uint8Array): Promise<number> {
  const [pem = ''] = JSON.parse(await get('/api/v1/meta/public-keys')).current
  expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\nMCwwBwYDK2VwBQAD/)
  const key = parsePublicPem(pem)
  const query = new URLSearchParams({ name, version, architecture: 'amd64' })
  const { records } = JSON.parse(await get(`/api/v1/packages/binary?${query}`))
  const voters = new Set<string>()
  for (const { build_id: build, artifact_id: artifact } of records) {
    const response = await fetch(`${url}/api/v1/builds/${build}/artifacts/${artifact}/attestation`)
    if (response.status !== 200) continue
    const { link, ...metadata } = parseLink(Buffer.from(await response.arrayBuffer()))
    const isOfFile = Object.values(link.products).some((digests) => digests['sha256'] === sha256(content))
    if (isOfFile) for (const signer of signersOfMetadata(metadata, [key])) voters.add(inTotoKeyId(signer))
  }
  return voters.size
}

test('repro-threshold finds one vote for what was reproduced, and none for anything else', async () => {
  expect(await votesFor('hello', '1:0.2.0-1', deb)).toBe(1)
  expect(await votesFor('hello', '1:0.2.0-1', Buffer.concat([deb, Buffer.of(0)]))).toBe(0)
  expect(await votesFor('hello', '0.3.0-1', await debOf(controlOf('0.3.0-1')))).toBe(0)
  expect(await votesFor('none', '1', deb)).toBe(0)
})

test('packages are listed with what rebuilderd says of them', async () => {
  const { total, records } = JSON.parse(await get('/api/v1/packages/binary?name=hello'))
  expect(total).toBe(2)
  expect(records.map(({ version, status }: Record<string, string>) => [version, status])).toEqual([
    ['0.3.0-1', 'UNKWN'],
    ['1:0.2.0-1', 'GOOD'],
  ])
  expect(records[1]).toMatchObject({
    ...{ distribution: 'debian', release: '12', component: 'main', architecture: 'amd64' },
    ...{
      url: `${url}/job/hello/build/${uuidOf(2)}/f/bin/hello.deb`,
      diffoscope_log_id: null,
      seen_in_last_sync: true,
    },
  })
  const totalOf = async (query: string) => JSON.parse(await get(`/api/v1/packages/binary?${query}`)).total
  expect(await totalOf('distribution=debian&release=12&component=main')).toBe(2)
  expect(await totalOf('release=13')).toBe(0)
  const limited = JSON.parse(await get(`/api/v1/packages/binary?limit=1&before=${records[0].id}`))
  expect(limited.records).toEqual([records[1]])
  expect((await fetch(`${url}/api/v1/packages/binary?limit=x`)).status).toBe(400)
  const [build] = [JSON.parse(await get(`/api/v1/builds/${records[1].build_id}`))]
  expect(build).toMatchObject({ name: 'hello', status: 'GOOD' })
  const [artifact] = JSON.parse(await get(`/api/v1/builds/${records[1].build_id}/artifacts`))
  expect(artifact).toMatchObject({ id: records[1].artifact_id, has_attestation: true })
  expect(JSON.parse(await get(`/api/v1/builds/${build.id}/artifacts/${artifact.id}`))).toEqual(artifact)
  expect(await get(`/api/v1/builds/${build.id}/log`)).toContain('hello')
  for (const path of ['builds/0', 'builds/x', 'builds/99', `builds/${build.id}/artifacts/0`, 'builds/4'])
    expect((await fetch(`${url}/api/v1/${path}`)).status, path).toBe(404)
})

test('a link has both hashes for rebuilderd, and SHA-256 alone for in-toto-verify', async () => {
  const { records } = JSON.parse(await get('/api/v1/packages/binary?version=1:0.2.0-1'))
  const path = `/api/v1/builds/${records[0].build_id}/artifacts/${records[0].artifact_id}/attestation`
  const sha512 = createHash('sha512').update(deb).digest('hex')
  const fileName = 'hello_1%3a0.2.0-1_amd64.deb'
  expect(parseLink(Buffer.from(await get(path))).link).toEqual({
    ...{
      name: `rebuild ${fileName}`,
      materials: {},
      products: { [fileName]: { sha256: sha256(deb), sha512 } },
    },
  })
  expect(parseLink(Buffer.from(await get(`${path}?digest=sha256`))).link.products).toEqual({
    [fileName]: { sha256: sha256(deb) },
  })
  expect((await fetch(`${url}/sources/hello/0.3.0-1/metadata`)).status).toBe(404)
})

test.skipIf(!isInstalled('in-toto-verify'))(
  'in-toto-verify of Debian accepts a package with this link and another one, and not with one',
  async () => {
    const name = 'hello_1%3a0.2.0-1_amd64.deb'
    const [pem = ''] = JSON.parse(await get('/api/v1/meta/public-keys')).current
    const hub = parsePublicPem(pem)
    const link = await get('/sources/hello/1%253a0.2.0-1/metadata')
    const layout = layoutOf({
      ...{ file: name, expires: '2999-01-01T00:00:00Z', threshold: 2 },
      keys: [hub, publicHalf(firstKey)],
    })
    const other = linkOf({ name: 'rebuild', materials: {}, products: { [name]: { sha256: sha256(deb) } } })
    const verify = (content: Uint8Array, withOther: boolean) => {
      const dir = temporaryDir()
      const write = (path: string, text: string | Uint8Array) => writeFileSync(join(dir, path), text)
      write('root.layout', printMetadata(signMetadata([firstKey], layout)))
      write('owner.pub', JSON.stringify(inTotoPublicKey(firstKey)))
      write(name, content)
      write(`rebuild.${inTotoKeyId(hub).slice(0, 8)}.link`, link)
      if (withOther)
        write(
          `rebuild.${inTotoKeyId(firstKey).slice(0, 8)}.link`,
          printMetadata(signMetadata([firstKey], other)),
        )
      return spawnSync('in-toto-verify', ['-l', 'root.layout', '-k', 'owner.pub', '-t', 'ed25519'], {
        cwd: dir,
      }).status
    }
    expect([verify(deb, true), verify(deb, false), verify(Buffer.concat([deb, deb]), true)]).toEqual([
      0, 1, 1,
    ])
  },
)
