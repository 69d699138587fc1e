import dns from 'node:dns'
import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { isIP, type BlockList } from 'node:net'
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent'
import { DomainError } from './errors.ts'
import { AnswerTooLargeError, AnswerTooLateError } from './http-client.ts'

/** A name leads to an address, or is one, that requests may not be sent to. */
export class AddressRefusedError extends DomainError {
  override readonly name = 'AddressRefusedError'
}

/** Where requests may go. */
export type Reach = {
  /** To addresses of the machine itself and of private networks, too. */
  allowsPrivate: boolean
  /** Without TLS, too. Default: as `allowsPrivate`. */
  allowsHttp?: boolean
  /** To these addresses in any case. */
  networks?: BlockList
  /** To no public address but those of `networks`. */
  isNetworksOnly?: boolean
}

/** Default: GET, for JSON, at most 5 seconds. */
type Sent = { method?: string; headers?: Record<string, string>; body?: string; timeoutMs?: number }

/** What came back. Of the body, at most `maxBytes`; `isCut`: it has more. */
export type SafeAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer; isCut: boolean }

const maxBytes = 256 * 1024

/** As `safeRequest`, of a document. Rejects with TypeError, too, if the status is not 200. */
export async function safeFetch(url: string, reach: Reach): Promise<Response> {
  const answer = await safeRequest(url, reach)
  if (answer.status === 200) return answer
  throw new TypeError(`${new URL(url).host} answers with status ${answer.status}`)
}

/** As `sendSafely`. Rejects with AnswerTooLargeError, too. */
export async function safeRequest(url: string, reach: Reach, sent: Sent = {}): Promise<Response> {
  const { status: given, headers, body, isCut } = await sendSafely(url, reach, sent, maxBytes)
  if (isCut) throw new AnswerTooLargeError(`${new URL(url).host} answers with more than ${maxBytes} bytes`)
  // A `Response` takes no other status, and with these no body.
  const status = given >= 200 && given <= 599 ? given : 502
  const content = [204, 205, 304].includes(status) ? null : Uint8Array.from(body)
  const type = headers['content-type']
  return new Response(content, { status, headers: type === undefined ? {} : { 'Content-Type': type } })
}

/**
 * Sends a request to another site whose address a third party has a say in. Addresses are judged when the socket connects, so that
 * no name can lead to one that is refused. Redirections are not followed. Rejects with AddressRefusedError, AnswerTooLateError, and
 * errors of the network.
 */
export function sendSafely(
  url: string,
  reach: Reach,
  { method = 'GET', headers = { accept: 'application/json' }, body, timeoutMs = 5_000 }: Sent,
  mostBytes: number,
): Promise<SafeAnswer> {
  const { protocol, host } = new URL(url)
  const isTls = protocol === 'https:'
  const allowsHttp = reach.allowsHttp ?? reach.allowsPrivate
  if (!isTls && !(allowsHttp && protocol === 'http:'))
    return Promise.reject(new TypeError(`${host}: only https is allowed`))
  const connection = connectionOf(url, reach, isTls)
  if (connection instanceof AddressRefusedError) return Promise.reject(connection)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(refusalOf(error, host))
    const request = (isTls ? https : http).request(url, { method, headers, ...connection })
    const timer = setTimeout(
      () => request.destroy(new AnswerTooLateError(`${host} does not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    request.on('error', fail).on('close', () => clearTimeout(timer))
    request.on('response', (answer) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const end = (isCut: boolean) => {
        const { statusCode: status = 0, headers } = answer
        resolve({ status, headers, body: Buffer.concat(chunks).subarray(0, mostBytes), isCut })
      }
      answer.on('error', fail)
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes <= mostBytes) return
        end(true)
        request.destroy()
      })
      answer.on('end', () => end(false))
    })
    request.end(body)
  })
}

type Answer = (error: Error | null, found: string | dns.LookupAddress[], family?: number) => void

/** The agent that judges addresses, and the look-up of names before it; or why an address of the URL itself is refused. */
function connectionOf(url: string, { allowsPrivate, networks, isNetworksOnly }: Reach, isTls: boolean) {
  // The agent lets addresses of this list pass, and judges all others by their range. Each request has an agent of its own.
  const allowed: string[] = []
  /** Null: the agent judges it. */
  const judge = (address: string): AddressRefusedError | null => {
    if (networks?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') === true) allowed.push(address)
    else if (isNetworksOnly === true) return new AddressRefusedError(`${address} is in no allowed network`)
    return null
  }
  const literal = new URL(url).hostname.replace(/^\[|\]$/g, '')
  const refusal = isIP(literal) === 0 ? null : judge(literal)
  if (refusal) return refusal
  const lookup = (name: string, asked: dns.LookupOptions, answer: Answer) =>
    dns.lookup(name, asked, (error, found: string | dns.LookupAddress[], family?: number) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
      answer(error ?? addresses.map(judge).find((one) => one !== null) ?? null, found, family)
    })
  const options = {
    ...{ allowPrivateIPAddress: allowsPrivate, allowMetaIPAddress: false },
    allowIPAddressList: allowed,
  }
  return {
    agent: isTls ? new RequestFilteringHttpsAgent(options) : new RequestFilteringHttpAgent(options),
    lookup,
  }
}

/** The agent's errors have no class. */
function refusalOf(error: Error, host: string): Error {
  const [, address] = /^DNS lookup (\S+?)\(.* is not allowed/.exec(error.message) ?? []
  return address === undefined
    ? error
    : new AddressRefusedError(`${host} is not allowed: ${address} is an address of a private network`)
}
