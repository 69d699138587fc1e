import { PeerGoneError, ProtocolError } from '../builder-protocol/errors.ts'
import type { Peer } from '../builder-protocol/peer.ts'
import { DomainError } from '../errors.ts'
import { decodeMessage, encodeMessage, type ExtensionMessage } from '../formats/worker-extension.ts'
import { deliverRun } from './deliver-run.ts'
import { type RunLimits, smallerLimits } from './run-limits.ts'
import { startRun } from './run-under-way.ts'
import { dropRun, type Slot, type SlotSite } from './slot-state.ts'

type RunMessage = ExtensionMessage & { kind: 'run' }

/** The hub does not want this worker, such as for its token. */
export class RefusedByHubError extends DomainError {
  override readonly name = 'RefusedByHubError'
}

const pong = encodeMessage({ kind: 'pong' })
const ping = encodeMessage({ kind: 'ping' })

/**
 * A connection of a slot to the hub, after the hello: goes on with the run of the slot if it has one, then asks for runs, until the
 * connection ends or the worker drains. `onWelcome` is called when the hub has taken the worker. Throws PeerGoneError,
 * ProtocolError, RefusedByHubError. docs/worker-protocol.md has the messages.
 */
export async function serveHub(site: SlotSite, slot: Slot, peer: Peer, onWelcome: () => void): Promise<void> {
  const { name, platform, slots, software } = site
  const token = (await site.readToken()) ?? ''
  await peer.send(
    encodeMessage({ kind: 'introduction', name, platform, slot: slot.number, slots, software, token }),
  )
  const welcome = await nextMessage(peer)
  if (welcome.kind === 'refused')
    throw new RefusedByHubError(`the hub refuses this worker: ${welcome.reason}`)
  if (welcome.kind !== 'welcome') throw outOfTurn(welcome)
  onWelcome()
  const heartbeatMs = welcome.heartbeatSeconds * 1_000
  peer.silenceMs = 3 * heartbeatMs
  const heartbeat = setInterval(() => void peer.send(ping).catch(() => undefined), heartbeatMs)
  try {
    if (slot.run) await resumeRun(slot, slot.run.uuid, peer)
    while (!site.draining.aborted) {
      const message = await requestRun(site, peer)
      if (!message) break
      const limits = limitsOf(message, site)
      slot.run = await startRun(site.runs, { uuid: message.uuid, job: message.job, limits })
      await deliver(slot, peer, 0)
    }
    await peer.send(encodeMessage({ kind: 'leaving' }))
  } finally {
    clearInterval(heartbeat)
  }
}

/** Null: the worker drains. A run that crosses with that is put back by the hub when the connection ends. */
async function requestRun({ draining }: SlotSite, peer: Peer): Promise<RunMessage | null> {
  await peer.send(encodeMessage({ kind: 'request' }))
  const leave = () => peer.destroy()
  draining.addEventListener('abort', leave)
  if (draining.aborted) leave()
  try {
    for (;;) {
      const message = await nextMessage(peer)
      if (message.kind === 'run') return message
      // What crossed with the end of the run before.
      if (!['cancel', 'refused', 'linesStored'].includes(message.kind)) throw outOfTurn(message)
    }
  } catch (error) {
    if (draining.aborted && error instanceof PeerGoneError) return null
    throw error
  } finally {
    draining.removeEventListener('abort', leave)
  }
}

async function resumeRun(slot: Slot, uuid: string, peer: Peer): Promise<void> {
  await peer.send(encodeMessage({ kind: 'resume', uuid }))
  const answer = await nextMessage(peer)
  if (answer.kind === 'resumed') return deliver(slot, peer, answer.lineCount)
  if (answer.kind !== 'refused') throw outOfTurn(answer)
  await dropRun(slot, answer.reason)
}

/** Sends the run of the slot until the hub has it, or wants it no more. */
async function deliver(slot: Slot, peer: Peer, first: number): Promise<void> {
  const { run } = slot
  if (!run) return
  const leaving = new AbortController()
  const delivery = deliverRun(peer, run, first, leaving.signal)
  let failure: unknown = null
  delivery.sent.catch((error: unknown) => {
    if (leaving.signal.aborted) return
    // A connection that ends while sending ends receiving, too, which tells why. Other errors would come again for this run.
    if (!(error instanceof PeerGoneError)) failure = error
    peer.destroy()
  })
  try {
    for (;;) {
      const message = await nextMessage(peer)
      if (!('uuid' in message) || message.uuid !== run.uuid) continue
      if (message.kind === 'linesStored') delivery.acknowledge(message.count)
      else if (message.kind === 'stored') return await dropRun(slot, 'it is stored')
      else if (message.kind === 'refused' || message.kind === 'cancel') {
        leaving.abort(new PeerGoneError(message.reason))
        await delivery.sent.catch(() => undefined)
        return await dropRun(slot, message.reason)
      } else throw outOfTurn(message)
    }
  } finally {
    leaving.abort(new PeerGoneError())
    await delivery.sent.catch(() => undefined)
    if (failure !== null) await dropRun(slot, 'its files cannot be sent')
  }
}

/** The next message that is not of the heartbeat. Throws PeerGoneError at the end of the connection. */
async function nextMessage(peer: Peer): Promise<ExtensionMessage> {
  for (;;) {
    if (!(await peer.frames.open())) throw new PeerGoneError('the hub has closed the connection')
    const message = decodeMessage(await peer.frames.read())
    if (message.kind === 'ping') await peer.send(pong)
    else if (message.kind !== 'pong') return message
  }
}

const outOfTurn = ({ kind }: ExtensionMessage) => new ProtocolError(`the hub sent ${kind} out of turn`)

function limitsOf({ timeoutSeconds, limits }: RunMessage, { limits: own }: SlotSite): RunLimits {
  const timeMs = timeoutSeconds * 1_000
  const allowsNetwork = own.network === 'always' || limits.allowsNetwork
  return smallerLimits(
    { ...limits, timeMs, allowsNetwork },
    { ...own, timeMs: own.timeMs ?? timeMs, allowsNetwork: own.network !== 'never' },
  )
}
