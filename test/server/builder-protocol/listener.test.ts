import { once } from 'node:events'
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { commandTags } from '../../../server/builder-protocol/frame-limits.ts'
import { encodeFrame, frameLength } from '../../../server/formats/builder-frames.ts'
import { seeded } from '../../formats/whole-record.ts'
import { choice, nil } from '../../formats/builder/sample-commands.ts'
import { int, seq } from '../../formats/sample-record.ts'
import { openProtocolSite, type ProtocolSite, protocolSite } from './protocol-site.ts'
import { ask, dial, greet, greetExtended, WirePeer } from './wire-peer.ts'
import { selfSigned } from './self-signed.ts'
import { temporaryDir } from '../../app.ts'
import { isInstalled } from '../../programs.ts'

let site: ProtocolSite
beforeAll(async () => {
  site = await openProtocolSite()
})
afterAll(() => site.close())

const hello = (n: number, version: number) => choice(14, seq(choice(n, nil), int(version)))

test.each([
  ['a client of another version', encodeFrame(hello(0, 12))],
  ['a worker of another version', encodeFrame(hello(1, 6))],
  ['another command', encodeFrame(choice(6, nil))],
  ['the hello of a server', encodeFrame(choice(15, nil))],
  ['a reserved number', encodeFrame(choice(0, int(5)))],
  ['an unknown number', encodeFrame(choice(23, nil))],
  ['garbage', encodeFrame(Buffer.from('ff00010267617262616765', 'hex'))],
  ['a byte after the hello', encodeFrame(Buffer.concat([hello(0, 13), Buffer.of(0)]))],
  ['a length of nothing', frameLength(0)],
  ['a negative length', Buffer.alloc(8, 0xff)],
  ['a length beyond memory', frameLength(2 ** 40)],
  // A finished job may be so long, but is read in pieces.
  ['what would fill the memory', Buffer.concat([frameLength(2 ** 30), Buffer.of(0xa3)])],
  ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['the end', Buffer.of()],
])('whoever begins with %s is hung up on, without an answer', async (name, bytes) => {
  const { address, logged } = site
  const peer = await dial(address)
  if (name === 'the end') peer.socket.end()
  else peer.write(bytes)
  expect(await peer.readOctets()).toBe(null)
  expect(logged.filter((line) => line.startsWith('error'))).toEqual([])
  expect((await ask(address, { kind: 'info' })).map(({ kind }) => kind)).toEqual(['infoReply', 'success'])
})

test.each([
  ['a hello', dial, 2 ** 20],
  ['the request of a worker', (to: string) => greet(to, 'worker'), 2 ** 20],
  ['the command of a client', (to: string) => greet(to, 'client'), 6 * 2 ** 20],
  ['the introduction of a hub worker', (to: string) => greetExtended(to, 'worker'), 2 ** 20],
  ['the token of a client', (to: string) => greetExtended(to, 'client'), 2 ** 20],
])('instead of %s, a finished job is not waited for', async (name, begin, sizeBytes) => {
  const { address } = site
  const peer = await begin(address)
  // The hub would take so much of a worker that has a job.
  peer.write(frameLength(sizeBytes), Buffer.of(commandTags.jobFinished, 0x83))
  const answers = await peer.readAll()
  expect(answers.map((answer) => answer.kind === 'failure' && answer.message)).toEqual(
    name.includes('client') ? [expect.stringMatching(/^a frame has \d+ bytes; at most \d+ are allowed/)] : [],
  )
})

test('whoever is silent, or stops within a frame, is given up', async () => {
  const { address } = await protocolSite({ commandMs: 50, midFrameMs: 50 })
  for (const bytes of [Buffer.of(), encodeFrame(hello(0, 13)).subarray(0, 12)]) {
    const peer = await dial(address)
    peer.write(bytes)
    expect(await peer.readOctets()).toBe(null)
  }
  const client = await greet(address, 'client')
  expect(await client.readAll()).toEqual([])
})

