import { randomUUID } from 'node:crypto'
import { DomainError } from '../errors.ts'
import { decodeCommand } from '../formats/builder-command-decoder.ts'
import { encodeCommand } from '../formats/builder-command-encoder.ts'
import {
  type BuilderCommand,
  clientProtocolVersion,
  workerProtocolVersion,
} from '../formats/builder-commands.ts'
import { extensionVersion } from '../formats/worker-extension.ts'
import { type ClientDeps, serveClient, serveExtendedClient } from './client-session.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'
import { smallBytes } from './frame-limits.ts'
import { serveHubWorker, type HubWorkerTimes } from './hub-worker-session.ts'
import type { Peer } from './peer.ts'
import { serveBuilderWorker, type WorkerDeps } from './builder-worker-session.ts'

export type SessionDeps = ClientDeps & WorkerDeps

/** From the hello of a peer to the end of its connection. Never throws. */
export async function serveSession(deps: SessionDeps, peer: Peer, times: HubWorkerTimes): Promise<void> {
  // In the log and in the audit log, as that of a request.
  const from = { address: peer.address, requestId: randomUUID() }
  try {
    const hello = await peer.command(readHello(peer))
    if (!hello) return
    const serve = sessions[`${hello.peer} ${hello.version}`]
    if (!serve)
      throw new ProtocolError(`expected client hello, got client hello ${hello.peer} ${hello.version}`)
    await peer.send(encodeCommand({ kind: 'serverHello' }))
    await serve(deps, peer, from, times)
  } catch (error) {
    logEnd(deps, error, from)
  } finally {
    peer.close()
  }
}

type Serve = (
  deps: SessionDeps,
  peer: Peer,
  from: { address: string; requestId: string },
  times: HubWorkerTimes,
) => Promise<void>

/** Versions are compared for equality, as by builder's server: whoever has another one is hung up on. */
const sessions: Readonly<Record<string, Serve>> = {
  [`client ${clientProtocolVersion}`]: serveClient,
  [`client ${extensionVersion}`]: serveExtendedClient,
  [`worker ${workerProtocolVersion}`]: serveBuilderWorker,
  [`worker ${extensionVersion}`]: serveHubWorker,
}

/** Null: the peer has gone without a word. Throws ProtocolError for another command. */
async function readHello(peer: Peer): Promise<(BuilderCommand & { kind: 'clientHello' }) | null> {
  const head = await peer.frames.open(smallBytes)
  if (!head) return null
  const command = decodeCommand(await peer.frames.read())
  if (command.kind !== 'clientHello') throw new ProtocolError(`expected client hello, got ${command.kind}`)
  return command
}

function logEnd({ log }: SessionDeps, error: unknown, from: { address: string; requestId: string }): void {
  if (error instanceof PeerGoneError) {
    log.info({ ...from, reason: error.message }, 'a peer of the builder protocol has gone')
    return
  }
  if (error instanceof ProtocolError || error instanceof DomainError)
    log.warn({ ...from, reason: error.message }, 'a peer of the builder protocol was hung up on')
  else log.error({ err: error, ...from }, 'a session of the builder protocol failed')
}
