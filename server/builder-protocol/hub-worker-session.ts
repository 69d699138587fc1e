import { DomainError } from '../errors.ts'
import { checkPlatformName, UnsafeNameError } from '../formats/exec-names.ts'
import {
  decodeMessage,
  encodeMessage,
  type ExtensionMessage,
  extensionTag,
} from '../formats/worker-extension.ts'
import type { TokenId } from '../ids.ts'
import type { LiveConsole } from '../live-console/live-console.ts'
import type { AssignedTry, WorkerLink } from '../scheduling/scheduler.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { causeOf, reasonOfLoss, showStarted } from './assigned-run.ts'
import type { WorkerDeps } from './builder-worker-session.ts'
import { checkToken } from './check-token.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'
import { smallBytes } from './frame-limits.ts'
import type { Peer } from './peer.ts'
import { createTransfer } from './transfer.ts'
import { watchToken } from './watch-tokens.ts'

export type HubWorkerTimes = { heartbeatMs: number }

type Message<Kind extends ExtensionMessage['kind']> = ExtensionMessage & { kind: Kind }
type From = { address: string; requestId: string }

/** A run that the worker has. `stop` ends its being told when somebody cancels it. */
type Current = { uuid: string; hasStarted: boolean; stop: () => void }

const nobody = '00000000-0000-0000-0000-000000000000'
const maxSlots = 1_024

/** A connection of the hub's own worker, after the hello: one slot, as long as it lasts. docs/worker-protocol.md. */
export async function serveHubWorker(
  deps: WorkerDeps,
  peer: Peer,
  from: From,
  { heartbeatMs }: HubWorkerTimes,
): Promise<void> {
  const introduction = await peer.command(readIntroduction(peer))
  const fault = faultOf(introduction)
  if (fault !== null) {
    await refuse(peer, nobody, fault)
    throw new ProtocolError(fault)
  }
  const { tokenId, userId } = await admit(deps, peer, introduction, from)
  const { name, platform, software, slots } = introduction
  const link = await deps.scheduler.connect({
    ...{ name, platform, address: from.address, protocol: 'HUB', software, slots, userId },
  })
  // Each side knows from the heartbeat that the other is there: a silent one has gone.
  peer.silenceMs = 3 * heartbeatMs
  const heartbeat = setInterval(() => void peer.send(ping).catch(() => {}), heartbeatMs)
  const session = createSession(deps, peer, link, from)
  const ignoreToken = endWithToken(deps, peer, tokenId)
  try {
    await peer.send(encodeMessage({ kind: 'welcome', heartbeatSeconds: Math.ceil(heartbeatMs / 1_000) }))
    for (let message; (message = await readMessage(peer));) await session.take(message)
    await session.end('the worker has closed the connection')
  } catch (error) {
    await session.end(reasonOfLoss(error))
    throw error
  } finally {
    clearInterval(heartbeat)
    ignoreToken()
    await link.close()
  }
}

async function admit(deps: WorkerDeps, peer: Peer, { token }: Message<'introduction'>, from: From) {
  try {
    return await checkToken(deps, token === '' ? null : token, 'work', from)
  } catch (error) {
    if (error instanceof NotAuthorizedError) await refuse(peer, nobody, error.message)
    throw error
  }
}

/** Ends the connection when its token does. The worker connects again, and is told why it is refused. */
function endWithToken(deps: WorkerDeps, peer: Peer, token: TokenId | null): () => void {
  if (token === null) return () => {}
  const onOver = () => peer.destroy('the token of the worker does not count any more')
  return watchToken(deps, { token, address: peer.address, right: 'work', onOver })
}

const ping = encodeMessage({ kind: 'ping' })
const pong = encodeMessage({ kind: 'pong' })

const refuse = (peer: Peer, uuid: string, reason: string) =>
  peer.send(encodeMessage({ kind: 'refused', uuid, reason }))

async function readIntroduction(peer: Peer): Promise<Message<'introduction'>> {
  const message = await readMessage(peer, smallBytes)
  if (!message) throw new PeerGoneError()
  if (message.kind !== 'introduction')
    throw new ProtocolError(`expected an introduction, got ${message.kind}`)
  return message
}

/** What is wrong with an introduction; null: nothing. Names follow the rules for names of platforms. */
function faultOf({ name, platform, software, slots }: Message<'introduction'>): string | null {
  for (const [what, given] of Object.entries({ name, platform, software }))
    try {
      checkPlatformName(given)
    } catch (error) {
      if (error instanceof UnsafeNameError) return `the ${what} in the introduction ${error.reason}`
      throw error
    }
  return slots < 1 || slots > maxSlots ? `a worker has 1 to ${maxSlots} slots, not ${slots}` : null
}

/** The next message that is not of the heartbeat; null: the worker has closed the connection. */
async function readMessage(peer: Peer, maxBytes?: number): Promise<ExtensionMessage | null> {
  for (let head; (head = await peer.frames.open(maxBytes));) {
    if (head.tag !== extensionTag)
      throw new ProtocolError('a command of builder after the hello of a hub worker')
    const message = decodeMessage(await peer.frames.read())
    if (message.kind === 'ping') await peer.send(pong)
    else if (message.kind !== 'pong') return message
  }
  return null
}

