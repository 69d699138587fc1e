import { createPublicKey } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, afterAll, expect, onTestFinished, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { checkKeys } from '../../../server/doctor/check-keys.ts'
import { parseEnvelope } from '../../../server/formats/signing/dsse.ts'
import { keyIdOf, publicHalf, signersOf } from '../../../server/formats/signing/keys.ts'
import { parseVerifierKey } from '../../../server/formats/signing/signed-note.ts'
import { keyFile, nextKeyFile } from '../../../server/signing/key-files.ts'
import { keyPurposes, makeKey } from '../../../server/signing/key-purpose.ts'
import { revokeKey, rotateKey } from '../../../server/signing/manage-keys.ts'
import { rowOf, siteKeys } from '../../../server/signing/site-keys.ts'
import { testApp, type TestApp } from '../../app.ts'
import { hub } from '../../hub.ts'

const env = { BUILDER_HUB_SIGNING: 'on', BUILDER_HUB_PUBLIC_URL: 'https://hub.example' }
const now = new Date('2026-11-01T10:00:00Z')
const act = byServer(new Date('2026-11-20T10:00:00Z'))

let app: TestApp
let dataDir: string
beforeAll(async () => {
  app = await testApp({ env, keep: true })
  dataDir = app.deps.config.dataDir
  await siteKeys(app.deps, now)
})
afterAll(() => app.close())

/** A site of its own, for tests that break something. */
async function site() {
  const { deps, graphql, url } = await testApp({ env })
  const keys = () => siteKeys(deps, now)
  return { deps, graphql, url, keys, dataDir: deps.config.dataDir }
}

const get = async (path: string) => {
  const response = await fetch(`${app.url}${path}`)
  expect(response.status, path).toBe(200)
  return response.text()
}

test('keys are made once, for their owner alone, and stay', async () => {
  const first = await siteKeys(app.deps, now)
  const again = await siteKeys(app.deps, now)
  for (const purpose of keyPurposes) {
    const file = keyFile(dataDir, purpose)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(first && keyIdOf(first[purpose].privateKey)).toBe(again && keyIdOf(again[purpose].privateKey))
    expect(first?.[purpose].id).toBe(again?.[purpose].id)
  }
  expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(dataDir, 'keys')).filter((name) => name.includes('partial'))).toEqual([])
  expect(await app.deps.db.signingKey.count()).toBe(3)
})

test('the public halves are published in the form of each program', async () => {
  const keys = await siteKeys(app.deps, now)
  const id = keys && keyIdOf(keys.ATTEST.privateKey)
  const set = JSON.parse(await get('/keys.json'))
  expect(set.keys.map(({ alg, purpose }: Record<string, string>) => [purpose, alg])).toEqual([
    ['ATTEST', 'EdDSA'],
    ['LOG', 'EdDSA'],
    ['SIGSTORE', 'ES256'],
  ])
  expect(set.keys[0]).toMatchObject({
    kid: id,
    use: 'sig',
    activeFrom: '2026-11-01T10:00:00Z',
    retiredAt: null,
  })
  expect(keyIdOf(createPublicKey({ key: set.keys[0], format: 'jwk' }))).toBe(id)
  expect(keyIdOf(createPublicKey(await get('/keys/attest.pem')))).toBe(id)
  expect(createPublicKey(await get('/keys/sigstore.pem')).asymmetricKeyType).toBe('ec')
  expect(await get('/keys/minisign.pub')).toMatch(
    /^untrusted comment: minisign public key [0-9A-F]{16}\nRW[\w+/]+\n$/,
  )
  expect(await get('/keys/allowed_signers')).toMatch(
    /^hub\.example namespaces="builder-hub" ssh-ed25519 AAAA[\w+/]+\n$/,
  )
  expect(parseVerifierKey(await get('/keys/log.vkey')).name).toBe('hub.example/log')
  expect(await get('/keys/rotations.jsonl')).toBe('')
})

