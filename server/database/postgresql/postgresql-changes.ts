import pg from 'pg'
import { countsOf } from '../../changes/change.ts'
import type { ChangeFeed, ChangeListeners } from '../../changes/change-feed.ts'

/** Transactions notify this channel of the counts that they have raised, as `builds 12`. */
export const changeChannel = 'builder_hub_changes'

/** A notification may be lost, or late: answers from memory are at most this much behind commits of others. */
const maxAgeMs = 100

/** Pauses between attempts to connect. */
const firstPauseMs = 50
const longestPauseMs = 2_000

/** A connection that does not answer in this time is given up. */
const answerWithinMs = 2_000

/**
 * The changes of a database in PostgreSQL: notifications on a connection of its own, and a look at the counts before
 * an answer from memory if the last one is too old. While there is no connection, each look tells that all may have
 * changed, and so does each new connection: what was notified meanwhile is lost.
 */
export function postgresqlChanges(
  url: string,
  { on, listenerCount, raise, replace, forget }: ChangeListeners,
): ChangeFeed & { close: () => Promise<void> } {
  let isClosed = false
  let connection: { client: pg.Client; giveUp: () => void } | null = null
  let listening: Promise<void> | undefined
  let looking: Promise<void> | undefined
  let lookedAt = -Infinity
  let retry: NodeJS.Timeout | undefined

  async function connect(pauseMs: number): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'builder-hub changes',
      connectionTimeoutMillis: 5_000,
      query_timeout: answerWithinMs,
      keepAlive: true,
    })
    let isOver = false
    const giveUp = () => {
      if (isOver) return
      isOver = true
      if (connection?.client === fresh) connection = null
      void fresh.end().catch(() => {})
      if (isClosed) return
      forget()
      retry = setTimeout(() => void connect(Math.min(2 * pauseMs, longestPauseMs)), pauseMs).unref()
    }
    fresh.on('error', giveUp).on('end', giveUp)
    fresh.on('notification', ({ payload = '' }) => {
      const [kind = '', value = ''] = payload.split(' ')
      raise(countsOf([{ kind, value }]))
    })
    try {
      await fresh.connect()
      await fresh.query(`LISTEN ${changeChannel}`)
      if (isClosed) return giveUp()
      connection = { client: fresh, giveUp }
      pauseMs = firstPauseMs
      await ask(fresh)
      forget()
    } catch {
      giveUp()
    }
  }

  async function ask(asked: pg.Client): Promise<void> {
    const askedAt = performance.now()
    const { rows } = await asked.query<{ kind: string; value: string }>(
      'SELECT kind, value FROM "ChangeCount"',
    )
    replace(countsOf(rows))
    lookedAt = askedAt
  }

  return {
    on,
    listenerCount,
    look() {
      if (!connection) return void forget()
      if (performance.now() - lookedAt < maxAgeMs) return undefined
      const { client, giveUp } = connection
      looking ??= ask(client)
        .catch(giveUp)
        .finally(() => (looking = undefined))
      return looking
    },
    listen: () => (listening ??= connect(firstPauseMs)),
    async close() {
      isClosed = true
      clearTimeout(retry)
      await connection?.client.end().catch(() => {})
    },
  }
}
