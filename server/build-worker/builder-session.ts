import { PeerGoneError, ProtocolError } from '../builder-protocol/errors.ts'
import type { Peer } from '../builder-protocol/peer.ts'
import { decodeCommand } from '../formats/builder-command-decoder.ts'
import { encodeCommand, encodeJobFinished } from '../formats/builder-command-encoder.ts'
import type { BuilderCommand } from '../formats/builder-commands.ts'
import { startRun, type RunUnderWay } from './run-under-way.ts'
import { dropRun, type Slot, type SlotSite } from './slot-state.ts'

/** As builder's worker: an hour. */
const defaultTimeMs = 3_600_000
/** Of the lines that are sent at once, roughly. */
const batchBytes = 64 * 2 ** 10
/** builder's server uploads the build before it closes the connection. */
const closeMs = 120_000

/**
 * A connection of a slot to builder's server, after the hello: one job. A run whose connection is lost is ended: the server gives
 * the job to another worker, and takes nothing for it any more. Throws PeerGoneError and ProtocolError.
 */
export async function serveBuilder(site: SlotSite, slot: Slot, peer: Peer): Promise<void> {
  const { platform, runs, limits: own } = site
  await peer.send(encodeCommand({ kind: 'jobRequested', platform }))
  const assigned = await untilAssigned(site, peer)
  if (!assigned) return
  const { uuid, job } = assigned
  const limits = { ...own, timeMs: own.timeMs ?? defaultTimeMs, allowsNetwork: own.network !== 'never' }
  const run = await startRun(runs, { uuid, job, limits })
  slot.run = run
  const leaving = new AbortController()
  const lost = 'the connection to builder-server is lost'
  leaving.signal.addEventListener('abort', () => run.stop(lost))
  // The server says nothing more: what it does is to hang up, as after its own time limit.
  const hungUp = waitForEnd(peer, leaving)
  try {
    await sendLines(peer, run, leaving.signal)
    await sendEnd(peer, run)
    peer.close()
    await Promise.race([hungUp, new Promise((resolve) => setTimeout(resolve, closeMs).unref())])
  } finally {
    leaving.abort(new PeerGoneError())
    await dropRun(slot, lost)
  }
}

/** Null: the worker drains. */
async function untilAssigned(
  { draining }: SlotSite,
  peer: Peer,
): Promise<(BuilderCommand & { kind: 'jobSchedule' }) | null> {
  const leave = () => peer.destroy()
  draining.addEventListener('abort', leave)
  if (draining.aborted) leave()
  try {
    if (!(await peer.frames.open())) throw new PeerGoneError('builder-server has closed the connection')
    const command = decodeCommand(await peer.frames.read())
    if (command.kind !== 'jobSchedule') throw new ProtocolError(`expected a job, got ${command.kind}`)
    return command
  } catch (error) {
    if (draining.aborted && error instanceof PeerGoneError) return null
    throw error
  } finally {
    draining.removeEventListener('abort', leave)
  }
}

async function waitForEnd(peer: Peer, leaving: AbortController): Promise<void> {
  try {
    if (await peer.frames.open()) throw new ProtocolError('builder-server sent a command while its job runs')
    throw new PeerGoneError('builder-server has closed the connection')
  } catch (error) {
    leaving.abort(error)
  }
}

/** Each line without its time: the server takes that of the arrival. */
async function sendLines(peer: Peer, { uuid, console }: RunUnderWay, signal: AbortSignal): Promise<void> {
  for (let next = 0; ;) {
    await console.untilMore(next, signal)
    const lines = await console.read(next, batchBytes)
    if (lines.length === 0) return
    await peer.send(...lines.map(({ text }) => encodeCommand({ kind: 'output', uuid, text })))
    next += lines.length
    console.acknowledge(next)
  }
}

async function sendEnd(peer: Peer, { uuid, ended }: RunUnderWay): Promise<void> {
  const { result, detail, files } = await ended
  if (detail !== null)
    await peer.send(encodeCommand({ kind: 'output', uuid, text: Buffer.from(`hub worker: ${detail}`) }))
  const finished = encodeJobFinished({
    ...{ uuid, result },
    files: files.map(({ path, sizeBytes, chunks }) => ({ path, sizeBytes, data: chunks })),
  })
  await peer.sendStreamed(finished)
}