test('connections above the limit are hung up on, and those before go on', async () => {
  const { address, logged } = await protocolSite({ maxConnections: 3 })
  const first = await greet(address, 'client')
  await greet(address, 'worker')
  await greet(address, 'worker')
  const refused = await dial(address)
  expect(await refused.readOctets()).toBe(null)
  expect(logged).toContain('warn the builder protocol has too many connections: new ones are hung up on')
  first.send({ kind: 'info' })
  expect((await first.readAll()).map(({ kind }) => kind)).toEqual(['infoReply', 'success'])
})

test('hundreds of connections with random bytes leave nothing behind', async () => {
  const { address, listener, logged, scheduler } = await protocolSite({ midFrameMs: 200, commandMs: 500 })
  const random = seeded(21)
  const beginnings = [Buffer.of(), encodeFrame(hello(0, 13)), encodeFrame(hello(1, 5))]
  const peers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const peer = await dial(address)
      const noise = Buffer.from(Array.from({ length: random(60) }, () => random(256)))
      // Some have a length that fits.
      const framed =
        random(2) === 0 ? encodeFrame(Buffer.concat([Buffer.of(0xa0 | random(32)), noise])) : noise
      peer.write(beginnings[i % beginnings.length] ?? Buffer.of(), framed)
      if (random(3) === 0) peer.socket.resetAndDestroy()
      return peer
    }),
  )
  await Promise.all(peers.map((peer) => drain(peer)))
  await vi.waitUntil(() => scheduler.connections() === 0, { timeout: 60_000 })
  expect(logged.filter((line) => line.startsWith('error'))).toEqual([])
  expect((await ask(address, { kind: 'info' })).at(-1)).toEqual({ kind: 'success' })
  await listener.close()
})

test('a stop hangs up on those who wait', async () => {
  const { address, listener, scheduler } = await protocolSite()
  const worker = await greet(address, 'worker')
  worker.send({ kind: 'jobRequested', platform: 'debian-12' })
  await vi.waitUntil(() => scheduler.connections() === 1, { timeout: 60_000 })
  await listener.close()
  expect(await worker.readOctets()).toBe(null)
  expect(scheduler.connections()).toBe(0)
})

test.skipIf(!isInstalled('openssl'))(
  'with TLS, whoever speaks without it is hung up on; a certificate that was renewed is taken',
  async () => {
    const { cert, key } = selfSigned(temporaryDir())
    const renewals = vi.spyOn(globalThis, 'setInterval')
    const { address, logged } = await protocolSite(
      {},
      { BUILDER_HUB_BUILDER_TLS_CERT: cert, BUILDER_HUB_BUILDER_TLS_KEY: key },
    )
    const renew = renewals.mock.calls.find(([, ms]) => ms === 60_000)?.[0]
    renewals.mockRestore()
    const plain = await dial(address)
    plain.write(encodeFrame(hello(0, 13)))
    expect(await plain.readOctets()).toBe(null)

    const serialOf = async () => {
      const [host = '', port = ''] = address.split(':')
      const socket = connectTls({ host, port: Number(port), ca: readFileSync(cert), servername: 'localhost' })
      onTestFinished(() => void socket.destroy())
      await once(socket, 'secureConnect')
      const peer = new WirePeer(socket)
      peer.send({ kind: 'clientHello', peer: 'client', version: 13n }, { kind: 'info' })
      expect((await peer.readAll()).map(({ kind }) => kind)).toEqual(['serverHello', 'infoReply', 'success'])
      return socket.getPeerCertificate().serialNumber
    }
    const first = await serialOf()
    selfSigned(join(cert, '..'))
    utimesSync(cert, new Date(), new Date(Date.now() + 60_000))
    renew?.()
    expect(await serialOf()).not.toBe(first)
    expect(logged).toContain('info the certificate of the builder protocol was read again')
  },
)

test('a listener that everybody reaches is warned of', async () => {
  const { logged } = await protocolSite({}, { BUILDER_HUB_BUILDER_LISTEN: '0.0.0.0:0' })
  expect(logged.join('\n')).toContain('warn everybody who reaches --builder-listen can schedule jobs')
})

async function drain(peer: Awaited<ReturnType<typeof dial>>): Promise<void> {
  try {
    while (await peer.readOctets());
  } catch {
    // A connection that was reset within a frame.
  }
}
