import http from 'node:http'
import https from 'node:https'
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent'
import { AnswerTooLargeError, AnswerTooLateError } from '../http-client.ts'

const maxBytes = 256 * 1024
const timeoutMs = 5_000

/** Default: GET, for JSON. */
type Sent = { method?: string; headers?: Record<string, string>; body?: string }

/** As `safeRequest`, of a document. Rejects with TypeError, too, if the status is not 200. */
export async function safeFetch(
  url: string,
  { allowsPrivate }: { allowsPrivate: boolean },
): Promise<Response> {
  const answer = await safeRequest(url, { allowsPrivate })
  if (answer.status === 200) return answer
  throw new TypeError(`${new URL(url).host} answers with status ${answer.status}`)
}

/**
 * Sends a request to another site whose address a third party has a say in. Private addresses are refused when the socket
 * connects, so that no name can lead to one, unless `allowsPrivate`. Redirections are not followed. Rejects with
 * AnswerTooLargeError, AnswerTooLateError, and errors of the network.
 */
export function safeRequest(
  url: string,
  { allowsPrivate }: { allowsPrivate: boolean },
  { method = 'GET', headers = { accept: 'application/json' }, body }: Sent = {},
): Promise<Response> {
  const { protocol, host } = new URL(url)
  const isTls = protocol === 'https:'
  if (!isTls && !(allowsPrivate && protocol === 'http:'))
    return Promise.reject(new TypeError(`${host}: only https is allowed`))
  const options = { allowPrivateIPAddress: allowsPrivate, allowMetaIPAddress: false }
  const agent = isTls ? new RequestFilteringHttpsAgent(options) : new RequestFilteringHttpAgent(options)
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).request(url, { agent, method, headers })
    const timer = setTimeout(
      () => request.destroy(new AnswerTooLateError(`${host} does not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    request.on('error', reject).on('close', () => clearTimeout(timer))
    request.on('response', (answer) => {
      const chunks: Buffer[] = []
      let bytes = 0
      answer.on('error', reject)
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > maxBytes)
          request.destroy(new AnswerTooLargeError(`${host} answers with more than ${maxBytes} bytes`))
      })
      answer.on('end', () => {
        // A `Response` takes no other status, and with these no body.
        const { statusCode = 0 } = answer
        const status = statusCode >= 200 && statusCode <= 599 ? statusCode : 502
        const content = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks)
        const type = answer.headers['content-type']
        resolve(
          new Response(content, { status, headers: type === undefined ? {} : { 'Content-Type': type } }),
        )
      })
    })
    request.end(body)
  })
}
