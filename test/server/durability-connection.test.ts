import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { alice, basicAuth, bytesOf } from '../app.ts'
import { answerIn, doors, headOf, send, type Door } from '../durability/doors.ts'
import { configOf, makeDataDir } from '../durability/data-dir.ts'
import { rawConnection } from '../durability/raw-connection.ts'
import { startWatched, type WatchedServer } from '../durability/server.ts'
import { expectWhole, filesBelow, visibleBuilds } from '../durability/stored.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import type { UserId } from '../../server/ids.ts'
import { viewerOf } from '../../server/users/viewer.ts'
import { file, sampleRecord } from '../record.ts'

/** Its first artifact ends long before the record does, and both are longer than one read of a socket. */
const record = sampleRecord({
  artifacts: [
    file('first', Buffer.alloc(300_000, 'first')),
    file('bin/second', Buffer.alloc(900_000, 'second')),
  ],
})

const bodyOf = async (door: Door, one: ExecRecord = record) =>
  Buffer.concat([door.before, await bytesOf(encodeExecRecord(one)), door.after])

/** What is left of a failed upload: nothing. Waits for the server to have cleaned up. */
async function expectNothingStored({ url, config, errors }: WatchedServer): Promise<void> {
  await expect.poll(() => filesBelow(config.stagingDir)).toEqual([])
  expect(filesBelow(config.blobDir)).toEqual([])
  expect(await visibleBuilds(url)).toEqual([])
  expect(errors).toEqual([])
}

/** The same record can be stored afterwards, by the same door, and is the only one. */
async function expectHealthy(server: WatchedServer, door: Door): Promise<void> {
  const answer = await send(door, server.url, await bytesOf(encodeExecRecord(record)))
  expect(answer).toMatchObject({ verdict: 'stored' })
  await expectWhole(server.url, record)
  expect(await visibleBuilds(server.url)).toEqual([record.uuid])
  await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
  expect(server.errors).toEqual([])
}

/** Send a head and what `body` has, and wait until the server has staged the first artifact. */
async function sendFirstPart(server: WatchedServer, head: Buffer, body: Buffer) {
  const connection = await rawConnection(server.url)
  const staged = server.reached('artifact-staged')
  await connection.write(Buffer.concat([head, body]))
  await staged
  return connection
}

