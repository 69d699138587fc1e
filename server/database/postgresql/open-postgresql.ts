import { PrismaPg } from '@prisma/adapter-pg'
import type { PoolConfig } from 'pg'
import { countsOf } from '../../changes/change.ts'
import { changeListeners } from '../../changes/change-feed.ts'
import type { Database, OpenOptions } from '../connections.ts'
import { withHexHashes } from '../hex-hashes.ts'
import { getPrismaClientClass } from '../../generated/prisma-postgresql/class.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { createLog } from '../../log.ts'
import { openerOf } from '../open-client.ts'
import { NotLeaderError } from '../../servers/server-errors.ts'
import { createWriter, type Patience, type Transaction, type WriterEngine } from '../writer.ts'
import { changeChannel, postgresqlChanges } from './postgresql-changes.ts'

const { sql, join } = Prisma

/** Maximum number of connections that read at the same time. */
const readers = 8

/** A statement of a page takes milliseconds; one that takes longer than this is hopeless. */
const statementTimeoutMs = 30_000

/** A statement of a transaction that writes. */
const writingTimeoutMs = 60_000

/**
 * A transaction that waits for its next statement holds the lock for writing of the whole site: PostgreSQL ends that of a server that stands
 * still. Less than the others wait for the lock (`patienceMs`), and than a lease.
 */
const idleTransactionMs = 10_000

/** Number of the lock that each transaction that writes holds, in the database's own room of numbers. */
const commitLock = 0x62_68_75_62

/** Another transaction was in the way; this one has left nothing behind and can run again. */
const retryable = new Set(['40001', '40P01'])

export const openPostgresqlClient = openerOf(getPrismaClientClass())

/** Open the database that `url` names. Its schema must be migrated. Call `closeDatabase` at the end. */
export function openPostgresql(
  url: string,
  onQuery?: (sql: string) => void,
  {
    log = createLog('error'),
    openClient = openPostgresqlClient,
    leaderId = () => null,
    ...patience
  }: OpenOptions = {},
): Database {
  const writing = openClient(
    adapterOf({
      connectionString: url,
      // One writes, and the next one is connected meanwhile.
      max: 2,
      options: optionsOf({
        synchronous_commit: 'on',
        statement_timeout: writingTimeoutMs,
        idle_in_transaction_session_timeout: idleTransactionMs,
      }),
    }),
    onQuery,
  )
  const reading = openClient(
    adapterOf({
      connectionString: url,
      max: readers,
      options: optionsOf({ default_transaction_read_only: 'on', statement_timeout: statementTimeoutMs }),
    }),
    onQuery,
  )
  const listeners = changeListeners(log)
  const changes = postgresqlChanges(url, listeners, log)
  return {
    db: withHexHashes(reading),
    writer: createWriter(writing, engineOf(patience, leaderId), listeners, patience),
    changes,
    async closeDatabase() {
      await changes.close()
      await reading.$disconnect()
      await writing.$disconnect()
    },
  }
}

/** Settings of a session, as the option `-c` of the server takes them. */
function optionsOf(settings: Record<string, string | number>): string {
  return Object.entries({ timezone: 'UTC', ...settings })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

function adapterOf(config: PoolConfig): PrismaPg {
  return new PrismaPg(
    {
      application_name: 'builder-hub',
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      ...config,
    },
    // A connection that breaks while nobody uses it is replaced when the next statement needs one.
    { onPoolError() {}, onConnectionError() {} },
  )
}

/**
 * One transaction that writes runs at a time in the whole site, as on SQLite: verdicts and counters read what
 * others have written, and two that do not see each other would both be wrong.
 */
function engineOf({ patienceMs = 20_000 }: Patience, leaderId: () => string | null): WriterEngine {
  // A short wait, so that those behind it in this process learn in time that the lock is not free.
  const attemptMs = Math.max(1, Math.min(1_000, Math.round(patienceMs)))
  return {
    async begin(tx, durability) {
      if (durability === 'LATER') await tx.$executeRawUnsafe('SET LOCAL synchronous_commit = off')
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${attemptMs}`)
      await tx.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(${commitLock})`)
      const id = leaderId()
      if (id !== null) await checkLeads(tx, id)
    },
    async countChanges(tx, changes) {
      const rows = join(changes.map((kind) => sql`(${kind}, 1)`))
      return countsOf(
        await tx.$queryRaw<{ kind: string; value: bigint }[]>(
          sql`WITH counted AS (INSERT INTO "ChangeCount" AS c (kind, value) VALUES ${rows}
              ON CONFLICT (kind) DO UPDATE SET value = c.value + 1 RETURNING kind, value)
            SELECT kind, value, pg_notify(${changeChannel}, kind || ' ' || value)::text FROM counted`,
        ),
      )
    },
    isBusy: (code) => code === '55P03',
    isRetryable: (code) => retryable.has(code),
  }
}

/** Under the lock for writing: whoever leads next writes after this transaction. Throws NotLeaderError. */
async function checkLeads(tx: Transaction, serverId: string): Promise<void> {
  const leader = await tx.leader.findFirst({ where: { serverId }, select: { role: true } })
  if (!leader) throw new NotLeaderError()
}
