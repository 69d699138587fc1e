import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alice, basicAuth, testApp, type TestApp } from '../app.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'

const readJson = (name: string): unknown => JSON.parse(readFileSync(corpusPath('web', name), 'utf8'))

const Upload = z.object({ file: z.string(), status: z.number() })
const Recorded = z.object({
  method: z.string(),
  path: z.string(),
  request_headers: z.record(z.string(), z.string()).default({}),
  status: z.number(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body_size: z.number(),
  text: z.string().optional(),
})

const isDownload = (path: string) =>
  /^\/hash|^\/job\/[^/]+\/build\/(latest|[^/]+\/(f\/|console$|script$|main-binary$))/.test(path)

const uploads = hasCorpus ? z.array(Upload).parse(readJson('functional-uploads.json')) : []
const recorded = (hasCorpus ? z.array(Recorded).parse(readJson('functional-get.json')) : []).filter(
  ({ path }) => isDownload(path),
)

/** Where builder-web is wrong, and what is answered instead. */
function expectedStatus({ method, path, request_headers, status }: z.infer<typeof Recorded>): number {
  if (path.startsWith('/hash') && !/=[0-9a-fA-F]{64}$/.test(path)) return 400
  if (method === 'HEAD') return 200
  if (request_headers['Range']) return 206
  // Its entity tags have no quotes, and are of another form.
  if (status === 304) return 200
  // Percent-encoding is not decoded there: the job, and the file, exist.
  if (path.includes('/f/bin%2Futop')) return 200
  if (path === '/job/a%20job/build/latest' || path.startsWith('/job/a%20job/build/latest/')) return 307
  if (path.startsWith('/job/a%20job/build/b0000000')) return 200
  return status
}

describe.skipIf(!hasCorpus)("builder-web's answers (skipped where the corpus is absent)", () => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp({ keep: true })
    for (const { file, status } of uploads) {
      const answer = await fetch(`${app.url}/upload`, {
        method: 'POST',
        headers: { Authorization: basicAuth(alice) },
        body: readFileSync(corpusPath('web', file)),
      })
      expect(answer.status).toBe(status)
    }
    return () => app.close()
  })

  /** The path goes out as it is, without `fetch`'s normalization. */
  const send = (path: string, method: string, headers: Record<string, string>) =>
    new Promise<{ status: number; location: string | undefined; body: Buffer }>((resolve, reject) => {
      httpRequest(app.url, { path, method, headers, agent: false })
        .on('error', reject)
        .on('response', (response) => {
          const { statusCode: status = 0, headers } = response
          buffer(response).then((body) => resolve({ status, location: headers.location, body }), reject)
        })
        .end()
    })

  test.each(recorded)('$method $path', async (exchange) => {
    const answer = await send(exchange.path, exchange.method, exchange.request_headers)
    const status = expectedStatus(exchange)
    expect(answer.status).toBe(status)
    if (status !== exchange.status || status >= 400) return
    expect(answer.location).toBe(
      new Map(exchange.headers.map(([name, value]) => [name.toLowerCase(), value])).get('location'),
    )
    if (status === 200) expect(answer.body.length).toBe(exchange.body_size)
    if (exchange.text !== undefined) expect(answer.body.toString()).toBe(exchange.text)
  })
})
