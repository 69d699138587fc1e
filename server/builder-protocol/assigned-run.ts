import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { TryOverError } from '../scheduling/errors.ts'
import { FilesBrokenError } from '../scheduling/store-try.ts'
import type { AssignedTry, WorkerLink } from '../scheduling/scheduler.ts'
import type { FrameHead } from '../formats/builder-frames.ts'
import { PeerGoneError, ProtocolError } from './errors.ts'

/**
 * Waits for a run, as long as the worker is there and silent: `next` is its next frame. Null: the worker has gone. Throws
 * ProtocolError if it sends something, and what the request throws. A run that comes at that very moment waits again.
 */
export async function requestRun(
  link: WorkerLink,
  next: Promise<FrameHead | null>,
): Promise<AssignedTry | null> {
  const abort = new AbortController()
  const requested = link.request(abort.signal)
  const spoken = endOfSilence(next)
  // It is of no interest once the run is there.
  spoken.catch(() => {})
  try {
    return await Promise.race([requested, spoken])
  } catch (error) {
    abort.abort()
    const late = await requested.catch(() => null)
    if (late) await link.lost(late.uuid, 'the worker has gone')
    if (error instanceof PeerGoneError) return null
    throw error
  }
}

async function endOfSilence(next: Promise<FrameHead | null>): Promise<never> {
  if (await next) throw new ProtocolError('the worker sent a command while it waits for a job')
  throw new PeerGoneError()
}

/** Shows that a run has begun. Nothing waits for it: lines go to the disk meanwhile. */
export function showStarted({ log }: Pick<Deps, 'log'>, link: WorkerLink, uuid: string): void {
  link.started(uuid).catch((error: unknown) => {
    if (!(error instanceof TryOverError)) log.warn({ err: error, uuid }, 'a run is not shown as running')
  })
}

/** What the peer did, where the storing of its files tells that they broke off. */
export const causeOf = (error: unknown): unknown => (error instanceof FilesBrokenError ? error.cause : error)

/** Why a run is lost with its connection, for people. */
export function reasonOfLoss(error: unknown): string {
  if (error instanceof PeerGoneError) return error.message
  if (error instanceof ProtocolError || error instanceof DomainError) return error.message
  return 'the hub failed'
}
