import pg from 'pg'
import { leaseMs, type SharedDatabase } from '../server-lease.ts'

/** Columns have UTC without its name. */
const now = `(clock_timestamp() AT TIME ZONE 'UTC')`

/** A server that was not seen for so long is forgotten. */
const forgottenAfter = `interval '1 day'`

/** A few connections apart from those of requests: a server that is busy still says that it runs. */
export function sharedDatabase(url: string): SharedDatabase {
  const pool = new pg.Pool({
    ...{ connectionString: url, application_name: 'builder-hub servers', max: 2, keepAlive: true },
    ...{ connectionTimeoutMillis: 5_000, query_timeout: 5_000, idleTimeoutMillis: 30_000 },
  })
  // A connection that breaks while nobody uses it is replaced when the next statement needs one.
  pool.on('error', () => {})
  return {
    pool,
    close: () => pool.end(),
    lease: {
      async add({ id, name, version, keyMark }) {
        await pool.query(`DELETE FROM "Server" WHERE "seenAt" < ${now} - ${forgottenAfter}`)
        await pool.query(
          `INSERT INTO "Server" (id, name, version, "keyMark", "startedAt", "seenAt")
           VALUES ($1, $2, $3, $4, ${now}, ${now})`,
          [id, name, version, keyMark],
        )
      },

      async claim(role, serverId) {
        const { rows } = await pool.query<{ term: number }>(
          `WITH seen AS (UPDATE "Server" SET "seenAt" = ${now} WHERE id = $2)
           INSERT INTO "Leader" (role, term, "serverId", "leaseUntil")
           VALUES ($1, 1, $2, ${now} + interval '${leaseMs} milliseconds')
           ON CONFLICT (role) DO UPDATE SET "serverId" = excluded."serverId", "leaseUntil" = excluded."leaseUntil",
             term = "Leader".term + CASE WHEN "Leader"."serverId" = excluded."serverId" THEN 0 ELSE 1 END
           WHERE "Leader"."serverId" = excluded."serverId" OR "Leader"."leaseUntil" < ${now}
           RETURNING term`,
          [role, serverId],
        )
        return rows[0]?.term ?? null
      },

      async leave(serverId) {
        await pool.query(
          `UPDATE "Leader" SET "leaseUntil" = ${now} - interval '1 second' WHERE "serverId" = $1`,
          [serverId],
        )
        await pool.query('DELETE FROM "Server" WHERE id = $1', [serverId])
      },
    },
  }
}
