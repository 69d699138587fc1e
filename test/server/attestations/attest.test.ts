import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { parseEnvelope } from '../../../server/formats/signing/dsse.ts'
import { keyIdOf, publicHalf, signersOf } from '../../../server/formats/signing/keys.ts'
import { parseStatement } from '../../../server/formats/signing/statement.ts'
import { rotateKey } from '../../../server/signing/manage-keys.ts'
import { siteKeys } from '../../../server/signing/site-keys.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { alice, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { waysToCheck } from '../../../web/check/commands.ts'
import { hub } from '../../hub.ts'
import { isInstalled } from '../../programs.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const bob = { name: 'bob', password: 'a long secret of bob' }
const binary = 'a unikernel'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const inputs = [
  file('opam-switch', 'opam-version: "2.0"\nroots: ["hello.1"]\ninstalled: ["hello.1"]\n'),
  file('build-environment', 'OS=linux\n'),
  file('system-packages', 'gcc=12.2.0\n'),
]
const withOutput = (content: string) => [file('bin/hello.hvt', content), ...inputs]
const page = (n: number) => `/job/hello/build/${uuidOf(n)}`

let app: TestApp

beforeAll(async () => {
  app = await testApp({
    keep: true,
    env: { BUILDER_HUB_SIGNING: 'on', BUILDER_HUB_PUBLIC_URL: 'https://hub.example' },
  })
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: true })
  await app.deps.runner.start()
  // 1 and 2 agree, by two users; 3 differs; 4 has no output. One after the other: the order decides what is stated.
  await receive(alice, 1, withOutput(binary))
  await stated(1, 1)
  await receive(bob, 2, withOutput(binary))
  await stated(2, 2)
  await receive(bob, 3, withOutput('another unikernel'))
  await stated(3, 2)
  await receive(alice, 4, inputs)
})
afterAll(() => app.close())

async function receive(user: typeof alice, n: number, artifacts: ReturnType<typeof withOutput>) {
  const uploader = await app.deps.authenticate({ kind: 'password', ...user }, 'test')
  const startedAt = new Date(Date.UTC(2026, 10, n))
  await receiveBuild(
    app.deps,
    uploader,
    encodeExecRecord(sampleRecord({ uuid: uuidOf(n), startedAt, artifacts })),
  )
}

/** The tasks of a build have come so far. */
const until = (count: () => Promise<number>, wanted: number) =>
  vi.waitFor(async () => expect(await count()).toBe(wanted), { timeout: 60_000, interval: 20 })

const stated = (n: number, count: number) =>
  until(() => app.deps.db.attestation.count({ where: { build: { uuid: uuidOf(n) } } }), count)

async function get(path: string): Promise<string> {
  const response = await fetch(`${app.url}${path}`)
  expect(response.status, path).toBe(200)
  return response.text()
}

async function statementsAt(path: string) {
  const lines = (await get(path)).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const envelope = parseEnvelope(Buffer.from(line))
    return { envelope, statement: parseStatement(envelope.body) }
  })
}

