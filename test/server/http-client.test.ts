import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AnswerTooLargeError, AnswerTooLateError, createHttpClient } from '../../server/http-client.ts'

async function site(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('an answer within the limits arrives as it is', async () => {
  const url = await site((request, response) =>
    response.writeHead(202, { 'Content-Type': 'text/plain', 'X-Method': request.method }).end('taken'),
  )
  const answer = await createHttpClient({ maxBytes: 5 })(url, { method: 'POST', body: 'x' })
  expect([answer.status, answer.headers.get('x-method'), await answer.text()]).toEqual([202, 'POST', 'taken'])
})

test('an answer without a body has none', async () => {
  const url = await site((_request, response) => response.writeHead(204).end())
  const answer = await createHttpClient()(url)
  expect([answer.status, await answer.text()]).toEqual([204, ''])
})

test('a body that is larger than the limit, declared or not, cannot be read', async () => {
  const url = await site((_request, response) => {
    response.write('123')
    response.end('456')
  })
  const answer = await createHttpClient()(url, { maxBytes: 5 })
  await expect(answer.text()).rejects.toThrow(AnswerTooLargeError)
})

test.each([
  ['no answer', () => {}],
  ['half an answer', (_request, response) => void response.write('half')],
] satisfies [string, RequestListener][])(
  '%s in time is an error that names the site',
  async (_name, listener) => {
    const url = await site(listener)
    const reading = createHttpClient()(url, { timeoutMs: 200 }).then((answer) => answer.text())
    await expect(reading).rejects.toThrow(AnswerTooLateError)
    await expect(reading).rejects.toThrow('127.0.0.1')
  },
)

test('the signal of the caller ends a request', async () => {
  const url = await site(() => {})
  await expect(createHttpClient()(url, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow(
    'no more',
  )
})

test('a body that comes too slowly ends, however long it is', async () => {
  const url = await site((_request, response) => {
    const writing = setInterval(() => response.write('x'), 10)
    response.once('close', () => clearInterval(writing))
  })
  const answer = await createHttpClient()(url, { idleMs: 200, minBytesPerSecond: 1024 ** 2 })
  await expect(answer.text()).rejects.toThrow(
    /^127.0.0.1:\d+ sends (less than 1048576 bytes a second|nothing)/,
  )
})
