import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

/** An answer of the issuer; a text is sent as it is. */
export type IssuerAnswer = { status?: number; body?: unknown; isSilent?: boolean }

/** What the issuer says next, instead of what it should. */
export type Faults = {
  claims?: Record<string, unknown>
  /** Claims that are left out. */
  without?: readonly string[]
  key?: 'another'
  alg?: string
  token?: (answer: Record<string, unknown>) => IssuerAnswer
  metadata?: (answer: Record<string, unknown>) => IssuerAnswer
  userinfo?: Record<string, unknown>
}

/** An issuer of OpenID Connect on this machine, with keys of its own. It checks what a real one would. */
export async function openIssuer({ clientId = 'hub', clientSecret = 'secret of the client' } = {}) {
  const keys = await generateKeyPair('RS256')
  const other = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256' }
  const codes = new Map<string, { challenge: string; callback: string; nonce: string; claims: object }>()
  const requests: string[] = []
  const faults: { next: Faults } = { next: {} }
  let number = 0

  const server = createServer((request, response) => {
    void answer(request).then(({ status = 200, body, isSilent = false }) => {
      if (isSilent) return request.socket.destroy()
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function answer(request: IncomingMessage): Promise<IssuerAnswer> {
    const path = request.url ?? ''
    requests.push(path)
    const { next } = faults
    if (path === '/.well-known/openid-configuration') {
      const metadata = {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        userinfo_endpoint: `${url}/userinfo`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }
      return next.metadata?.(metadata) ?? { body: metadata }
    }
    if (path === '/jwks') return { body: { keys: [jwk] } }
    if (path === '/userinfo') return { body: { sub: 'subject of bob', ...next.userinfo } }
    return path === '/token' ? takeCode(request, next) : { status: 404, body: {} }
  }

  async function takeCode(request: IncomingMessage, next: Faults): Promise<IssuerAnswer> {
    const basic = Buffer.from(
      `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret).replaceAll('%20', '+')}`,
    )
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const code = form.get('code') ?? ''
    const begun = codes.get(code)
    codes.delete(code)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isRight =
      request.headers.authorization === `Basic ${basic.toString('base64')}` &&
      form.get('grant_type') === 'authorization_code' &&
      form.get('redirect_uri') === begun?.callback &&
      challenge === begun?.challenge
    if (!isRight) return { status: 400, body: { error: 'invalid_grant' } }
    const now = Math.floor(Date.now() / 1000)
    const claims = Object.entries({
      ...{ iss: url, aud: clientId, iat: now, exp: now + 300, nonce: begun.nonce },
      ...{ sub: 'subject of bob', preferred_username: 'bob', auth_time: now },
      ...begun.claims,
      ...next.claims,
    }).filter(([name]) => !next.without?.includes(name))
    const token = await new SignJWT(Object.fromEntries(claims))
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(next.key === 'another' ? other.privateKey : keys.privateKey)
    const [, payload = '', signature = ''] = token.split('.')
    const head = Buffer.from(JSON.stringify({ alg: next.alg, kid: 'one' })).toString('base64url')
    const body = {
      ...{ access_token: 'secret of the access', token_type: 'Bearer', expires_in: 60 },
      id_token: next.alg === undefined ? token : `${head}.${payload}.${signature}`,
    }
    return next.token?.(body) ?? { body }
  }

  return {
    ...{ url, clientId, clientSecret, faults, requests },
    /** What a person does there: returns the query with which the browser comes back. */
    accept(address: string, claims: object = {}): URLSearchParams {
      const { searchParams } = new URL(address)
      const asked = (name: string) => searchParams.get(name) ?? ''
      const code = `code ${number++}`
      codes.set(code, {
        ...{ challenge: asked('code_challenge'), callback: asked('redirect_uri'), nonce: asked('nonce') },
        claims,
      })
      return new URLSearchParams({ code, state: asked('state') })
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