test('GraphQL gives the keys by one statement', async () => {
  app.takeQueries()
  const { data } = await app.graphql(
    '{ keys { purpose algorithm keyId isCurrent minisign ssh inTotoKeyId verifierKey jwkThumbprint introduction } }',
  )
  expect(app.takeQueries()).toHaveLength(1)
  expect(data.keys).toHaveLength(3)
  expect(data.keys[0]).toMatchObject({
    purpose: 'ATTEST',
    algorithm: 'ED25519',
    isCurrent: true,
    verifierKey: null,
  })
  expect(data.keys[1]).toMatchObject({ purpose: 'LOG', minisign: null, ssh: null, inTotoKeyId: null })
})

test('a rotated key introduces the next one, and stays published', async () => {
  const { deps, keys, url } = await site()
  const old = await keys()
  const id = await rotateKey(deps, act, 'ATTEST')
  const next = await keys()
  if (!old || !next) throw new Error('the site signs nothing')
  expect(keyIdOf(next.ATTEST.privateKey)).toBe(id)
  expect(id).not.toBe(keyIdOf(old.ATTEST.privateKey))
  const published = await (await fetch(`${url}/keys.json`)).json()
  expect(published.keys.map((key: Record<string, unknown>) => [key['purpose'], key['retiredAt']])).toEqual([
    ['ATTEST', null],
    ['ATTEST', '2026-11-20T10:00:00Z'],
    ['LOG', null],
    ['SIGSTORE', null],
  ])
  const envelope = parseEnvelope(
    Buffer.from((await (await fetch(`${url}/keys/rotations.jsonl`)).text()).trim()),
  )
  expect(envelope.payloadType).toBe('application/vnd.builder-hub.key+json')
  expect(signersOf(envelope, [publicHalf(old.ATTEST.privateKey)])).toHaveLength(1)
  expect(JSON.parse(Buffer.from(envelope.body).toString())).toMatchObject({
    ...{ purpose: 'ATTEST', to: id, from: keyIdOf(old.ATTEST.privateKey), time: '2026-11-20T10:00:00Z' },
  })
  const audited = await deps.db.auditEntry.findFirst({ where: { action: 'key.rotate' } })
  expect(audited).toMatchObject({ target: keyIdOf(old.ATTEST.privateKey), result: 'DONE' })
})

test('a revoked key is replaced by one that it does not introduce', async () => {
  const { deps, keys, graphql } = await site()
  const old = await keys()
  const keyId = old ? keyIdOf(old.ATTEST.privateKey) : ''
  const given = { since: new Date('2026-11-10T00:00:00Z'), reason: 'stolen' }
  const { newKeyId } = await revokeKey(deps, act, keyId, given)
  const next = await keys()
  expect(next && keyIdOf(next.ATTEST.privateKey)).toBe(newKeyId)
  const { data } = await graphql('{ keys { keyId isCurrent revokedSince revokedFor introduction } }')
  expect(data.keys.slice(0, 2)).toEqual([
    { keyId: newKeyId, isCurrent: true, revokedSince: null, revokedFor: null, introduction: null },
    {
      keyId,
      isCurrent: false,
      revokedSince: '2026-11-10T00:00:00.000Z',
      revokedFor: 'stolen',
      introduction: null,
    },
  ])
  await expect(revokeKey(deps, act, keyId, given)).rejects.toThrow('is revoked already')
  await expect(
    revokeKey(deps, act, newKeyId ?? '', { ...given, since: new Date('2999-01-01') }),
  ).rejects.toThrow('in the future')
  // A copy of the old file must not sign again.
  if (old) writeFileSync(keyFile(deps.config.dataDir, 'ATTEST'), pem(old.ATTEST.privateKey))
  await expect(keys()).rejects.toThrow('was replaced or revoked')
})

test('a rotation that was interrupted after its transaction is finished', async () => {
  const { deps, keys, dataDir } = await site()
  const old = await keys()
  const next = await makeKey('ATTEST')
  writeFileSync(nextKeyFile(dataDir, 'ATTEST'), pem(next), { mode: 0o600 })
  // Before the transaction, the new key was never used.
  expect((await keys())?.ATTEST.id).toBe(old?.ATTEST.id)
  await deps.writer.transact([], async (tx) => {
    await tx.signingKey.create({ data: rowOf('ATTEST', next, now) })
    await tx.signingKey.updateMany({ where: { id: old?.ATTEST.id }, data: { retiredAt: now } })
  })
  expect(keyIdOf((await keys())?.ATTEST.privateKey ?? next)).toBe(keyIdOf(next))
  expect(existsSync(nextKeyFile(dataDir, 'ATTEST'))).toBe(false)
})

