import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  startBuildWorker,
  type BuildWorker,
  type WorkerOptions,
} from '../../../server/build-worker/build-worker.ts'
import { PeerGoneError } from '../../../server/builder-protocol/errors.ts'
import { defaultPeerTimes, Peer } from '../../../server/builder-protocol/peer.ts'
import {
  decodeMessage,
  encodeMessage,
  type ExtensionMessage,
} from '../../../server/formats/worker-extension.ts'
import { createLog } from '../../../server/log.ts'
import { temporaryDir } from '../../app.ts'
import { noPlaces } from './script-site.ts'

export const platform = 'debian-12'

/** A worker of this process for a server at `port`. It is stopped when the test is done. */
export async function testWorker(port: number, options: Partial<WorkerOptions> = {}): Promise<BuildWorker> {
  const worker = await startBuildWorker(
    {
      server: { host: '127.0.0.1', port, tls: null },
      ...{ platform, name: 'test-worker', slots: 1, software: 'test', isBuilderProtocol: false },
      readToken: async () => null,
      limits: {
        timeMs: null,
        memoryBytes: null,
        diskBytes: null,
        cpus: null,
        maxProcesses: 10_000,
        network: 'run',
      },
      ...{ sandbox: 'auto', places: noPlaces, env: {}, workDir: join(temporaryDir(), 'worker') },
      pauses: { minMs: 20, maxMs: 100 },
      ...options,
    },
    createLog('silent'),
  )
  onTestFinished(async () => {
    worker.stop()
    await worker.done
  })
  return worker
}

/** A server whose connections the test takes one by one. */
export type TestServer = { port: number; next: () => Promise<Socket> }

export async function testServer(host = '127.0.0.1'): Promise<TestServer> {
  const connections: Socket[] = []
  const waiting: ((socket: Socket) => void)[] = []
  const all = new Set<Socket>()
  const server = createServer((socket) => {
    all.add(socket)
    socket.on('error', () => undefined)
    const taker = waiting.shift()
    if (taker) taker(socket)
    else connections.push(socket)
  }).listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of all) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    next: async () => connections.shift() ?? new Promise<Socket>((resolve) => waiting.push(resolve)),
  }
}

const limits = { anyBytes: 2 ** 31, wholeBytes: 2 ** 31, bytesOf: () => 2 ** 31 }

export const peerOf = (socket: Socket): Peer => new Peer(socket, limits, defaultPeerTimes)

/** The bytes of the next frame, without its length. */
export async function nextFrame(peer: Peer): Promise<Uint8Array> {
  if (!(await peer.frames.open())) throw new PeerGoneError('the worker has closed the connection')
  return Uint8Array.from(await peer.frames.read())
}

/** The next message of a worker that is not of the heartbeat, which has to be of this kind. */
export async function nextMessage<Kind extends ExtensionMessage['kind']>(
  peer: Peer,
  kind: Kind,
): Promise<ExtensionMessage & { kind: Kind }> {
  for (;;) {
    const message = decodeMessage(await nextFrame(peer))
    if (message.kind === 'ping' || message.kind === 'pong') continue
    if (message.kind !== kind) throw new Error(`expected ${kind}, got ${message.kind}`)
    return message as ExtensionMessage & { kind: Kind }
  }
}

export const say = (peer: Peer, message: ExtensionMessage) => peer.send(encodeMessage(message))
