import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, onTestFinished, test } from 'vitest'
import { dropSlowReader } from '../../server/artifacts/drop-slow-reader.ts'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'
import { randomBytes } from 'node:crypto'

/** Begins a download and reads none of its body. */
const begin = (url: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(url, { agent: false }, resolve).on('error', reject)
    onTestFinished(() => void request.destroy())
  })

test('readers that take nothing have two archives of an address, and no more', async () => {
  const app = await testApp()
  const big = file('bin/big', randomBytes(8 * 1024 ** 2))
  await app.upload(sampleRecord({ uuid: uuidOf(1), artifacts: [big] }))
  const url = `${app.url}/job/hello/build/${uuidOf(1)}/all.tar.gz`
  const [first, second] = [await begin(url), await begin(url)]
  expect([first.statusCode, second.statusCode]).toEqual([200, 200])
  const third = await fetch(url)
  expect([third.status, third.headers.get('retry-after')]).toEqual([503, '10'])
  expect(await third.text()).toContain('2 such downloads of this address run already')
  // Other requests are not counted.
  expect((await fetch(`${app.url}/job/hello/build/${uuidOf(1)}/script`)).status).toBe(200)
  first.destroy()
  await expect.poll(async () => (await fetch(url, { method: 'GET' })).status).toBe(200)
})

test.each([
  ['takes nothing', true],
  ['takes all', false],
])('a reader that %s: dropped %s', async (_name, isDropped) => {
  let wasDropped: boolean | null = null
  const server = createServer((_request, response) => {
    const endless = Readable.from(
      (function* () {
        for (let sent = 0; sent < 64 * 1024 ** 2; sent += 64 * 1024) yield Buffer.alloc(64 * 1024)
      })(),
    )
    const endWatch = dropSlowReader(response, { everyMs: 300, leastBytes: 1_000 })
    pipeline(endless, response)
      .then(
        () => (wasDropped = false),
        () => (wasDropped = true),
      )
      .finally(endWatch)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const response = await begin(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  response.on('error', () => {})
  if (!isDropped) response.resume()
  await expect.poll(() => wasDropped).toBe(isDropped)
})
