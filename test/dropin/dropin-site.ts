import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createApp } from '../../server/app.ts'
import { describeJobKind } from '../../server/facts/describe-job-task.ts'
import { alice, basicAuth, bytesOf, testApp, type TestApp } from '../app.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

export type Asked = { method?: string; headers?: OutgoingHttpHeaders; body?: Uint8Array }

export type DropinSite = {
  url: string
  app: TestApp
  /** The path goes out as it is, without `fetch`'s normalization; redirects are not followed. */
  ask: (path: string, asked?: Asked) => Promise<Answer>
  /** `POST /upload` as alice; answers once its job is described. */
  upload: (record: Uint8Array | ExecRecord) => Promise<Answer>
  close: () => Promise<void>
}

const page = '<!doctype html><title>Builder Hub</title>'

/**
 * The whole server on a page of its own: the real one need not be built. `isDerived`: also with what the
 * server does after an upload, which are analyses and job descriptions.
 */
export async function openDropinSite(
  given: Parameters<typeof testApp>[0] & { isDerived?: boolean } = {},
): Promise<DropinSite> {
  const { isDerived = true, ...parts } = given
  const app = await testApp({ keep: true, ...parts })
  const webDir = mkdtempSync(join(tmpdir(), 'dropin-web-'))
  writeFileSync(join(webDir, 'index.html'), page)
  if (isDerived) await app.deps.runner.start()
  const server = createServer(
    createApp(app.deps, { webDir, persistedOperationsFile: join(webDir, 'none.json'), rendererFile: 'none' }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
    new Promise<Answer>((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false })
        .on('error', reject)
        .on('response', (response) => {
          const { statusCode: status = 0, headers } = response
          buffer(response).then((body) => resolve({ status, headers, body }), reject)
        })
        .end(body)
    })

  return {
    url: `http://127.0.0.1:${port}`,
    app,
    ask,
    async upload(record) {
      const body = record instanceof Uint8Array ? record : await bytesOf(encodeExecRecord(record))
      const headers = { Authorization: basicAuth(alice), 'Content-Length': body.length }
      const answer = await ask('/upload', { method: 'POST', headers, body })
      if (isDerived) await app.deps.runner.settled([describeJobKind])
      return answer
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await app.deps.workers.close()
      await app.close()
      rmSync(webDir, { recursive: true })
    },
  }
}
