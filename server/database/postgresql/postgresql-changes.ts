import pg from 'pg'
import { countsOf } from '../../changes/change.ts'
import type { ChangeFeed, ChangeListeners } from '../../changes/change-feed.ts'
import { faultWatch } from '../../changes/fault-watch.ts'
import type { Log } from '../../log.ts'

/** Transactions notify this channel of the counts that they have raised, as `builds 12`. */
export const changeChannel = 'builder_hub_changes'

/** A notification may be lost, or late: answers from memory are at most this much behind commits of others. */
const maxAgeMs = 100

/** Pauses between attempts to connect. */
const firstPauseMs = 50
const longestPauseMs = 2_000

/** So often the server is asked while nobody looks: a connection may be dead without anybody telling. */
const askEveryMs = 10_000

/** A connection that does not answer in this time is given up. */
const answerWithinMs = 2_000

/**
 * The changes of a database in PostgreSQL: notifications on a connection of its own, and a look at the counts before
 * an answer from memory if the last one is too old. While there is no connection, each look empties what holds answers.
 * Listeners are told once when the connection is lost, and once when there is a new one: what was notified meanwhile is lost.
 */
export function postgresqlChanges(
  url: string,
  { on, listenerCount, raise, replace, forget, forgetAnswers }: ChangeListeners,
  log: Pick<Log, 'warn' | 'info'>,
): ChangeFeed & { close: () => Promise<void> } {
  let isClosed = false
  let connection: { client: pg.Client; giveUp: (error: unknown) => void } | null = null
  let listening: Promise<void> | undefined
  let looking: { done: Promise<void>; beganAt: number } | undefined
  let lookedAt = -Infinity
  let retry: NodeJS.Timeout | undefined
  let asking: NodeJS.Timeout | undefined
  const fault = faultWatch({ forget, forgetAnswers }, log)

  async function connect(pauseMs: number): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'builder-hub changes',
      connectionTimeoutMillis: 5_000,
      query_timeout: answerWithinMs,
      keepAlive: true,
    })
    let isOver = false
    const giveUp = (error: unknown) => {
      if (isOver) return
      isOver = true
      if (connection?.client === fresh) {
        connection = null
        clearInterval(asking)
      }
      void fresh.end().catch(() => {})
      if (isClosed) return
      fault.noted(error)
      retry = setTimeout(() => void connect(Math.min(2 * pauseMs, longestPauseMs)), pauseMs).unref()
    }
    fresh.on('error', giveUp).on('end', () => giveUp(new Error('the connection has ended')))
    fresh.on('notification', ({ payload = '' }) => {
      const [kind = '', value = ''] = payload.split(' ')
      raise(countsOf([{ kind, value }]))
    })
    try {
      await fresh.connect()
      await fresh.query(`LISTEN ${changeChannel}`)
      if (isClosed) return giveUp(null)
      connection = { client: fresh, giveUp }
      pauseMs = firstPauseMs
      await ask(fresh)
      asking = setInterval(() => void look(), askEveryMs).unref()
      // The first connection, too: what is remembered is older than what it notifies.
      if (!fault.ended()) forget()
    } catch (error) {
      giveUp(error)
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

  function look(): Promise<void> | undefined {
    if (!connection) return void forgetAnswers()
    const now = performance.now()
    if (now - lookedAt < maxAgeMs) return undefined
    // What a slow look has read is too old for those who come long after it began.
    if (looking && now - looking.beganAt >= maxAgeMs) return looking.done.then(look)
    const { client, giveUp } = connection
    looking ??= {
      beganAt: now,
      done: ask(client)
        .catch(giveUp)
        .finally(() => (looking = undefined)),
    }
    return looking.done
  }

  return {
    on,
    listenerCount,
    look,
    listen: () => (listening ??= connect(firstPauseMs)),
    async close() {
      isClosed = true
      clearTimeout(retry)
      clearInterval(asking)
      await connection?.client.end().catch(() => {})
    },
  }
}
