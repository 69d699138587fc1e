import type { Reader } from '../database/reader.ts'
import { maxSubjects, type LogEntry } from '../formats/tlog/log-entry.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import type { AttestationId, LogRemovalId } from '../ids.ts'

/** What the log lacks: entries in their order, and how far they go. */
export type Pending = {
  entries: LogEntry[]
  lastAttestationId: AttestationId
  /** Removals that are in the entries, or concern nothing that is in the log. */
  removals: LogRemovalId[]
}

/** Entries that one transaction appends: uploads wait for it. */
export const maxAppended = 256

const seconds = (at: Date) => Math.floor(at.getTime() / 1000)

/**
 * What was stated, removed and revoked since the newest entry, some of it at a time: keys before what they have signed. `head` null: the
 * log begins.
 */
export async function findPending(db: Reader, head: LogHead | null, now: Date): Promise<Pending> {
  const [log, time] = [head?.number ?? 1, seconds(now)]
  const keys = await pendingKeys(db, log, time)
  const { entries: removed, ids: removals } = await pendingRemovals(db, log, time)
  const after = (head?.lastAttestationId ?? 0) as AttestationId
  const statements = await db.attestation.findMany({
    where: { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: Math.max(1, maxAppended - keys.length - removed.length),
    select: {
      ...{ id: true, envelopeSha256: true, key: { select: { sha256: true } } },
      trustedKey: { select: { sha256: true } },
      subjects: { take: maxSubjects, orderBy: { name: 'asc' }, select: { sha256: true } },
    },
  })
  const stated = statements.map(({ envelopeSha256, key, trustedKey, subjects }): LogEntry => {
    const about = [...new Set(subjects.map(({ sha256 }) => sha256))]
    const keyid = (key ?? trustedKey)?.sha256 ?? ''
    return { kind: 'attestation', sha256: envelopeSha256, subjects: about, keyid, time }
  })
  return {
    entries: [...keys, ...removed, ...stated],
    lastAttestationId: statements.at(-1)?.id ?? after,
    removals,
  }
}

/** Keys of the site, and revocations, also of keys of third parties. Both are few. */
async function pendingKeys(db: Reader, log: number, time: number): Promise<LogEntry[]> {
  const select = { sha256: true, revokedAt: true, revokedSince: true } as const
  const own = await db.signingKey.findMany({ orderBy: { id: 'asc' }, select })
  const foreign = await db.trustedKey.findMany({
    where: { revokedAt: { not: null } },
    orderBy: { id: 'asc' },
    select,
  })
  const keys = [...own, ...foreign]
  const known = await db.logEntry.findMany({
    where: { log, sha256: { in: keys.map(({ sha256 }) => sha256) } },
    select: { kind: true, sha256: true },
  })
  const isKnown = (kind: string, sha256: string) =>
    known.some((entry) => entry.kind === kind && entry.sha256 === sha256)
  const entries = keys.flatMap(({ sha256, revokedAt, revokedSince }): LogEntry[] => {
    const entry = { sha256, subjects: [], keyid: sha256, time }
    const since = seconds(revokedSince ?? revokedAt ?? new Date(0))
    return [
      ...(foreign.some((key) => key.sha256 === sha256) ? [] : [{ ...entry, kind: 'key' as const }]),
      ...(revokedAt === null ? [] : [{ ...entry, kind: 'revocation' as const, since }]),
    ]
  })
  return entries.filter(({ kind, sha256 }) => !isKnown(kind, sha256))
}

async function pendingRemovals(
  db: Reader,
  log: number,
  time: number,
): Promise<{ entries: LogEntry[]; ids: LogRemovalId[] }> {
  const removals = await db.logRemoval.findMany({ orderBy: { id: 'asc' }, take: maxAppended / 2 })
  if (removals.length === 0) return { entries: [], ids: [] }
  const logged = await db.logEntry.findMany({
    where: { log, kind: 'attestation', sha256: { in: removals.map(({ sha256 }) => sha256) } },
    select: { sha256: true, entry: true },
  })
  const entries = logged.map(({ sha256, entry }): LogEntry => {
    const { keyid } = JSON.parse(entry) as { keyid: string }
    return { kind: 'removal', sha256, subjects: [], keyid, time }
  })
  return { entries, ids: removals.map(({ id }) => id) }
}
