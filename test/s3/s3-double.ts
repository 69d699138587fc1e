import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { answerRequest, type StoredObject, type StoreRules } from './s3-answers.ts'

/** What goes wrong with an answer. The store itself has done what it was asked for with `…-after`. */
export type Fault =
  | 'status 500'
  | 'status 503'
  | 'status 403'
  | 'stall'
  | 'reset'
  | 'reset after'
  | 'truncated body'
  | 'wrong bytes'
  | 'error with status 200'

type Planned = {
  fault: Fault
  count: number
  matches: (request: IncomingMessage) => boolean
  onHit: () => void
}

export type S3Double = {
  /** Of the bucket `hub`. */
  address: (prefix?: string, parameters?: string) => string
  endpoint: string
  objects: Map<string, StoredObject>
  /** Uploads in parts that have not ended. */
  uploadCount: () => number
  /** Method and path of each request, such as `GET /hub/site/blobs/…`. */
  takeRequests: () => string[]
  /** The next answers, to requests that match, go wrong. `onHit` is called for each. */
  plan: (
    fault: Fault,
    options?: { count?: number; method?: string; path?: RegExp; onHit?: () => void },
  ) => void
  /** Nothing that was planned goes wrong any more. */
  heal: () => void
  close: () => Promise<void>
}

/** The keys that the double takes, as the contents of a credentials file. */
export const doubleCredentials = '[default]\naws_access_key_id = hub\naws_secret_access_key = not-secret\n'

/**
 * A strict S3 server in this process, with a bucket `hub`: it refuses what is not signed, is signed for other bytes, has a wrong
 * checksum, or that it does not know.
 */
export async function s3Double(rules: Partial<StoreRules> = {}): Promise<S3Double> {
  const objects = new Map<string, StoredObject>()
  const uploads = new Map<string, Map<number, Buffer>>()
  let planned: Planned[] = []
  let requests: string[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    const plan = planned.find(({ matches }) => matches(request))
    if (plan) {
      plan.count -= 1
      plan.onHit()
      planned = planned.filter(({ count }) => count > 0)
    }
    const fault = plan?.fault
    if (fault === 'stall') return
    if (fault === 'reset') {
      request.once('data', () => request.destroy())
      if (request.method === 'GET' || request.method === 'HEAD') request.destroy()
      return
    }
    const body = await buffer(request)
    if (fault?.startsWith('status')) {
      const status = Number(fault.slice(-3))
      const code = { 500: 'InternalError', 503: 'SlowDown', 403: 'AccessDenied' }[status] ?? ''
      response.writeHead(status, { 'Content-Type': 'application/xml' })
      response.end(request.method === 'HEAD' ? undefined : `<Error><Code>${code}</Code></Error>`)
      return
    }
    if (fault === 'error with status 200') {
      response.writeHead(200, { 'Content-Type': 'application/xml' })
      response.end('<?xml version="1.0"?><Error><Code>InternalError</Code><Message>no</Message></Error>')
      return
    }
    const answer = answerRequest(request, body, { objects, uploads }, { ...defaultRules, ...rules })
    if (fault === 'reset after') return void request.destroy()
    const content = fault === 'wrong bytes' ? Buffer.from(answer.body).fill(7, 0, 1) : answer.body
    response.writeHead(answer.status, { 'Content-Length': content.length, ...answer.headers })
    if (request.method === 'HEAD') response.end()
    else if (fault === 'truncated body')
      response.write(content.subarray(0, content.length >> 1), () => request.socket.destroy())
    else response.end(content)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    objects,
    address: (prefix = 'site', parameters = '') => `s3://hub/${prefix}?endpoint=${endpoint}${parameters}`,
    uploadCount: () => uploads.size,
    takeRequests() {
      const taken = requests
      requests = []
      return taken
    },
    plan(fault, { count = 1, method, path = /./, onHit = () => {} } = {}) {
      const matches = (request: IncomingMessage) =>
        (method === undefined || request.method === method) && path.test(request.url ?? '')
      planned.push({ fault, count, matches, onHit })
    },
    heal() {
      planned = []
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const defaultRules: StoreRules = {
  conditionalWrites: 'honoured',
  verifiesChecksums: true,
  tagsAreMd5: true,
  pageSize: 100,
}