const pem = (key: Awaited<ReturnType<typeof makeKey>>) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()

test('a file that others can read, or that is no such key, is refused with what to do', async () => {
  const { keys, dataDir } = await site()
  await keys()
  const file = keyFile(dataDir, 'ATTEST')
  chmodSync(file, 0o640)
  await expect(keys()).rejects.toThrow(
    `other users can read the private key ${file}: run "chmod 600 ${file}"`,
  )
  rmSync(file)
  renameSync(keyFile(dataDir, 'SIGSTORE'), file)
  await expect(keys()).rejects.toThrow('is not an Ed25519 key in PEM')
  writeFileSync(file, 'x')
  await expect(keys()).rejects.toThrow('is not an Ed25519 key in PEM')
})

test('the operator may bring a key, and may switch signing off', async () => {
  const file = join(dataDir, 'own.pem')
  const own = await makeKey('ATTEST')
  writeFileSync(file, pem(own), { mode: 0o600 })
  onTestFinished(() => rmSync(file))
  const { deps } = await testApp({ env: { ...env, BUILDER_HUB_SIGNING_KEY: file } })
  const keys = await siteKeys(deps, now)
  expect(keys && keyIdOf(keys.ATTEST.privateKey)).toBe(keyIdOf(own))
  expect(existsSync(keyFile(deps.config.dataDir, 'ATTEST'))).toBe(false)
  await expect(rotateKey(deps, act, 'ATTEST')).rejects.toThrow('which --signing-key names')
  const silent = await testApp({ env: { BUILDER_HUB_SIGNING: 'off' } })
  expect(await siteKeys(silent.deps, now)).toBeNull()
  expect(existsSync(join(silent.deps.config.dataDir, 'keys'))).toBe(false)
  expect((await fetch(`${silent.url}/keys/attest.pem`)).status).toBe(404)
  await expect(rotateKey(silent.deps, act, 'ATTEST')).rejects.toThrow('--signing is off')
})

test('hub key lists, shows, rotates and revokes', async () => {
  const { keys, dataDir } = await site()
  await keys()
  symlinkSync('test.sqlite3', join(dataDir, 'builder-hub.sqlite3'))
  const run = (...args: string[]) => hub(['key', ...args, '--data-dir', dataDir])
  const listed = await run('list')
  expect(listed.stdout).toMatch(/^[0-9a-f]{64} attest in use since 2026-11-01T10:00:00.000Z\n/)
  const id = listed.stdout.slice(0, 64)
  const shown = await run('show', id.slice(0, 12))
  expect(shown.stdout).toContain(`id: ${id}\nsigns: attest\n`)
  expect(shown.stdout).toContain('\nminisign: RW')
  expect(JSON.parse((await run('show', id, '--json')).stdout)).toMatchObject({ kid: id, crv: 'Ed25519' })
  const rotated = await run('rotate', 'attest', '--keep')
  expect(rotated.stdout).toMatch(/^the site signs with [0-9a-f]{64} from now on\n$/)
  expect(keyIdOf(createPublicKey(readFileSync(join(dataDir, `keys/attest.${id.slice(0, 8)}.pem`))))).toBe(id)
  const args = ['--since', '2026-11-02T00:00:00Z', '--reason', 'lost']
  expect((await run('revoke', id, ...args)).stdout).toBe(`the key ${id} is revoked\n`)
  expect((await run('list')).stdout).toContain(`${id} attest revoked since 2026-11-02T00:00:00.000Z: lost`)
  expect(await run('show', 'zz')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has had no key zz'),
  })
})

test('the doctor finds keys that are missing or foreign', async () => {
  const { deps, keys, dataDir } = await site()
  const levels = async () => (await checkKeys(deps.db, deps.config)).map(({ level }) => level)
  expect(await levels()).toEqual([])
  await keys()
  expect(await levels()).toEqual(['ok'])
  writeFileSync(keyFile(dataDir, 'LOG'), pem(await makeKey('LOG')))
  rmSync(keyFile(dataDir, 'SIGSTORE'))
  chmodSync(keyFile(dataDir, 'ATTEST'), 0o644)
  expect(await levels()).toEqual(['problem', 'warning', 'problem'])
})
