import http from 'node:http'
import https from 'node:https'
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent'
import { AnswerTooLargeError, AnswerTooLateError } from '../http-client.ts'

const maxBytes = 256 * 1024
const timeoutMs = 5_000

/**
 * Reads a document of another site whose address a third party has a say in. Private addresses are refused when the socket
 * connects, so that no name can lead to one, unless `allowsPrivate`. Redirections are not followed. Rejects with
 * AnswerTooLargeError, AnswerTooLateError, and errors of the network.
 */
export function safeFetch(url: string, { allowsPrivate }: { allowsPrivate: boolean }): Promise<Response> {
  const { protocol, host } = new URL(url)
  const isTls = protocol === 'https:'
  if (!isTls && !(allowsPrivate && protocol === 'http:'))
    return Promise.reject(new TypeError(`${host}: only https is allowed`))
  const options = { allowPrivateIPAddress: allowsPrivate, allowMetaIPAddress: false }
  const agent = isTls ? new RequestFilteringHttpsAgent(options) : new RequestFilteringHttpAgent(options)
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).get(url, { agent, headers: { Accept: 'application/json' } })
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
        const status = answer.statusCode ?? 0
        if (status === 200) resolve(new Response(Buffer.concat(chunks), { status }))
        else reject(new TypeError(`${host} answers with status ${status}`))
      })
    })
  })
}
