import type { Deps } from '../deps.ts'
import type { Transaction } from '../database/writer.ts'
import type { BuildWorkerId } from '../ids.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import type { ConnectedWorker } from './scheduler.ts'

/** Connections come and go: their number is written this long after a change, for all workers at once. */
const writeAfterMs = 1_000
/** What is known of a worker that is away is forgotten, here and not in the database. */
const forgetAfterMs = 3_600_000
/** Workers choose their names: those that were away longest are forgotten, here and in the database. */
const defaultMaxWorkers = 5_000
const rowsRemovedAtOnce = 500

/** A worker with a row. The id is another one after the row was made anew. */
export type RegisteredWorker = { readonly id: BuildWorkerId }

type Known = { id: BuildWorkerId; worker: ConnectedWorker; connections: number; changedAt: number }

/** The workers, as rows of BuildWorker, and how many connections each has to this server. */
export type WorkerRegistry = {
  /** Counts a connection. Resolves when the worker has a row. */
  connect(worker: ConnectedWorker): Promise<RegisteredWorker>
  disconnect(name: string): void
  /** Workers of a platform that are connected. */
  countOf: (platform: string) => number
  /** Makes the rows of connected workers that somebody has removed anew: without one, the database refuses what is given to them. */
  restore(): Promise<void>
  /** Marks all as disconnected: of another start of the hub. */
  reset(): Promise<void>
  close(): Promise<void>
}

export function workerRegistry(
  { clock, db, log, writer }: Pick<Deps, 'clock' | 'db' | 'log' | 'writer'>,
  { maxWorkers = defaultMaxWorkers } = {},
): WorkerRegistry {
  const known = new Map<string, Known>()
  const changed = new Set<string>()
  let stopTimer: (() => void) | null = null
  let writing = Promise.resolve()

  function change(name: string, difference: number): void {
    const entry = known.get(name)
    if (!entry) return
    entry.connections += difference
    entry.changedAt = clock.elapsedMs()
    // The order of the map is that in which they are forgotten.
    known.delete(name)
    known.set(name, entry)
    changed.add(name)
    stopTimer ??= clock.after(writeAfterMs, () => {
      stopTimer = null
      writing = write().catch((error: unknown) => log.warn({ err: error }, 'workers not written'))
    })
  }

  async function write(): Promise<void> {
    const entries = [...changed].flatMap((name) => known.get(name) ?? [])
    changed.clear()
    forgetOld()
    if (entries.length === 0) return
    const now = clock.now()
    await writer.transact(['runs'], async (tx) => {
      for (const { id, worker, connections } of entries) {
        const { platform, address, protocol, software, slots } = worker
        const disconnectedAt = connections > 0 ? null : now
        await tx.buildWorker.updateMany({
          where: { id },
          data: {
            ...{ platform, address, protocol, software, slots, connections },
            ...{ lastSeenAt: now, disconnectedAt },
          },
        })
      }
    })
  }

  function forgetOld(): void {
    for (const [name, { connections, changedAt }] of known) {
      const isOld = known.size > maxWorkers || clock.elapsedMs() - changedAt > forgetAfterMs
      if (connections <= 0 && isOld && !changed.has(name)) known.delete(name)
    }
  }

  /** False: somebody has removed the row. Runs given to a worker without one would be refused by the database. */
  const isThere = async (id: BuildWorkerId) =>
    (await db.buildWorker.findUnique({ where: { id }, select: { id: true } })) !== null

  async function writeRow(tx: Transaction, worker: ConnectedWorker, connections: number) {
    const { userId: _, ...described } = worker
    const { name } = described
    const now = clock.now()
    const row = { ...described, connections, connectedAt: now, lastSeenAt: now, disconnectedAt: null }
    return tx.buildWorker.upsert({ where: { name }, create: row, update: row, select: { id: true } })
  }

  /** The rows of those that were away longest, where there are too many; not of those whose tries may go on. */
  async function removeOldRows(tx: Transaction): Promise<void> {
    const tooMany = (await tx.buildWorker.count()) - maxWorkers
    if (tooMany <= 0) return
    const old = await tx.buildWorker.findMany({
      where: { disconnectedAt: { not: null }, tries: { none: { state: { not: 'ENDED' } } } },
      ...{
        orderBy: { disconnectedAt: 'asc' },
        take: Math.min(tooMany, rowsRemovedAtOnce),
        select: { id: true },
      },
    })
    if (old.length > 0) await tx.buildWorker.deleteMany({ where: { id: { in: old.map(({ id }) => id) } } })
  }

  return {
    async connect(worker) {
      const { name } = worker
      // The row of a worker that was away for long may be gone.
      forgetOld()
      const entry = known.get(name)
      if (entry && (await isThere(entry.id))) {
        entry.worker = worker
        change(name, 1)
        return entry
      }
      const { id } = await writer.transact(['runs'], async (tx) => {
        await removeOldRows(tx)
        return writeRow(tx, worker, 1)
      })
      const meanwhile = known.get(name)
      if (meanwhile) {
        Object.assign(meanwhile, { id, worker })
        change(name, 1)
        return meanwhile
      }
      const added = { id, worker, connections: 1, changedAt: clock.elapsedMs() }
      known.set(name, added)
      return added
    },

    disconnect: (name) => change(name, -1),

    countOf: (platform) =>
      [...known.values()].filter(({ worker, connections }) => connections > 0 && worker.platform === platform)
        .length,

    async restore() {
      const connected = [...known.values()].filter(({ connections }) => connections > 0)
      const rows = await inSlices(
        connected.map(({ id }) => id),
        parametersPerStatement,
        (ids) => db.buildWorker.findMany({ where: { id: { in: ids } }, select: { id: true } }),
      )
      const ids = new Set(rows.map(({ id }) => id))
      const missing = connected.filter(({ id }) => !ids.has(id))
      if (missing.length === 0) return
      await writer.transact(['runs'], async (tx) => {
        for (const entry of missing) entry.id = (await writeRow(tx, entry.worker, entry.connections)).id
      })
      log.warn({ workers: missing.length }, 'rows of connected workers were missing, and were made anew')
    },

    async reset() {
      const now = clock.now()
      await writer.transact([], (tx) =>
        tx.buildWorker.updateMany({
          where: { disconnectedAt: null },
          data: { connections: 0, disconnectedAt: now },
        }),
      )
    },

    async close() {
      stopTimer?.()
      await writing
      await write()
    },
  }
}
