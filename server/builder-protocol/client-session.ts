import type { Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { isDatabaseFull } from '../database/database-errors.ts'
import { DomainError, MalformedError, StorageFullError } from '../errors.ts'
import { decodeCommand } from '../formats/builder-command-decoder.ts'
import { encodeCommand } from '../formats/builder-command-encoder.ts'
import { BadUuidError } from '../formats/uuid-octets.ts'
import { decodeMessage } from '../formats/worker-extension.ts'
import { SchedulingError } from '../scheduling/errors.ts'
import { checkToken, type TokenDeps } from './check-token.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'
import { scheduleBytes, smallBytes } from './frame-limits.ts'
import { observe, type ObserveDeps } from './observe.ts'
import type { Peer } from './peer.ts'
import { type CommandDeps, runCommand } from './run-command.ts'

export type ClientDeps = CommandDeps & ObserveDeps & TokenDeps & Pick<Deps, 'log'>

type From = { address: string; requestId: string }

/** A connection of builder-client, after the hello: one command and its answer. */
export async function serveClient(deps: ClientDeps, peer: Peer, from: From): Promise<void> {
  await answering(deps, peer, from, async () => {
    const { actor } = await checkToken(deps, null, 'schedule', from)
    await answerCommand(deps, peer, actor)
  })
}

/** Like `serveClient`, for a client that sends a token before its command. */
export async function serveExtendedClient(deps: ClientDeps, peer: Peer, from: From): Promise<void> {
  await answering(deps, peer, from, async () => {
    const message = decodeMessage(await peer.command(readFrame(peer, smallBytes)))
    if (message.kind !== 'authorization') throw new MalformedError('connection', 0, 'the token is missing')
    const { actor } = await checkToken(deps, message.token, 'schedule', from)
    await answerCommand(deps, peer, actor)
  })
}

async function answerCommand(deps: ClientDeps, peer: Peer, actor: Actor): Promise<void> {
  const command = decodeCommand(await peer.command(readFrame(peer, scheduleBytes)))
  if (command.kind === 'observe') {
    await observe(deps, peer, command.uuid)
    return
  }
  await peer.undisturbed(async () => {
    const reply = await runCommand(deps, command, actor)
    await peer.send(...reply.map(encodeCommand), encodeCommand({ kind: 'success' }))
  })
}

/** Throws PeerGoneError where the client sends no command. */
async function readFrame(peer: Peer, maxBytes: number): Promise<Uint8Array> {
  const head = await peer.frames.open(maxBytes)
  if (!head) throw new PeerGoneError(endOfFile)
  return peer.frames.read()
}

/** builder's words. */
const endOfFile = 'end of file'

/** What is thrown becomes a Failure, which the client prints. */
async function answering(
  deps: ClientDeps,
  peer: Peer,
  from: From,
  serve: () => Promise<void>,
): Promise<void> {
  try {
    await serve()
  } catch (error) {
    const message = failureOf(error)
    if (message === null) deps.log.error({ err: error, ...from }, 'a command of the builder protocol failed')
    const told = message ?? `internal error, request id ${from.requestId}: tell the operator`
    await peer.send(encodeCommand({ kind: 'failure', message: told }))
  }
}

/** Null: a bug. */
function failureOf(error: unknown): string | null {
  if (error instanceof BadUuidError) return "couldn't decode UUID"
  if (error instanceof SchedulingError) return error.builderWords
  if (error instanceof DomainError || error instanceof ProtocolError) return error.message
  if (error instanceof PeerGoneError) return endOfFile
  if (isDatabaseFull(error)) return new StorageFullError().message
  return null
}