function createSession(deps: WorkerDeps, peer: Peer, link: WorkerLink, from: From) {
  let current: Current | null = null
  let waiting: AbortController | null = null
  let requested: Promise<void> = Promise.resolve()
  let hasEnded = false

  function begin({ uuid }: AssignedTry): Current {
    const begun = { uuid, hasStarted: false, stop: () => {} }
    current = begun
    begun.stop = link.onStop(uuid, ({ message }) => {
      if (current === begun) current = null
      void peer.send(encodeMessage({ kind: 'cancel', uuid, reason: message })).catch(() => {})
    })
    return begun
  }

  /** The run that a message is of; null: it is over, and what crossed with its end is dropped. */
  function running(uuid: string): Current | null {
    if (current?.uuid !== uuid) return null
    if (!current.hasStarted) {
      current.hasStarted = true
      showStarted(deps, link, uuid)
    }
    return current
  }

  function finished(run: Current): void {
    run.stop()
    if (current === run) current = null
  }

  async function giveRun(signal: AbortSignal): Promise<void> {
    let attempt
    try {
      attempt = await link.request(signal)
    } catch (error) {
      if (!signal.aborted) peer.destroy()
      if (!signal.aborted) deps.log.info({ ...from, reason: String(error) }, 'a worker gets no run')
      return
    }
    if (hasEnded) {
      await link.lost(attempt.uuid, 'the worker has gone')
      return
    }
    waiting = null
    const run = begin(attempt)
    if (current === run) await peer.send(encodeMessage(runOf(attempt))).catch(() => {})
    // It was stopped before the worker heard of it: the worker waits still.
    else request()
  }

  function request(): void {
    if (waiting || current)
      throw new ProtocolError('the worker asks for a run while it has one, or waits for one')
    waiting = new AbortController()
    requested = giveRun(waiting.signal)
  }

  async function resume({ uuid }: Message<'resume'>): Promise<void> {
    if (waiting || current)
      throw new ProtocolError('the worker resumes a run while it has one, or waits for one')
    const resumed = await link.resume(uuid)
    if (!resumed) return refuse(peer, uuid, 'the run is over')
    begin(resumed.attempt).hasStarted = true
    await peer.send(encodeMessage({ kind: 'resumed', uuid, lineCount: resumed.lineCount }))
  }

  /**
   * Lines that are stored already come again after a resume that crossed with them. Throws TryOverError where the worker has resumed
   * the run on another connection: what this one still holds was sent again there.
   */
  async function takeLines({ uuid, first, lines }: Message<'lines'>): Promise<void> {
    const run = running(uuid)
    if (!run) return
    try {
      const console = link.console(uuid)
      if (console.isEnded) return
      if (first > console.lineCount)
        throw new ProtocolError(
          `the lines of ${uuid} go on with ${first}, after ${console.lineCount} of them`,
        )
      await console.append(lines.slice(console.lineCount - first))
      await peer.send(encodeMessage({ kind: 'linesStored', uuid, count: console.lineCount }))
    } catch (error) {
      // It was stopped meanwhile.
      if (current !== run) return
      throw error
    }
  }

  async function takeEnd(ended: Message<'ended'>): Promise<void> {
    const { uuid, result, detail, fileCount } = ended
    const transfer = createTransfer(uuid, fileCount, () => readMessage(peer))
    const run = running(uuid)
    let refusal: string | null = run ? null : 'the run is over'
    if (run) {
      // From here on the build is made: nobody stops it.
      finished(run)
      try {
        if (detail !== '') await addDetail(link.console(uuid), detail)
        await link.finish(uuid, result, transfer.files())
      } catch (thrown) {
        const error = causeOf(thrown)
        // The worker itself has gone, or broke the rules: nothing more of it can be read.
        if (error !== thrown || error instanceof PeerGoneError || error instanceof ProtocolError) {
          await link.lost(uuid, reasonOfLoss(error))
          throw error
        }
        if (!(error instanceof DomainError))
          deps.log.error({ err: error, ...from, uuid }, 'a finished run was not stored')
        refusal = error instanceof DomainError ? error.message : 'the hub could not store it: see its log'
        await link.lost(uuid, refusal)
      }
    }
    await transfer.skip()
    if (refusal === null) await peer.send(encodeMessage({ kind: 'stored', uuid }))
    else await refuse(peer, uuid, refusal)
  }

  return {
    async take(message: ExtensionMessage): Promise<void> {
      switch (message.kind) {
        case 'request':
          return request()
        case 'resume':
          return resume(message)
        case 'lines':
          return takeLines(message)
        case 'ended':
          return peer.undisturbed(() => takeEnd(message))
        case 'leaving':
          // A run that crosses with it is the worker's: it runs it, or closes the connection.
          waiting?.abort()
          waiting = null
          return
        default:
          throw new ProtocolError(`the worker sent ${message.kind} out of turn`)
      }
    },

    async end(why: string): Promise<void> {
      hasEnded = true
      waiting?.abort()
      await requested
      const run = current
      if (!run) return
      finished(run)
      await link.lost(run.uuid, why)
    },
  }
}

function runOf({ uuid, job, platform, script, timeoutMs, limits }: AssignedTry): Message<'run'> {
  return {
    kind: 'run',
    uuid,
    job: { name: job, platform, script },
    timeoutSeconds: Math.ceil(timeoutMs / 1_000),
    limits,
  }
}

/** Why a run was killed, as the last line of its console. */
async function addDetail(console: LiveConsole, detail: string): Promise<void> {
  if (console.isEnded) return
  const [last] = await console.read(Math.max(0, console.lineCount - 1), 1)
  await console.append([{ deltaNs: last?.deltaNs ?? 0n, text: Buffer.from(detail) }])
}
