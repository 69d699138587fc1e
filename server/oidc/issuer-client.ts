import { readFileSync } from 'node:fs'
import { LRUCache } from 'lru-cache'
import * as oidc from 'openid-client'
import { perServer } from '../per-server.ts'
import { safeRequest } from '../safe-request.ts'
import { SignInRefusedError } from './sign-in-refused.ts'
import type { SignInSite } from './sign-in-settings.ts'

const rememberedMs = 600_000

/** Of the discovery, of each issuer: also one that has not ended yet, so that a slow issuer is not asked by everybody. */
const clients = perServer(
  () => new LRUCache<string, Promise<oidc.Configuration>>({ max: 10, ttl: rememberedMs }),
)

/** The issuer has not answered, or with an error of its own. */
class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError'
}

/**
 * The issuer as its metadata describe it, and this site as its client. `part`: of the server. Throws SignInRefusedError, and
 * errors of files.
 */
export async function findIssuer(part: object, site: SignInSite): Promise<oidc.Configuration> {
  const secret = readSecret(site.signIn.clientSecretFile)
  const key = JSON.stringify([site, secret])
  const known = clients(part)
  let client = known.get(key)
  if (!client) {
    client = discover(site, secret)
    known.set(key, client)
    // The next visitor after a failure asks again.
    client.catch(() => known.delete(key))
  }
  return client.catch(refused)
}

async function discover(
  { signIn, allowsPrivate }: SignInSite,
  secret: string | null,
): Promise<oidc.Configuration> {
  const client = await oidc.discovery(
    new URL(signIn.issuer),
    signIn.clientId,
    undefined,
    secret === null ? oidc.None() : secretAuth(secret),
    {
      [oidc.customFetch]: (url, { method, headers, body }) => send(url, allowsPrivate, method, headers, body),
      // Signatures are checked although the tokens come from the issuer itself.
      execute: [oidc.enableNonRepudiationChecks, ...(allowsPrivate ? [oidc.allowInsecureRequests] : [])],
    },
  )
  const { authorization_endpoint: address } = client.serverMetadata()
  const schemes = allowsPrivate ? ['https:', 'http:'] : ['https:']
  if (address === undefined || !URL.canParse(address) || !schemes.includes(new URL(address).protocol))
    throw new SignInRefusedError('failed', 'the metadata of the issuer have no usable authorization_endpoint')
  return client
}

async function send(
  url: string,
  allowsPrivate: boolean,
  method: string,
  headers: Record<string, string>,
  body: oidc.FetchBody,
): Promise<Response> {
  // Of this library: forms, and nothing.
  const text = body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined
  let answer
  try {
    const sent = { method, headers, ...(text === undefined ? {} : { body: text }) }
    answer = await safeRequest(url, { allowsPrivate }, sent)
  } catch (error) {
    throw new IssuerUnreachableError(error instanceof Error ? error.message : 'no answer')
  }
  if (answer.status < 500) return answer
  throw new IssuerUnreachableError(`${new URL(url).host} answers with status ${answer.status}`)
}

/** As the header, which is the default of the specification, or in the form, if the issuer takes only that. */
function secretAuth(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)]
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
}

const readSecret = (file: string | null): string | null =>
  file === null ? null : readFileSync(file, 'utf8').trim()

/**
 * Throws what went wrong as SignInRefusedError. Errors of the library have tokens in their causes: only messages and codes are
 * taken over.
 */
export function refused(error: unknown): never {
  if (error instanceof SignInRefusedError) throw error
  const chain = chainOf(error)
  const message = chain.map(described).join(': ')
  if (chain.some((one) => one instanceof IssuerUnreachableError || codeOf(one) === 'OAUTH_TIMEOUT'))
    throw new SignInRefusedError('unreachable', message)
  const answered = chain.find((one) => one instanceof oidc.AuthorizationResponseError)
  if (answered)
    throw new SignInRefusedError(answered.error === 'access_denied' ? 'denied' : 'failed', message)
  if (chain.some((one) => one instanceof oidc.ClientError || one instanceof oidc.ResponseBodyError))
    throw new SignInRefusedError('failed', message)
  if (chain.some((one) => codeOf(one).startsWith('OAUTH_'))) throw new SignInRefusedError('failed', message)
  throw error
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let one = error; one instanceof Error && chain.length < 10; one = one.cause) chain.push(one)
  return chain
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

function described(error: Error): string {
  const told = 'error' in error && typeof error.error === 'string' ? error.error.slice(0, 100) : codeOf(error)
  return told === '' ? error.message : `${error.message} (${told})`
}
