import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { DataDirInUseError } from '../../data-dir-lock.ts'
import { connectTo, nameOf } from './connect.ts'

/** Number of the lock that a server holds as long as it runs. */
export const serverLock = 0x62_68_73_76

/** PostgreSQL notices the end of a server that was killed within moments. */
const patienceMs = 2_000

/** Pauses between attempts to take the lock again. */
const firstPauseMs = 100
const longestPauseMs = 5_000

type Held = { client: pg.Client; pid: number }

/**
 * Takes the lock of the database. PostgreSQL releases it when the connection ends, however it does: it is taken again then.
 * `onLost` is called if another server has it meanwhile. `isShared`: others may have it in the same way. Throws DataDirInUseError, PostgresqlConnectionError.
 */
export async function holdServerLock(
  url: string,
  onLost: (error: DataDirInUseError) => void = () => {},
  { isShared = false }: { isShared?: boolean } = {},
): Promise<{ release: () => Promise<void> }> {
  let isReleased = false
  let held = await take(url, isShared)
  watch()

  function watch(): void {
    held.client.once('end', () => {
      if (!isReleased) void takeAgain()
    })
  }

  async function takeAgain(): Promise<void> {
    for (let pauseMs = firstPauseMs; !isReleased; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        held = await take(url, isShared, held.pid)
        watch()
        if (isReleased) await held.client.end()
        return
      } catch (error) {
        if (isReleased) return
        if (error instanceof DataDirInUseError) return onLost(error)
        await sleep(pauseMs, undefined, { ref: false })
      }
    }
  }

  return {
    async release() {
      isReleased = true
      await held.client.end().catch(() => {})
    },
  }
}

/** `formerPid`: the process of PostgreSQL that had the lock for us, and may not know yet that its connection is lost. */
async function take(url: string, isShared: boolean, formerPid?: number): Promise<Held> {
  const client = await connectTo(url)
  try {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const { rows } = await client.query<{ isMine: boolean; pid: number }>(
        `SELECT pg_try_advisory_lock${isShared ? '_shared' : ''}($1) AS "isMine", pg_backend_pid() AS pid`,
        [serverLock],
      )
      if (rows[0]?.isMine) return { client, pid: rows[0].pid }
      if (performance.now() < deadline) await sleep(100)
      else if (formerPid !== undefined && (await holderOf(client)) === formerPid)
        throw new Error('PostgreSQL has not noticed yet that the former connection is lost')
      else
        throw new DataDirInUseError(
          `another server uses ${nameOf(url)}: stop it, or give this one its own --database-url` +
            (isShared ? '. Servers share it if all are started with --servers several' : ''),
        )
    }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

async function holderOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = $1 AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [serverLock],
  )
  return rows[0]?.pid ?? null
}
