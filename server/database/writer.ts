import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeCounts, ChangeKind, ChangesOf } from '../changes/change.ts'
import type { ChangeListeners } from '../changes/change-feed.ts'
import { databaseCodeOf, isDatabaseUnavailable } from './database-errors.ts'
import { BusyError } from '../errors.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { withHexHashes } from './hex-hashes.ts'
import { oneAtATime } from './one-at-a-time.ts'

/** A transaction that is under way. Functions that write take one, so that their callers can compose them. */
export type Transaction = Prisma.TransactionClient

/**
 * When a transaction is on the disk, and so survives a failure of power. A process that is killed never undoes one that was committed.
 * NOW: at its commit. BEFORE_IT_RETURNS: when `transact` resolves; meanwhile readers may see it, and others write: what these write is
 * on the disk after it. LATER: with the next one that is NOW, or when the database gets to it; for what the outside world tells again.
 */
export type Durability = 'NOW' | 'BEFORE_IT_RETURNS' | 'LATER'

export type TransactOptions = {
  /** It comes before those that wait: for short ones that somebody waits for. */
  isUrgent?: boolean
  /** Default: NOW. */
  durability?: Durability
}

/** The only way to write to the database. */
export type Writer = {
  /**
   * Run `action` in a transaction, which is committed when `action` returns and rolled back when it throws.
   * `changes` is what others have to notice of it: an empty list if nothing that is remembered, and no task that waits,
   * depends on what it writes. The transaction counts them, so that all processes see them (server/changes).
   *
   * One transaction runs at a time; the others wait. `action` must not call `transact` itself: the
   * inner call would wait for the outer one.
   *
   * A writer that runs `action` again, after a rollback, calls `onRolledBack` before.
   *
   * Throws DatabaseBusyError when another process locks the database for too long; then nothing was written.
   */
  transact<T>(
    changes: ChangesOf<T>,
    action: (tx: Transaction) => Promise<T>,
    onRolledBack?: () => void,
    options?: TransactOptions,
  ): Promise<T>
  /**
   * Resolves when all that is committed by now is on the disk: to be awaited before somebody is told of what another transaction,
   * which may be BEFORE_IT_RETURNS, has written.
   */
  untilOnDisk(): Promise<void>
}

/** Another process has locked the database for writing, and has not released it in time. */
export class DatabaseBusyError extends BusyError {
  override readonly name = 'DatabaseBusyError'
  constructor() {
    super('another program has locked the database of the server: send this again later')
  }
}

/** What a writer has to know of its database. Codes are those of its errors, such as `SQLITE_BUSY` or `40001`. */
export type WriterEngine = {
  /** How actions see the transaction. Default: as Prisma's. */
  around?(tx: Transaction): Transaction
  /** Called before BEGIN. */
  prepare?(durability: Durability): void
  /** The first statements of each transaction: they take the lock for writing where BEGIN does not. */
  begin(tx: Transaction, durability: Durability): Promise<void>
  /** Resolves when all that was committed is on the disk. Where it is missing, transactions BEFORE_IT_RETURNS are when they are committed. */
  sync?(): Promise<void>
  /** Counts these changes, of which there is at least one, and notifies others at the commit. Returns the new counts. */
  countChanges(tx: Transaction, changes: readonly ChangeKind[]): Promise<ChangeCounts>
  /** Another transaction has the lock. */
  isBusy(code: string): boolean
  /** The transaction was rolled back because of another one: it can run again. */
  isRetryable(code: string): boolean
}

export type Patience = { patienceMs?: number }

/** The database cannot be reached, or ends connections because it stops. */
export class DatabaseUnavailableError extends BusyError {
  override readonly name = 'DatabaseUnavailableError'
  constructor() {
    super('the database of the server cannot be reached: send this again later')
  }
}

/** The error, or DatabaseUnavailableError in its place if the database cannot be reached. */
export function namedIfUnavailable(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  const isUnavailable = isDatabaseUnavailable(error) || cause instanceof DatabaseUnavailableError
  return isUnavailable ? new DatabaseUnavailableError() : error
}

/** Clients wait for an answer to an upload for some 30 seconds. */
const defaultPatienceMs = 20_000
const longestPauseMs = 100

/**
 * A writer on a client whose transactions take the database's write lock when they begin. While another process
 * has the lock, each transaction tries again from time to time for `patienceMs`.
 */
export function createWriter(
  client: PrismaClient,
  engine: WriterEngine,
  { raise }: Pick<ChangeListeners, 'raise'>,
  { patienceMs = defaultPatienceMs }: Patience = {},
): Writer {
  const inTurn = oneAtATime()

  /** Null: another process has the lock, or was in the way. */
  async function attempt<T>(
    changesOf: ChangesOf<T>,
    action: (tx: Transaction) => Promise<T>,
    durability: Durability,
  ): Promise<{ value: T; counts: ChangeCounts } | null> {
    let hasBegun = false
    try {
      engine.prepare?.(durability)
      return await client.$transaction(async (tx) => {
        await engine.begin(tx, durability)
        hasBegun = true
        const value = await action(withHexHashes(engine.around?.(tx) ?? tx))
        const changes = typeof changesOf === 'function' ? changesOf(value) : changesOf
        return { value, counts: changes.length > 0 ? await engine.countChanges(tx, changes) : {} }
      })
    } catch (error) {
      const code = databaseCodeOf(error) ?? ''
      if (engine.isRetryable(code) || (!hasBegun && engine.isBusy(code))) return null
      throw namedIfUnavailable(error)
    }
  }

  return {
    async transact(changes, action, onRolledBack = () => {}, { isUrgent = false, durability = 'NOW' } = {}) {
      const deadline = performance.now() + patienceMs
      for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        const done = await inTurn(() => attempt(changes, action, durability), { isUrgent })
        if (done) {
          raise(done.counts)
          if (durability === 'BEFORE_IT_RETURNS') await engine.sync?.()
          return done.value
        }
        onRolledBack()
        if (performance.now() >= deadline) throw new DatabaseBusyError()
        await sleep(pauseMs)
      }
    },
    untilOnDisk: async () => engine.sync?.(),
  }
}
