import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Peer } from '../server/builder-protocol/peer.ts'
import { negotiate } from '../server/build-worker/negotiate.ts'
import { connectToServer, type ServerAddress } from '../server/build-worker/server-connection.ts'
import { decodeCommand } from '../server/formats/builder-command-decoder.ts'
import { encodeCommand, encodeHello } from '../server/formats/builder-command-encoder.ts'
import type { BuilderCommand } from '../server/formats/builder-commands.ts'
import { decodeMessage, encodeMessage, type ExtensionMessage } from '../server/formats/worker-extension.ts'

export const platform = 'bench'

/** A port of loopback that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What `builder-client` does: one command and its answer. Throws if it is refused. */
export async function ask(server: ServerAddress, command: BuilderCommand): Promise<void> {
  const peer = await connectToServer(server, new AbortController().signal)
  await peer.send(encodeHello('client'), encodeCommand(command))
  for (let answer; (answer = await readCommand(peer));)
    if (answer.kind === 'failure') throw new Error(answer.message)
  peer.destroy()
}

/** An observer of a run, after its hello. */
export async function observer(server: ServerAddress, uuid: string): Promise<Peer> {
  const peer = await connectToServer(server, new AbortController().signal)
  await peer.send(encodeHello('client'), encodeCommand({ kind: 'observe', uuid }))
  return peer
}

/** Null: the hub has closed. */
export async function readCommand(peer: Peer): Promise<BuilderCommand | null> {
  const head = await peer.frames.open()
  return head && decodeCommand(await peer.frames.read())
}

export type BenchWorker = {
  say: (...messages: ExtensionMessage[]) => Promise<void>
  /** The next message of that kind; what comes before is passed over. Throws if the hub refuses something or hangs up. */
  hear: <Kind extends ExtensionMessage['kind']>(kind: Kind) => Promise<ExtensionMessage & { kind: Kind }>
  close: () => void
}

/** A slot of a worker, in the hub's protocol, welcomed. */
export async function benchWorker(server: ServerAddress, name: string): Promise<BenchWorker> {
  const { peer } = await negotiate(server, { known: 'hub', isForced: false }, new AbortController().signal)
  const worker: BenchWorker = {
    say: (...messages) => peer.send(...messages.map(encodeMessage)),
    async hear(kind) {
      for (;;) {
        if (!(await peer.frames.open())) throw new Error('the hub has hung up')
        const message = decodeMessage(await peer.frames.read())
        if (message.kind === 'ping') await peer.send(encodeMessage({ kind: 'pong' }))
        if (message.kind === 'refused') throw new Error(message.reason)
        if (message.kind === kind) return message as ExtensionMessage & { kind: typeof kind }
      }
    },
    close: () => peer.destroy(),
  }
  await worker.say({
    ...{ kind: 'introduction', name, platform, slot: 0, slots: 1, software: 'bench', token: '' },
  })
  await worker.hear('welcome')
  return worker
}