test('each build with an output has a provenance that the published key verifies', async () => {
  const key = createPublicKey(await get('/keys/attest.pem'))
  const [found, ...others] = await statementsAt(`${page(1)}/attestations`)
  expect(others).toEqual([])
  if (!found) throw new Error('there is no statement')
  expect(signersOf(found.envelope, [key])).toHaveLength(1)
  expect(found.statement).toMatchObject({
    subject: [{ name: 'bin/hello.hvt', digest: { sha256: sha256(binary) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://hub.example/buildtypes/orb/v1',
        externalParameters: { job: 'hello', platform: 'debian-12', opamPackage: 'hello.1' },
      },
      runDetails: {
        builder: { id: expect.stringMatching(/^https:\/\/hub\.example\/builders\/u-[0-9a-f]{8}$/) },
      },
    },
  })
  expect(await get(`${page(4)}/attestations`)).toBe('')
})

test('where a second user has the same output from the same inputs, the site says that it is confirmed', async () => {
  const kinds = (await statementsAt(`${page(2)}/attestations`)).map(({ statement }) => statement)
  expect(kinds.map(({ predicateType }) => predicateType.split('/').at(-2))).toEqual([
    'provenance',
    'verification_summary',
  ])
  const [own, other] = await Promise.all(
    [2, 1].map(async (n) => sha256((await get(`${page(n)}/attestations`)).split('\n')[0] ?? '')),
  )
  expect(kinds[1]?.predicate).toMatchObject({
    verificationResult: 'PASSED',
    inputAttestations: [{ digest: { sha256: own } }, { digest: { sha256: other } }],
  })
})

test('a rebuild that differs is stated, about the earlier output', async () => {
  const [, found] = await statementsAt(`${page(3)}/attestations`)
  expect(found?.statement).toMatchObject({
    subject: [{ name: `bin/hello.hvt of ${uuidOf(1)}`, digest: { sha256: sha256(binary) } }],
    predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
    predicate: {
      result: 'FAILED',
      failedTests: ['rebuild'],
      url: `https://hub.example/compare/${uuidOf(1)}/${uuidOf(3)}`,
    },
  })
})

test('statements are found by artifact and by content', async () => {
  const ofContent = await statementsAt(`/hash/${sha256(binary)}/attestations`)
  expect(ofContent).toHaveLength(4)
  expect(await statementsAt(`${page(2)}/attestations/bin/hello.hvt`)).toHaveLength(2)
  expect(await statementsAt(`${page(2)}/attestations/opam-switch`)).toEqual([])
  expect((await fetch(`${app.url}/hash/xyz/attestations`)).status).toBe(400)
  expect(await get(`/hash/${'0'.repeat(64)}/attestations`)).toBe('')
  for (const path of [`${page(9)}/attestations`, `${page(1)}/attestations/none`, `/attestation/${uuidOf(9)}`])
    expect((await fetch(app.url + path)).status, path).toBe(404)
})

test('GraphQL gives the statements of a build, and each is at its address', async () => {
  const query = `{ build(uuid: "${uuidOf(2)}") {
    attestations { uuid kind predicateType keyId isKeyRevoked statedAt sha256 url bundleUrl }
    artifacts(first: 1) { nodes { path attestations { kind } } }
  } }`
  const { data, errors } = await app.graphql(query)
  expect(errors).toBeUndefined()
  expect(data.build.attestations.map(({ kind }: { kind: string }) => kind)).toEqual([
    'PROVENANCE',
    'CONFIRMED',
  ])
  expect(data.build.artifacts.nodes).toEqual([
    { path: 'bin/hello.hvt', attestations: [{ kind: 'PROVENANCE' }, { kind: 'CONFIRMED' }] },
  ])
  const [first] = data.build.attestations
  const path = `/attestation/${first.uuid}`
  const response = await fetch(app.url + path)
  expect(response.headers.get('content-type')).toBe('application/vnd.in-toto.provenance+dsse')
  expect(response.headers.get('cache-control')).toContain('immutable')
  expect(sha256(await response.text())).toBe(first.sha256)
  const bundle = JSON.parse(await get(`${path}/bundle`))
  const { signatures, ...unsigned } = parseEnvelope(Buffer.from(JSON.stringify(bundle.dsseEnvelope)))
  const key = createPublicKey(await get('/keys/sigstore.pem'))
  expect(signersOf({ ...unsigned, signatures }, [key])).toHaveLength(1)
  expect(bundle.verificationMaterial.publicKey.hint).toBe(signatures[0]?.keyid)
})

test('a page of a build asks two statements more for its attestations', async () => {
  await app.deps.writer.transact(['facts'], async () => {})
  app.takeQueries()
  await app.graphql(`{ build(uuid: "${uuidOf(2)}") { uuid attestations { kind keyId } } }`)
  const statements = app.takeQueries().filter((query) => /Attestation|SigningKey/.test(query))
  expect(statements.length).toBeGreaterThan(0)
  expect(statements.length).toBeLessThanOrEqual(2)
})

test('a task that runs again states nothing twice, and a new key states anew', async () => {
  const { db, writer } = app.deps
  const again = () =>
    writer.transact(['tasks'], async (tx) => {
      await tx.queuedTask.updateMany({
        where: { kind: 'ATTEST', key: uuidOf(1) },
        data: { state: 'PENDING' },
      })
    })
  const isDone = () =>
    until(() => db.queuedTask.count({ where: { kind: 'ATTEST', key: uuidOf(1), state: 'DONE' } }), 1)
  const before = await get(`${page(1)}/attestations`)
  await again()
  await isDone()
  expect(await get(`${page(1)}/attestations`)).toBe(before)
  const old = (await siteKeys(app.deps, new Date()))?.ATTEST.privateKey
  await rotateKey(app.deps, byServer(), 'ATTEST')
  await again()
  // The output is disputed by now: no more than the provenance.
  await stated(1, 2)
  const [first, second] = await statementsAt(`${page(1)}/attestations`)
  const next = (await siteKeys(app.deps, new Date()))?.ATTEST.privateKey
  if (!first || !second || !old || !next) throw new Error('a statement or key is missing')
  expect(Buffer.from(first.envelope.body)).toEqual(Buffer.from(second.envelope.body))
  const keys = [publicHalf(old), publicHalf(next)]
  const signers = [first, second].map(({ envelope }) => signersOf(envelope, keys).map(keyIdOf))
  expect(signers).toEqual([[keyIdOf(old)], [keyIdOf(next)]])
})

describe('checksums', () => {
  const files = async (names: readonly string[]) => {
    const dir = temporaryDir()
    for (const name of names) writeFileSync(join(dir, name), await get(`${page(1)}/${name}`))
    return {
      dir,
      run: (program: string, args: string[], input?: string) =>
        spawnSync(program, args, { cwd: dir, input }).status,
    }
  }

  test.skipIf(!isInstalled('minisign', 'ssh-keygen'))('minisign and ssh-keygen verify them', async () => {
    const { dir, run } = await files(['SHA256SUMS', 'SHA256SUMS.minisig', 'SHA256SUMS.sshsig'])
    writeFileSync(join(dir, 'minisign.pub'), await get('/keys/minisign.pub'))
    writeFileSync(join(dir, 'allowed_signers'), await get('/keys/allowed_signers'))
    const sums = await get(`${page(1)}/SHA256SUMS`)
    expect(sums).toContain(`${sha256(binary)}  bin/hello.hvt\n`)
    const ssh = (text: string) =>
      run(
        'ssh-keygen',
        [
          '-Y',
          'verify',
          '-f',
          'allowed_signers',
          '-I',
          'hub.example',
          '-n',
          'builder-hub',
          '-s',
          'SHA256SUMS.sshsig',
        ],
        text,
      )
    expect([run('minisign', ['-Vm', 'SHA256SUMS', '-p', 'minisign.pub']), ssh(sums)]).toEqual([0, 0])
    writeFileSync(join(dir, 'SHA256SUMS'), `${sums}x`)
    expect([run('minisign', ['-Vm', 'SHA256SUMS', '-p', 'minisign.pub']), ssh(`${sums}x`)]).toEqual([1, 255])
  })

  test.skipIf(!isInstalled('in-toto-verify', 'tar'))(
    'in-toto-verify takes the archive of a reproduced build alone',
    async () => {
      // Its output is that of no other build, and has another input.
      await receive(alice, 5, [
        file('bin/hello.hvt', 'third'),
        ...inputs.slice(0, 2),
        file('system-packages', 'x'),
      ])
      await receive(bob, 6, [
        file('bin/hello.hvt', 'third'),
        ...inputs.slice(0, 2),
        file('system-packages', 'x'),
      ])
      const response = await fetch(`${app.url}${page(5)}/in-toto.tar.gz`)
      const archive = Buffer.from(await response.arrayBuffer())
      const dir = temporaryDir()
      writeFileSync(join(dir, 'in-toto.tar.gz'), archive)
      execFileSync('tar', ['-xzf', 'in-toto.tar.gz'], { cwd: dir })
      execFileSync('rm', ['in-toto.tar.gz'], { cwd: dir })
      const verify = (content: string) => {
        writeFileSync(join(dir, 'hello.hvt'), content)
        return spawnSync('in-toto-verify', ['-l', 'root.layout', '-k', 'hub.pub', '-t', 'ed25519'], {
          cwd: dir,
        }).status
      }
      expect([verify('third'), verify('Third')]).toEqual([0, 1])
      expect((await fetch(`${app.url}${page(3)}/in-toto.tar.gz`)).status).toBe(404)
    },
  )
})

test('hub verify-file says whether the site has signed a file', async () => {
  const dir = temporaryDir()
  const [good, bad] = [join(dir, 'good'), join(dir, 'bad')]
  writeFileSync(good, binary)
  writeFileSync(bad, `${binary}!`)
  const keys = await siteKeys(app.deps, new Date())
  const keyId = keys ? keyIdOf(keys.ATTEST.privateKey) : ''
  const run = (...args: string[]) => hub(['verify-file', ...args, '--url', `${app.url}/`])
  await app.deps.transparency.sequence()
  const checked = await run(good)
  expect(checked).toMatchObject({ status: 0, stderr: '' })
  expect(checked.stdout).toMatch(
    /^sha256 [0-9a-f]{64}\nsigned by [0-9a-f]{64}: a build has made it; entry \d+ of the log hub\.example\/log\n/,
  )
  expect(checked.stdout).toContain('another builder has made the same file from the same inputs')
  expect((await run(good, '--key', keyId, '--json')).status).toBe(0)
  expect(await run(bad)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('has signed nothing about'),
  })
  expect((await run(good, '--key', '0'.repeat(64))).status).toBe(3)
  const gone = await hub(['verify-file', good, '--url', 'http://127.0.0.1:9'])
  expect(gone).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be reached') })
})

