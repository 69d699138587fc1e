import type { IncomingMessage } from 'node:http'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { awaitsInvitation, EncodedBodyError, requestBody, unreadEncoding } from '../request-body.ts'
import { authenticateRequest, type AuthenticateDeps } from '../users/authenticate-request.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../users/bad-credentials.ts'
import { readCredentials } from '../users/credentials.ts'
import { refused } from './bad-request.ts'
import { withinDeadline } from './body-deadline.ts'
import { readMultipart } from './multipart.ts'
import { limits } from './limits.ts'

/** A request in JSON, or as a form. */
const maxBodyBytes = limits.bodyBytes

const parsers: Record<string, (text: string) => GraphQLParams> = {
  'application/json': parseJsonBody,
  'application/graphql+json': parseJsonBody,
  'application/graphql': (query) => ({ query }),
  'application/x-www-form-urlencoded': parseForm,
}

/**
 * Reads the bodies of requests, at most 1 MB, or a file as it arrives (multipart.ts). Yoga's own readers hold the
 * whole body in memory before its length is known, and take media types in lower case only.
 */
export function useBoundedBodies(deps: AuthenticateDeps): Plugin<object, { req: IncomingMessage }> {
  return {
    async onRequestParse({ request, serverContext: { req }, setRequestParser }) {
      if (request.method !== 'POST') return
      if (awaitsInvitation(req)) await checkPassword(deps, req)
      const encoding = unreadEncoding(req)
      if (encoding !== null)
        throw refused(415, new EncodedBodyError(encoding).message, { 'Accept-Encoding': 'identity' })
      const type = mediaTypeOf(req)
      if (type === 'multipart/form-data') return setRequestParser(() => readMultipart(req))
      const parse = Object.hasOwn(parsers, type) ? parsers[type] : undefined
      if (!parse) {
        const given =
          type === '' ? 'the request has no Content-Type' : `Content-Type ${type} is not read here`
        throw refused(415, `${given}: send application/json, or multipart/form-data with a file`)
      }
      checkDeclaredLength(req)
      setRequestParser(async () => parse(await readText(req)))
    },
  }
}

/** A client that waits with its body is not asked for it when its password is wrong. */
async function checkPassword(deps: AuthenticateDeps, request: IncomingMessage): Promise<void> {
  if (!readCredentials(request, deps.config)) return
  await authenticateRequest(deps, request).catch((error: unknown) => {
    if (error instanceof TooManyAttemptsError)
      throw refused(429, error.message, { 'Retry-After': String(error.retryAfterSeconds) })
    if (!(error instanceof BadCredentialsError)) throw error
    throw refused(401, error.message, { 'WWW-Authenticate': 'Basic realm="builder-hub"' })
  })
}

/** In lower case, without parameters: neither type nor subtype has a case. Source: RFC 9110 §8.3.1. */
function mediaTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? ''
}

function tooLong(bytes: string): Error {
  return refused(
    413,
    `the body has ${bytes} bytes, more than ${maxBodyBytes}: send files as multipart/form-data`,
  )
}

function checkDeclaredLength({ headers }: IncomingMessage): void {
  const length = headers['content-length']
  if (length !== undefined && !(Number(length) <= maxBodyBytes)) throw tooLong(length)
}

/** The length is counted as the body arrives: clients that stream it cannot declare it. */
async function readText(request: IncomingMessage): Promise<string> {
  const { chunks, settle } = withinDeadline(requestBody(request))
  const read: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw tooLong(`at least ${bytes}`)
    read.push(chunk)
  }
  settle()
  // Some editors begin a file with a byte order mark. Source: RFC 8259 §8.1 lets parsers ignore it.
  return Buffer.concat(read)
    .toString()
    .replace(/^\ufeff/, '')
}

function parseJsonBody(text: string): GraphQLParams {
  const body = parseJson('the body', text)
  if (typeof body !== 'object' || body === null) {
    const shown = body === null ? 'null' : typeof body
    throw refused(400, `POST body is expected to be object but received ${shown}`)
  }
  return body
}

function parseForm(text: string): GraphQLParams {
  const form = new URLSearchParams(text)
  const field = (name: string) => form.get(name) || undefined
  const json = (name: string) => {
    const value = field(name)
    return value === undefined
      ? undefined
      : (parseJson(`the field ${name}`, value) as Record<string, unknown>)
  }
  return {
    operationName: field('operationName'),
    query: field('query'),
    variables: json('variables'),
    extensions: json('extensions'),
  }
}

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(
      400,
      `${what} is invalid JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`,
    )
  }
}
