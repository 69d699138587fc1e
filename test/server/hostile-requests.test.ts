import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startWatched } from '../durability/server.ts'

// Requests that a client of good faith never sends, byte by byte, through the real server.

/** All that the server answers to these bytes, until it closes the connection. */
async function answersTo(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  let received = ''
  socket.on('data', (data) => (received += data.toString('latin1')))
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'))
  await once(socket, 'close')
  return received
}

const statusesOf = (answers: string) =>
  [...answers.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))

const smuggled = 'GET /ready HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n'
const post = (headers: string, body: string) =>
  `POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`

test('a request whose length can be read in two ways is refused, and what follows is no request', async () => {
  const { url, errors } = await startWatched()
  const ambiguous = {
    'two lengths': post('Content-Length: 4\r\nContent-Length: 6', `{}  ${smuggled}`),
    'a length and chunks': post('Content-Length: 6\r\nTransfer-Encoding: chunked', `0\r\n\r\n${smuggled}`),
    'chunks that are not last': post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${smuggled}`),
    'an unknown coding': post('Transfer-Encoding: xchunked', `0\r\n\r\n${smuggled}`),
    'a space before the colon': post('Transfer-Encoding : chunked', `0\r\n\r\n${smuggled}`),
    'a length with a sign': post('Content-Length: +2', `{}${smuggled}`),
    'a length in two parts': post('Content-Length: 2, 2', `{}${smuggled}`),
    'a chunk whose length is no number': post(
      'Transfer-Encoding: chunked',
      `0x2\r\n{}\r\n0\r\n\r\n${smuggled}`,
    ),
    'a header with a NUL': `GET /ready HTTP/1.1\r\nHost: hub\r\nX: a\0b\r\n\r\n${smuggled}`,
    'no host': `GET /ready HTTP/1.1\r\n\r\n${smuggled}`,
    'two hosts': `GET /ready HTTP/1.1\r\nHost: hub\r\nhost: evil.example\r\n\r\n${smuggled}`,
  }
  const answers = await Promise.all(
    Object.entries(ambiguous).map(async ([name, bytes]): Promise<[string, number[]]> => [
      name,
      statusesOf(await answersTo(url, bytes)),
    ]),
  )
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(Object.keys(ambiguous).map((name) => [name, [400]])),
  )
  // A body of a GET is no request either.
  const get = `GET /ready HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`
  expect(statusesOf(await answersTo(url, get))).toEqual([200])
  const long = `GET /ready HTTP/1.1\r\nHost: hub\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`
  expect(statusesOf(await answersTo(url, long))).toEqual([431])
  expect(errors).toEqual([])
})

test('the host of a request is never markup or a line of a header', async () => {
  const { url } = await startWatched()
  const hosts = [
    '"><script>alert(1)</script>',
    'hub\u00a0evil',
    'a b',
    'hub/..//evil.example',
    'hub@evil.example',
    '',
  ]
  for (const host of hosts)
    for (const path of ['/', '/robots.txt', '/builds.atom', '/job/none/build/latest']) {
      const answer = await answersTo(
        url,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).not.toContain('<script>alert')
      expect(answer).not.toMatch(/^location:.*evil/im)
      expect(statusesOf(answer)).toHaveLength(1)
      expect(statusesOf(answer)[0]).toBeLessThan(500)
    }
})
