import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type BetterSqlite3 from 'better-sqlite3'
import { isDatabaseBusy } from '../database-errors.ts'
import { countsOf } from '../../changes/change.ts'
import { changeListeners } from '../../changes/change-feed.ts'
import { Prisma, PrismaClient } from '../../generated/prisma/client.ts'
import { createLog } from '../../log.ts'
import type { Database, OpenOptions } from '../connections.ts'
import { withHexHashes } from '../hex-hashes.ts'
import { openerOf } from '../open-client.ts'
import { createWriter, type WriterEngine } from '../writer.ts'
import { withDirectStatements, type TransactionConnection } from './direct-statements.ts'
import { sqliteChanges } from './sqlite-changes.ts'
import { cachedPrepare } from './statement-cache.ts'
import { syncOfWal } from './sync-wal.ts'

const { sql, join } = Prisma

/** Statements of other processes that lock readers out (recovery, the last close) take a moment. */
const readTimeoutMs = 50

/** Time limit for opening a database that other processes open and close. */
const openTimeoutMs = 10_000

export const openSqliteClient = openerOf(PrismaClient)

/**
 * Open the file, whose schema must be migrated. `onQuery` is told each statement. `onLocked` is called each time that
 * another process locks the database while it is opened. Call `closeDatabase` at the end.
 */
export async function openDatabase(
  file: string,
  onQuery?: (sql: string) => void,
  {
    onLocked,
    log = createLog('error'),
    openClient = openSqliteClient,
    ...patience
  }: OpenOptions & { onLocked?: () => void } = {},
): Promise<Database> {
  const timestampFormat = 'unixepoch-ms'
  let connection: WritingConnection | null = null
  const walSync = syncOfWal(file)
  const writing = openClient(
    immediateTransactions(
      new PrismaBetterSqlite3({ url: file, timeout: 0 }, { timestampFormat }),
      (opened) => (connection = opened),
    ),
    onQuery,
  )
  const reading = openClient(
    withCachedStatements(new PrismaBetterSqlite3({ url: file, timeout: readTimeoutMs }, { timestampFormat })),
    onQuery,
  )
  // FULL: a commit that was acknowledged survives power loss, also in WAL mode.
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON'])
    await whenFree(() => writing.$queryRawUnsafe(`PRAGMA ${pragma}`), onLocked)
  await whenFree(() => reading.$queryRawUnsafe('PRAGMA query_only = ON'), onLocked)
  const listeners = changeListeners(log)
  const changes = sqliteChanges(file, listeners, log)
  return {
    db: withHexHashes(reading),
    writer: createWriter(
      writing,
      {
        ...engine,
        around: (tx) => withDirectStatements(tx, () => connection, onQuery),
        prepare: (durability) => connection?.setSynchronous(durability === 'NOW' ? 'FULL' : 'NORMAL'),
        sync: walSync.sync,
      },
      listeners,
      patience,
    ),
    changes,
    async closeDatabase() {
      // First: the connection that is closed last has to write, to take the log of the database into its file.
      changes.close()
      await reading.$disconnect()
      await writing.$disconnect()
      await walSync.close()
    },
  }
}

/** BEGIN IMMEDIATE takes the write lock, or fails at once. */
const engine: Omit<WriterEngine, 'prepare' | 'sync'> = {
  async begin() {},
  async countChanges(tx, changes) {
    const rows = join(changes.map((kind) => sql`(${kind}, 1)`))
    return countsOf(
      await tx.$queryRaw<{ kind: string; value: bigint }[]>(
        sql`INSERT INTO "ChangeCount" (kind, value) VALUES ${rows}
          ON CONFLICT (kind) DO UPDATE SET value = value + 1 RETURNING kind, value`,
      ),
    )
  },
  isBusy: (code) => code.startsWith('SQLITE_BUSY'),
  isRetryable: () => false,
}

/**
 * Repeats `action` while another process locks the database, as the last one that closes it does for a moment.
 * `onLocked` is called each time that it is locked.
 */
async function whenFree<T>(action: () => Promise<T>, onLocked?: () => void): Promise<T> {
  const deadline = performance.now() + openTimeoutMs
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!isDatabaseBusy(error) || performance.now() >= deadline) throw error
      onLocked?.()
      await sleep(20)
    }
  }
}

/** A connection of Prisma's adapter, which has it as a field. */
const clientOf = (adapter: SqlDriverAdapter) =>
  (adapter as unknown as { client: Pick<BetterSqlite3.Database, 'inTransaction' | 'pragma' | 'prepare'> })
    .client

function withCachedStatements(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    async connect() {
      const adapter = await factory.connect()
      Object.assign(clientOf(adapter), { prepare: cachedPrepare(clientOf(adapter)) })
      return adapter
    },
  }
}

type WritingConnection = TransactionConnection & {
  /** NORMAL: commits do not wait for the disk. Between transactions only. */
  setSynchronous: (level: Synchronous) => void
}

type Synchronous = 'FULL' | 'NORMAL'

/**
 * Transactions take the write lock when they begin: the adapter's own begin by reading, and one that writes
 * after another process has written fails in its middle. `onConnect` is told the connection.
 */
function immediateTransactions(
  factory: SqlDriverAdapterFactory,
  onConnect: (connection: WritingConnection) => void,
): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    async connect() {
      const adapter = await withCachedStatements(factory).connect()
      let current: Synchronous = 'FULL'
      onConnect({
        ...{ adapter, isInTransaction: () => clientOf(adapter).inTransaction },
        setSynchronous(level) {
          if (level !== current) clientOf(adapter).pragma(`synchronous = ${level}`)
          current = level
        },
      })
      adapter.startTransaction = async () => {
        await adapter.executeRaw({ sql: 'BEGIN IMMEDIATE', args: [], argTypes: [] })
        return {
          provider: adapter.provider,
          adapterName: adapter.adapterName,
          queryRaw: (query) => adapter.queryRaw(query),
          executeRaw: (query) => adapter.executeRaw(query),
          // Prisma sends COMMIT and ROLLBACK as statements.
          options: { usePhantomQuery: false },
          commit: () => Promise.resolve(),
          rollback: () => Promise.resolve(),
        }
      }
      return adapter
    },
  }
}
