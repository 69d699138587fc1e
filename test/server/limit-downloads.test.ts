import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

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

test('clients that leave at once, or ask for several archives on one connection, free their places', async () => {
  const app = await testApp()
  const big = file('bin/big', randomBytes(8 * 1024 ** 2))
  await app.upload(sampleRecord({ uuid: uuidOf(1), artifacts: [big] }))
  const path = `/job/hello/build/${uuidOf(1)}/all.tar.gz`
  const { hostname, port } = new URL(app.url)
  const request = `GET ${path} HTTP/1.1\r\nHost: hub\r\n\r\n`
  for (const [requests, leave] of [
    [1, 'at once'],
    [2, 'at once'],
    [1, 'later'],
    [2, 'later'],
  ] as const) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    await once(socket, 'connect')
    await new Promise<void>((resolve) => socket.write(request.repeat(requests), () => resolve()))
    // The head of the first answer; the second one waits for its end.
    if (leave === 'later') await once(socket, 'readable')
    socket.destroy()
  }
  const begun = async () => (await begin(`${app.url}${path}`)).statusCode
  await expect.poll(begun).toBe(200)
  await expect.poll(begun).toBe(200)
  // And no more: both are under way.
  expect(await begun()).toBe(503)
})
