import type { ChangeFeed } from '../changes/change-feed.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { parseNote } from '../formats/signing/parse-note.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import type { AttestationId } from '../ids.ts'
import { levelOf } from '../runner/run-ending.ts'
import { wakeableLoop } from '../runner/wakeable-loop.ts'
import { siteKeys } from '../signing/site-keys.ts'
import { appendEntries } from './append-entries.ts'
import { refusalOf, wayOut } from './check-head.ts'
import { findPending } from './find-pending.ts'
import { writeHeadFile } from './head-file.ts'
import { newestHead, originOf } from './log-head.ts'
import { createWitnessLoop } from './witness-loop.ts'

/** The newest checkpoint that others may see. */
export type Published = Pick<LogHead, 'number' | 'origin' | 'size'> & { note: string }

/** Where the sequencer is in its work. Tests stop the process there. */
export type LogStep = 'begun' | 'appended' | 'committed' | 'recorded' | 'published'

/** Puts what the site states into a log that nobody can change later. One process writes it: that which has the lock of the site. */
export type TransparencyLog = {
  /** Null: nothing is published yet, or nothing is signed. */
  published: () => Published | null
  /** Why the log does not grow; null: it does. */
  refusal: () => string | null
  /** Appends whatever waits, and publishes it. */
  sequence: () => Promise<void>
  /** From now on, appends soon what is stated. */
  start: () => Promise<void>
  close: () => Promise<void>
}

type LogDeps = Pick<Deps, 'clock' | 'config' | 'db' | 'fetch' | 'log' | 'writer'> & {
  changes: Pick<ChangeFeed, 'on'>
}

/** What arrives within it gets one signature. */
const pauseMs = 1_000
const retryMs = 10_000

export function createTransparencyLog(
  deps: LogDeps,
  { onStep = () => {} }: { onStep?: (step: LogStep) => void } = {},
): TransparencyLog {
  const { changes, clock, config, db, log, writer } = deps
  let published: Published | null = null
  let refusal: string | null = null
  let stopListening = () => {}
  let contradiction: string | null = null
  const witnesses = createWitnessLoop(
    deps,
    () => published,
    (reason) => (contradiction = `the log is not continued: ${reason}. ${wayOut}`),
  )

  const loop = wakeableLoop(clock, async () => {
    try {
      await sequence()
    } catch (error) {
      log[error instanceof DomainError ? 'warn' : levelOf(error)]({ err: error }, 'the log has not grown')
      loop.wakeIn(retryMs)
    }
  })

  /** Makes a committed checkpoint known: first to ourselves, durably, so that an older database is recognized later. */
  async function publish(head: Published): Promise<void> {
    if (published?.note === head.note) return
    await writeHeadFile(config.dataDir, head.number, parseNote(head.note).text)
    onStep('recorded')
    published = head
    onStep('published')
    witnesses.wake()
  }

  /** Whether this log may grow. Says it once when it may not. */
  async function isAllowed(head: LogHead | null): Promise<boolean> {
    // What this process has published, it knows.
    if (contradiction === null && published && head?.note === published.note) return true
    const found = contradiction ?? (await refusalOf(db, head, config.dataDir))
    if (found !== null && found !== refusal) log.error(found)
    refusal = found
    // What was published stays so: its beginning is in the database.
    if (found !== null) published = null
    return found === null
  }

  /** Returns whether more waits. */
  async function appendSome(): Promise<boolean> {
    const now = clock.now()
    const keys = await siteKeys(deps, now)
    if (!keys) return false
    const head = await newestHead(db)
    if (!(await isAllowed(head))) return false
    if (head?.note && head.size > 0) await publish({ ...head, note: head.note })
    const waiting = await findPending(db, head, now)
    if (waiting.entries.length === 0 && waiting.removals.length === 0) return false
    // A server that dies right after its first commit must not take its own log for an older one.
    if (!head) await writeHeadFile(config.dataDir, 1, null)
    onStep('begun')
    const made = await writer.transact([], async (tx) => {
      const own =
        (await newestHead(tx)) ??
        (await tx.logHead.create({
          data: {
            ...{ number: 1, origin: originOf(config, 1), size: 0, edge: new Uint8Array() },
            ...{ lastAttestationId: 0 as AttestationId, startedAt: now },
          },
        }))
      const pending = await findPending(tx, own, now)
      if (pending.removals.length > 0)
        await tx.logRemoval.deleteMany({ where: { id: { in: pending.removals } } })
      if (pending.entries.length === 0) return null
      const note = await appendEntries(tx, own, pending, keys.LOG.privateKey)
      onStep('appended')
      return { number: own.number, origin: own.origin, size: own.size + pending.entries.length, note }
    })
    onStep('committed')
    if (made) await publish(made)
    return true
  }

  async function sequence(): Promise<void> {
    while (await appendSome());
  }

  return {
    published: () => published,
    refusal: () => refusal,
    sequence,
    async start() {
      if (config.signing === 'off') return
      stopListening = changes.on(['builds', 'facts'], () => loop.wakeIn(pauseMs))
      loop.wake()
    },
    async close() {
      stopListening()
      await Promise.all([loop.stop(), witnesses.stop()])
    },
  }
}