function promiseWithResolve(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

const chunk = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const lastChunk = Buffer.from('0\r\n\r\n')

describe.each(doors)('by $name', (door) => {
  test.each([
    ['resets the connection', 'reset'],
    ['closes its direction of the connection', 'halfClose'],
  ] as const)('a client that %s mid-body leaves nothing', async (_name, leave) => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Content-Length': body.length })
    const connection = await sendFirstPart(server, head, body.subarray(0, 700_000))
    connection[leave]()
    await connection.closed
    expect(answerIn(door, connection.received())?.verdict).not.toBe('stored')
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test('a client that leaves before the record begins, or in its first bytes, leaves nothing', async () => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Content-Length': body.length })
    for (const bytes of [0, 1, door.before.length, door.before.length + 3, door.before.length + 30]) {
      const connection = await rawConnection(server.url)
      await connection.write(Buffer.concat([head, body.subarray(0, bytes)]))
      connection.halfClose()
      await connection.closed
    }
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test('a client that leaves while its password is checked leaves nothing', async () => {
    const [asked, letIn] = [promiseWithResolve(), promiseWithResolve()]
    const server = await startWatched({
      overrides: {
        async authenticate() {
          asked.resolve()
          await letIn.promise
          return viewerOf(
            { id: 1 as UserId, name: alice.name, role: 'UPLOADER', unrestricted: true, oidcIssuer: null },
            { kind: 'password' },
          )
        },
      },
    })
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Content-Length': body.length })
    const connection = await rawConnection(server.url)
    // So little that the server still reads the connection, and sees at once that it ends.
    await connection.write(Buffer.concat([head, body.subarray(0, door.before.length + 1_000)]))
    await asked.promise
    connection.reset()
    await connection.closed
    // The server has seen the reset when it answers what came after it.
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    letIn.resolve()
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test('all but the last byte of a body is no upload', async () => {
    const server = await startWatched()
    // By the multipart door the last bytes that count are those of the record's closing boundary.
    const body = (await bodyOf(door)).subarray(0, door.after.length === 0 ? undefined : -2)
    const head = headOf(door, server.url, { 'Content-Length': body.length })
    const connection = await sendFirstPart(server, head, body.subarray(0, -1 - door.after.length))
    connection.halfClose()
    await connection.closed
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test('a body that is longer than declared is cut there; the rest is no request', async () => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Content-Length': 700_000, Connection: 'keep-alive' })
    const connection = await rawConnection(server.url)
    await connection.write(Buffer.concat([head, body]))
    expect(answerIn(door, await connection.closed)?.verdict).not.toBe('stored')
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test.each(['close', 'keep-alive'])(
    'a client that listens only when all is sent hears why it was refused (Connection: %s)',
    async (connectionHeader) => {
      const server = await startWatched()
      // Malformed from its first byte, and longer than what sockets hold between them.
      const body = Buffer.concat([door.before, Buffer.alloc(32 * 1024 ** 2), door.after])
      const head = headOf(door, server.url, { 'Content-Length': body.length, Connection: connectionHeader })
      const connection = await rawConnection(server.url)
      await connection.write(Buffer.concat([head, body]))
      const received = await connection.receive(/malformed build record at byte 0/)
      expect(answerIn(door, received)).toMatchObject({ verdict: 'malformed' })
      if (connectionHeader === 'close') await connection.closed
      await expectNothingStored(server)
    },
  )

  test('so does one that sends hundreds of megabytes for nothing', async () => {
    const server = await startWatched()
    const mebibyte = Buffer.alloc(1024 ** 2)
    const length = door.before.length + 300 * mebibyte.length + door.after.length
    const { hostname, port } = new URL(server.url)
    // It does not read before it has written all.
    const socket = connect({ port: Number(port), host: hostname }).pause()
    onTestFinished(() => void socket.destroy())
    const write = (bytes: Uint8Array) =>
      new Promise<void>((resolve, reject) =>
        socket.write(bytes, (error) => (error ? reject(error) : resolve())),
      )
    await write(headOf(door, server.url, { 'Content-Length': length, Connection: 'close' }))
    await write(door.before)
    for (let count = 0; count < 300; count++) await write(mebibyte)
    await write(door.after)
    expect(answerIn(door, await text(socket))).toMatchObject({ verdict: 'malformed' })
    await expectNothingStored(server)
  })

  test('more than any record may have is not listened to', async () => {
    const dataDir = makeDataDir()
    const server = await startWatched({
      config: configOf(dataDir, { BUILDER_HUB_UPLOAD_MAX_BYTES: '2000000' }),
    })
    const mebibyte = Buffer.alloc(1024 ** 2)
    const connection = await rawConnection(server.url)
    await connection.write(headOf(door, server.url, { 'Transfer-Encoding': 'chunked' }))
    await connection.write(chunk(door.before.length > 0 ? door.before : mebibyte))
    for (let count = 0; count < 100; count++) {
      // Only what the sockets hold between them is taken.
      void connection.write(chunk(mebibyte))
    }
    await connection.closed
    await expectNothingStored(server)
  })

  test('bytes after a complete body on the connection are not a second upload', async () => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Content-Length': body.length, Connection: 'keep-alive' })
    const connection = await rawConnection(server.url)
    const other = sampleRecord({ job: 'other' })
    await connection.write(Buffer.concat([head, body, await bodyOf(door, other)]))
    await connection.closed
    // The record was whole: whether the client still hears so is open, but it is there as a whole or not at all.
    await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
    const visible = await visibleBuilds(server.url)
    if (visible.length > 0) await expectWhole(server.url, record)
    expect(visible).not.toContain(other.uuid)
    expect(server.errors).toEqual([])
  })

  test('a body in chunks of any size is stored', async () => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Transfer-Encoding': 'chunked', Connection: 'close' })
    const cuts = [1, 2, 3, 50, 1_000, 64_000, 400_000]
    const pieces = cuts.map((start, i) => chunk(body.subarray(cuts[i - 1] ?? 0, start)))
    const connection = await rawConnection(server.url)
    await connection.write(Buffer.concat([head, ...pieces, chunk(body.subarray(cuts.at(-1))), lastChunk]))
    expect(answerIn(door, await connection.closed)).toMatchObject({ verdict: 'stored' })
    await expectWhole(server.url, record)
    expect(server.errors).toEqual([])
  })

  test.each([
    ['without its last chunk', (rest: Buffer) => chunk(rest.subarray(0, -20))],
    ['that ends within a chunk', (rest: Buffer) => chunk(rest).subarray(0, -40)],
    ['with a chunk whose size is no number', (rest: Buffer) => Buffer.concat([Buffer.from('zz\r\n'), rest])],
  ])('a chunked body %s leaves nothing', async (_name, ending) => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const head = headOf(door, server.url, { 'Transfer-Encoding': 'chunked' })
    const connection = await sendFirstPart(server, head, chunk(body.subarray(0, 700_000)))
    await connection.write(ending(body.subarray(700_000)))
    connection.halfClose()
    expect(answerIn(door, await connection.closed)?.verdict).not.toBe('stored')
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })

  test('a client that expects 100-continue hears it, then sends', async () => {
    const server = await startWatched()
    const body = await bodyOf(door)
    const connection = await rawConnection(server.url)
    await connection.write(
      headOf(door, server.url, {
        'Content-Length': body.length,
        Expect: '100-continue',
        Connection: 'close',
      }),
    )
    await connection.receive(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    await connection.write(body)
    expect(answerIn(door, await connection.closed)).toMatchObject({ verdict: 'stored' })
    await expectWhole(server.url, record)
  })

  test('a client that expects 100-continue with a wrong password is refused without it', async () => {
    const server = await startWatched()
    const connection = await rawConnection(server.url)
    const head = headOf(door, server.url, { 'Content-Length': 700_000, Expect: '100-continue' })
    const wrong = basicAuth({ ...alice, password: 'wrong' })
    await connection.write(
      Buffer.from(head.toString().replace(/Authorization: .*/i, `Authorization: ${wrong}`)),
    )
    expect(await connection.receive(/401/)).toMatch(/^HTTP\/1\.1 401 /)
    connection.reset()
  })

  test.each([
    ['ends early', (bytes: Buffer) => bytes.subarray(0, 700_000)],
    ['lacks its last byte', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['is followed by a byte', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['is followed by another', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['is empty', () => Buffer.alloc(0)],
  ])('a record that %s inside of a complete body is malformed', async (_name, change) => {
    const server = await startWatched()
    const answer = await send(door, server.url, change(await bytesOf(encodeExecRecord(record))))
    expect(answer).toMatchObject({ verdict: 'malformed' })
    await expectNothingStored(server)
    await expectHealthy(server, door)
  })
})

test('a whole record in a body that was declared longer leaves nothing', async () => {
  const server = await startWatched()
  const [door] = doors
  const body = await bodyOf(door)
  const head = headOf(door, server.url, { 'Content-Length': body.length + 1 })
  const connection = await sendFirstPart(server, head, body)
  connection.halfClose()
  await connection.closed
  await expectNothingStored(server)
  await expectHealthy(server, door)
})
