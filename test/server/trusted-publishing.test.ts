import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { onTestFinished, expect, test } from 'vitest'
import { BadConfigError } from '../../server/config.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { parseIdentity } from '../../server/settings/identity-file.ts'
import { safeFetch } from '../../server/safe-request.ts'
import { basicAuth, bytesOf, temporaryDir, testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'

/** A site that trusts an issuer of its own to upload `website` from the branch main. */
async function trustingSite({ isPrivateAllowed = true } = {}) {
  const keys = await generateKeyPair('ES256')
  const other = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const isMetadata = request.url === '/.well-known/openid-configuration'
    response.end(JSON.stringify(isMetadata ? { issuer, jwks_uri: `${issuer}/jwks` } : { keys: [jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = join(temporaryDir(), 'identity.toml')
  writeFileSync(
    file,
    `${isPrivateAllowed ? 'allow-private-issuers = true' : ''}
[[trusted-publishers]]
issuer = "${isPrivateAllowed ? issuer : issuer.replace('http:', 'https:')}"
audience = "https://builds.example.org"
user = "alice"
jobs = ["website"]
claims = { repository = "example/website", ref = "refs/heads/*" }
`,
  )
  const app = await testApp({ env: { BUILDER_HUB_IDENTITY_FILE: file } })
  let number = 0
  const sign = (
    claims: Record<string, unknown> = {},
    {
      key = keys.privateKey,
      audience = 'https://builds.example.org',
      iss = issuer,
      seconds = 300,
      alg = 'ES256',
      hasId = true,
    } = {},
  ) =>
    new SignJWT({
      ...{ repository: 'example/website', ref: 'refs/heads/main' },
      ...(hasId ? { jti: `jwt ${number++}` } : {}),
      ...claims,
    })
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer(iss)
      .setAudience(audience)
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(key)
  const exchange = (body: unknown) =>
    fetch(`${app.url}/oidc/token`, { method: 'POST', body: JSON.stringify(body) })
  const upload = async (authorization: string, job = 'website') => {
    const answer = await fetch(`${app.url}/upload`, {
      method: 'POST',
      headers: { Authorization: authorization },
      body: await bytesOf(encodeExecRecord(sampleRecord({ job }))),
    })
    await answer.text()
    return answer.status
  }
  return { app, sign, exchange, upload, other }
}

test('a machine uploads its jobs with a token for its JSON Web Token, or with that itself, once', async () => {
  const { app, sign, exchange, upload } = await trustingSite()
  const jwt = await sign()
  const answer = await exchange({ jwt })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const { token, expiresAt } = (await answer.json()) as { token: string; expiresAt: string }
  const minutes = (new Date(expiresAt).getTime() - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(10)
  expect(minutes).toBeLessThanOrEqual(15)
  expect(await upload(`Bearer ${token}`)).toBe(201)
  expect(await upload(`Bearer ${token}`, 'other')).toBe(403)
  expect((await exchange({ jwt })).status).toBe(401)
  expect(await upload(`Bearer ${jwt}`)).toBe(401)
  expect(await upload(`Bearer ${await sign()}`)).toBe(201)
  expect(await upload(basicAuth({ name: 'x', password: await sign() }))).toBe(201)
  const entries = await app.deps.db.auditEntry.findMany({ where: { action: 'token.exchange' } })
  expect(entries).toHaveLength(3)
  expect(JSON.parse(entries[0]?.detail ?? '')).toMatchObject({ claims: { ref: 'refs/heads/main' } })
  expect(JSON.stringify(entries)).not.toContain(jwt)
})

test('a request has its JSON Web Token checked once, however many parts of the server ask for its user', async () => {
  const { app, sign } = await trustingSite()
  const body = JSON.stringify({ query: '{ viewer { name } }' })
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Expect: '100-continue',
  }
  const Authorization = `Bearer ${await sign()}`
  const sent = httpRequest(`${app.url}/graphql`, { method: 'POST', headers: { ...headers, Authorization } })
  sent.flushHeaders()
  sent.once('continue', () => sent.end(body))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  expect(JSON.parse(await text(answer))).toMatchObject({ data: { viewer: { name: 'alice' } } })
  expect(await app.deps.db.token.count()).toBe(1)
})

/** ECDSA: where (r, s) is a signature, (r, n - s) is one, too. Source: SEC 1, 4.1.4. */
function otherSignatureOf(jwt: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [head, payload, signature = ''] = jwt.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const other = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  bytes.write(other.toString(16).padStart(64, '0'), 32, 'hex')
  return [head, payload, bytes.toString('base64url')].join('.')
}

test('a JSON Web Token without an id counts once, also with another right signature', async () => {
  const { sign, exchange } = await trustingSite()
  const jwt = await sign({}, { hasId: false })
  expect(otherSignatureOf(jwt)).not.toBe(jwt)
  expect((await exchange({ jwt })).status).toBe(200)
  expect((await exchange({ jwt: otherSignatureOf(jwt) })).status).toBe(401)
  const another = await sign({ run: 2 }, { hasId: false })
  expect((await exchange({ jwt: otherSignatureOf(another) })).status).toBe(200)
  expect((await exchange({ jwt: another })).status).toBe(401)
})

test('whoever sends many wrong JSON Web Tokens has to wait', async () => {
  const { sign, exchange } = await trustingSite()
  expect((await exchange({ jwt: await sign() })).status).toBe(200)
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => (await exchange({ jwt: 'x' })).status),
  )
  expect(new Set(statuses)).toEqual(new Set([401]))
  const refused = await exchange({ jwt: await sign() })
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('what is not signed by the issuer, for this site, now, with the claims of the rule, is refused', async () => {
  const { app, sign, exchange, other } = await trustingSite()
  const [head = '', payload = ''] = (await sign()).split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  const refused: [string, string][] = [
    ['another key', await sign({}, { key: other.privateKey })],
    ['another audience', await sign({}, { audience: 'https://other.example.org' })],
    ['another issuer', await sign({}, { iss: 'https://other.example.org' })],
    ['expired', await sign({}, { seconds: -90 })],
    ['not yet', await sign({ nbf: Math.floor(Date.now() / 1000) + 90 })],
    ['another repository', await sign({ repository: 'example/website2' })],
    ['a tag', await sign({ ref: 'refs/tags/1' })],
    ['a claim that is an object', await sign({ ref: { toString: 'refs/heads/main' } })],
    ['no signature', unsigned],
    ['a cut signature', `${head}.${payload}.AAAA`],
    ['no token', 'x'],
    ['empty', ''],
  ]
  for (const [what, jwt] of refused) expect([what, (await exchange({ jwt })).status]).toEqual([what, 401])
  for (const body of [{}, null, { jwt: 1 }, []]) expect((await exchange(body)).status).toBe(400)
  expect((await exchange({ jwt: 'x'.repeat(70_000) })).status).toBe(413)
  // A clock that is a minute off is no reason.
  expect((await exchange({ jwt: await sign({}, { seconds: -30 }) })).status).toBe(200)
  expect(await app.deps.db.token.count()).toBe(1)
})

test.each([
  'http://127.0.0.1:1/',
  'https://127.0.0.1:1/',
  'https://127.1:1/',
  'https://2130706433:1/',
  'https://[::1]:1/',
  'https://[::ffff:127.0.0.1]:1/',
  'https://169.254.169.254/',
  'https://10.0.0.1/',
  'https://100.64.0.1/',
  'https://localhost:1/',
])('an issuer at %s is not asked', async (url) => {
  await expect(safeFetch(url, { allowsPrivate: false })).rejects.toThrow(/not allowed|only https/)
})

const rule = { issuer: 'issuer = "https://ci.example.org"', audience: 'audience = "a"', user: 'user = "ci"' }
const whole = { ...rule, jobs: 'jobs = ["x"]', claims: 'claims = { ref = "main" }' }
const fileOf = (lines: Record<string, string>) =>
  `[[trusted-publishers]]\n${Object.values(lines).join('\n')}\n`

test('the identity file names publishers, and faults name their place', () => {
  const { trustedPublishers, signIn } = parseIdentity(fileOf(whole), 'f')
  expect(trustedPublishers).toMatchObject([{ user: 'ci', jobs: ['x'], claims: { ref: 'main' } }])
  expect(signIn).toBeNull()
  const faults: [Record<string, string>, string][] = [
    [{ ...whole, claims: 'claims = {}' }, 'trusted-publishers.0.claims: it must name at least one claim'],
    [{ ...whole, jobs: 'jobs = []' }, 'trusted-publishers.0.jobs'],
    [{ ...whole, issuer: 'issuer = "x"' }, 'trusted-publishers.0.issuer'],
    [{ ...whole, issuer: 'issuer = "http://ci.example.org"' }, 'needs https'],
    [rule, 'trusted-publishers.0.jobs'],
    [{ ...whole, more: 'mroe = 1' }, 'mroe'],
    [{ ...whole, more: 'x = ' }, 'line 7'],
  ]
  for (const [lines, message] of faults) {
    expect(() => parseIdentity(fileOf(lines), 'f')).toThrow(BadConfigError)
    expect(() => parseIdentity(fileOf(lines), 'f')).toThrow(message)
  }
})
