import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { waitForStorage } from '../../server/request-body.ts'

/** A server whose connections may be idle for a moment only. */
async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer((request, response) => {
    waitForStorage(request, response)
    handle(request, response)
  })
  server.timeout = 500
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function send(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  return text(socket)
}

/** After the connection was idle for so many times. */
async function idleTimes(response: ServerResponse, count: number): Promise<void> {
  for (let times = 0; times < count; times++) await once(response, 'timeout')
}

const post = (length: number, body: string) =>
  `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`

test('a body that is all there is stored however long it takes', async () => {
  const port = await serve((request, response) => {
    request.resume().once('end', () => {
      void idleTimes(response, 2).then(() => response.writeHead(201).end('stored'))
    })
  })
  expect(await send(port, post(4, 'body'))).toMatch(/^HTTP\/1\.1 201 [^]*stored/)
})

test('bytes that wait to be read are the server’s turn', async () => {
  const port = await serve((request, response) => {
    request.pause()
    request.once('readable', () => {
      void idleTimes(response, 2).then(async () => response.writeHead(201).end(await text(request)))
    })
  })
  expect(await send(port, post(4, 'body'))).toMatch(/^HTTP\/1\.1 201 [^]*body/)
})

test('a client that stands still is hung up on', async () => {
  const port = await serve((request) => void request.resume().on('error', () => {}))
  expect(await send(port, post(4, 'bo'))).toBe('')
})
