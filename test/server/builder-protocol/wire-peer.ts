import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand, encodeHello } from '../../../server/formats/builder-command-encoder.ts'
import type { BuilderCommand } from '../../../server/formats/builder-commands.ts'
import { encodeFrame, FrameReader } from '../../../server/formats/builder-frames.ts'
import {
  decodeMessage,
  encodeExtensionHello,
  encodeMessage,
  type ExtensionMessage,
} from '../../../server/formats/worker-extension.ts'

/** A test at the other end of the protocol, which also sends what no program of builder would. */
export class WirePeer {
  readonly socket: Socket
  readonly #frames: FrameReader

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    const chunks: AsyncIterator<Uint8Array> = socket.iterator({ destroyOnReturn: false })
    const pull = async () => {
      try {
        const next = await chunks.next()
        return next.done === true ? null : next.value
      } catch {
        // A reset connection is over, too.
        return null
      }
    }
    this.#frames = new FrameReader(pull, { anyBytes: 2 ** 40, wholeBytes: 2 ** 40, bytesOf: () => 2 ** 40 })
  }

  write(...bytes: Uint8Array[]): void {
    for (const one of bytes) this.socket.write(one)
  }

  send(...commands: BuilderCommand[]): void {
    this.write(...commands.map((command) => encodeFrame(encodeCommand(command))))
  }

  tell(...messages: ExtensionMessage[]): void {
    this.write(...messages.map((message) => encodeFrame(encodeMessage(message))))
  }

  /** The octets of the next frame; null: the hub has closed. */
  async readOctets(): Promise<Uint8Array | null> {
    const head = await this.#frames.open()
    return head && this.#frames.read()
  }

  async read(): Promise<BuilderCommand | null> {
    const octets = await this.readOctets()
    return octets && decodeCommand(octets)
  }

  /** The next message that is not of the heartbeat. */
  async hear(): Promise<ExtensionMessage | null> {
    for (let octets; (octets = await this.readOctets());) {
      const message = decodeMessage(octets)
      if (message.kind === 'ping') this.tell({ kind: 'pong' })
      else return message
    }
    return null
  }

  /** All that the hub sends until it closes. */
  async readAll(): Promise<BuilderCommand[]> {
    const commands = []
    for (let command; (command = await this.read());) commands.push(command)
    return commands
  }
}

/** A connection to a listener, open until the test ends. */
export async function dial(address: string): Promise<WirePeer> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const socket = connect({ host, port: Number(port), allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  const peer = new WirePeer(socket)
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return peer
}

/** After builder's hello and its answer. */
export async function greet(address: string, kind: 'client' | 'worker'): Promise<WirePeer> {
  const peer = await dial(address)
  peer.write(encodeFrame(encodeHello(kind)))
  const answer = await peer.read()
  if (answer?.kind !== 'serverHello') throw new Error(`no hello, but ${answer?.kind}`)
  return peer
}

/** After the hello of the hub's own protocol. */
export async function greetExtended(address: string, kind: 'client' | 'worker'): Promise<WirePeer> {
  const peer = await dial(address)
  peer.write(encodeFrame(encodeExtensionHello(kind)))
  const answer = await peer.read()
  if (answer?.kind !== 'serverHello') throw new Error(`no hello, but ${answer?.kind}`)
  return peer
}

/** The answer to a command of a client: all frames until the hub closes. */
export async function ask(address: string, command: BuilderCommand): Promise<BuilderCommand[]> {
  const peer = await greet(address, 'client')
  peer.send(command)
  return peer.readAll()
}