describe('the commands on the page', () => {
  const ways = async (n: number, keyId?: string) => {
    const { data } = await app.graphql(`{ build(uuid: "${uuidOf(n)}") { attestations { kind keyId url } } }`)
    const provenance = data.build.attestations.findLast(({ kind }: { kind: string }) => kind === 'PROVENANCE')
    return waysToCheck({
      ...{ origin: app.url, build: app.url + page(n), file: `${app.url}${page(n)}/f/bin/hello.hvt` },
      ...{ fileName: "it's hello.hvt", isReproduced: true, keyId: keyId ?? provenance.keyId },
      signer: 'hub.example',
      attestation: app.url + new URL(provenance.url).pathname,
    })
  }
  /** Exit status of the commands, as they are shown, in an empty folder; `spoil` runs before those that verify. */
  const run = (commands: string, spoil = '') => {
    const lines = commands.split('\n')
    const firstCheck = lines.findIndex((line) => !line.startsWith('curl'))
    const script = [...lines.slice(0, firstCheck), spoil, ...lines.slice(firstCheck)].join('\n')
    return new Promise((resolve) => {
      spawn('sh', ['-e'], { cwd: temporaryDir(), stdio: ['pipe', 'ignore', 'ignore'] })
        .on('close', resolve)
        .stdin.end(script)
    })
  }

  test.skipIf(!isInstalled('openssl', 'jq', 'curl')).each([
    ['openssl', ['openssl', 'jq', 'curl']],
    ['minisign', ['minisign', 'curl']],
    ['ssh-keygen', ['ssh-keygen', 'curl']],
    ['in-toto', ['in-toto-verify', 'curl', 'tar']],
  ])('those for %s pass, and fail for a file with another byte', async (title, programs) => {
    if (!isInstalled(...programs)) return
    // in-toto knows the file by its own name.
    const found = (await ways(title === 'in-toto' ? 5 : 1)).find((way) => way.title === title)
    const commands =
      title === 'in-toto' ? found?.commands.replace("'it'\\''s hello.hvt'", 'hello.hvt') : found?.commands
    expect(await run(commands ?? '')).toBe(0)
    expect(await run(commands ?? '', 'for f in *hello.hvt; do printf x >> "$f"; done')).not.toBe(0)
  })

  test.skipIf(!isInstalled('openssl', 'jq', 'curl'))(
    'openssl refuses another key than the one that is named',
    async () => {
      const [way] = await ways(1, '0'.repeat(64))
      expect(await run(way?.commands ?? '')).not.toBe(0)
    },
  )
})

test('the texts that statements refer to are there', async () => {
  expect(await get('/buildtypes/orb/v1')).toContain('opam switch')
  expect(await get('/buildtypes/script/v1')).toContain('lacks')
  expect(await get('/builders/u-12345678')).toContain('did not run the builds itself')
  expect(await get('/policies/two-builders/v1')).toContain('two different users')
})
