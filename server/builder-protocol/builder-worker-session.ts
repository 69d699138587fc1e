import type { Deps } from '../deps.ts'
import { decodeCommand } from '../formats/builder-command-decoder.ts'
import { encodeCommand } from '../formats/builder-command-encoder.ts'
import type { FrameHead } from '../formats/builder-frames.ts'
import { checkPlatformName, UnsafeNameError } from '../formats/exec-names.ts'
import { readJobFinished } from '../formats/job-finished.ts'
import type { ConsoleEntry } from '../live-console/live-console.ts'
import type { AssignedTry, WorkerLink } from '../scheduling/scheduler.ts'
import { causeOf, reasonOfLoss, requestRun, showStarted } from './assigned-run.ts'
import { checkToken, type TokenDeps } from './check-token.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'
import { commandTags, smallBytes } from './frame-limits.ts'
import type { Peer } from './peer.ts'

export type WorkerDeps = TokenDeps & Pick<Deps, 'log' | 'scheduler'>

/** A longer line becomes several: a record has none of them. */
const maxLineBytes = 2 ** 20

/** A connection of builder-worker, after the hello: one job. */
export async function serveBuilderWorker(
  deps: WorkerDeps,
  peer: Peer,
  from: { address: string; requestId: string },
): Promise<void> {
  await checkToken(deps, null, 'work', from)
  const platform = await peer.command(readRequest(peer))
  const { address } = from
  const link = await deps.scheduler.connect({
    // It has no name. Those of one machine and platform are alike.
    name: `${platform}@${address}`,
    ...{ platform, address, protocol: 'BUILDER', software: 'builder-worker', slots: 1, userId: null },
  })
  try {
    // It is read while the worker waits: one that goes is noticed.
    const next = peer.frames.open()
    const attempt = await requestRun(link, next)
    if (attempt) await serveRun(deps, peer, link, attempt, next)
  } finally {
    await link.close()
  }
}

async function readRequest(peer: Peer): Promise<string> {
  const head = await peer.frames.open(smallBytes)
  if (!head) throw new PeerGoneError()
  const command = decodeCommand(await peer.frames.read())
  if (command.kind !== 'jobRequested') throw new ProtocolError(`expected a job request, got ${command.kind}`)
  try {
    return checkPlatformName(command.platform)
  } catch (error) {
    if (error instanceof UnsafeNameError) throw new ProtocolError(`the platform ${error.reason}`)
    throw error
  }
}

async function serveRun(
  deps: WorkerDeps,
  peer: Peer,
  link: WorkerLink,
  attempt: AssignedTry,
  next: Promise<FrameHead | null>,
): Promise<void> {
  const { uuid } = attempt
  let stopped: string | null = null
  // The protocol has no command for it: a worker whose connection ends is ended with its script by the system.
  const ignoreStop = link.onStop(uuid, ({ message }) => {
    stopped = message
    peer.destroy()
  })
  try {
    const { name, script, platform } = { ...attempt, name: attempt.job }
    await peer.send(encodeCommand({ kind: 'jobSchedule', uuid, job: { name, script, platform } }))
    await takeOutput(deps, peer, link, attempt, next)
  } catch (thrown) {
    if (stopped !== null) throw new PeerGoneError(stopped)
    const error = causeOf(thrown)
    await link.lost(uuid, reasonOfLoss(error))
    throw error
  } finally {
    ignoreStop()
  }
}

/** The time of a line is that of its arrival, in nanoseconds since the job was sent. */
async function takeOutput(
  deps: WorkerDeps,
  peer: Peer,
  link: WorkerLink,
  attempt: AssignedTry,
  next: Promise<FrameHead | null>,
): Promise<void> {
  const sentAt = process.hrtime.bigint()
  const { frames } = peer
  const { uuid } = attempt
  const console = link.console(uuid)
  const noteUuid = warnOnce(deps, attempt)
  let head = await next
  if (head) showStarted(deps, link, uuid)
  for (; head; head = await frames.open()) {
    if (head.tag === commandTags.jobFinished) {
      const finished = await readJobFinished(frames.chunks())
      noteUuid(finished.uuid)
      await peer.undisturbed(() => link.finish(uuid, finished.result, finished.files))
      return
    }
    const lines = [lineOf(await frames.read(), noteUuid)]
    // Those that have arrived meanwhile are written together.
    for (let more; (more = frames.takeArrived(commandTags.output));) lines.push(lineOf(more, noteUuid))
    const deltaNs = process.hrtime.bigint() - sentAt
    await console.append(lines.flatMap((text) => entriesOf(deltaNs, text)))
  }
  throw new PeerGoneError('the worker has closed the connection')
}

function lineOf(bytes: Uint8Array, noteUuid: (uuid: string) => void): Uint8Array {
  const command = decodeCommand(bytes)
  if (command.kind !== 'output') throw new ProtocolError(`the worker sent ${command.kind} while its job runs`)
  noteUuid(command.uuid)
  return command.text
}

function entriesOf(deltaNs: bigint, text: Uint8Array): ConsoleEntry[] {
  const count = Math.max(1, Math.ceil(text.length / maxLineBytes))
  return Array.from({ length: count }, (_, i) => ({
    deltaNs,
    text: text.subarray(i * maxLineBytes, (i + 1) * maxLineBytes),
  }))
}

/** A connection has one job: another UUID is taken for that of the job, as by builder's server, and logged once. */
function warnOnce({ log }: WorkerDeps, { uuid, job }: AssignedTry): (given: string) => void {
  let hasWarned = false
  return (given) => {
    if (given === uuid || hasWarned) return
    hasWarned = true
    log.warn({ uuid, job, given }, 'a builder-worker names another UUID than that of its job')
  }
}
