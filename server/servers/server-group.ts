import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { claimEveryMs, type ServerLease } from '../database/server-lease.ts'
import type { Log } from '../log.ts'
import { wakeableLoop } from '../runner/wakeable-loop.ts'
import { readVersion } from '../site/read-version.ts'
import { checkSameSite } from './check-same-site.ts'
import { NotLeaderError } from './server-errors.ts'

/** What only one of several servers does: it queues what schedules say, and gives runs to workers. */
const leaderRole = 'scheduler'

/** The servers of a site, seen from one of them. */
export type ServerGroup = {
  /** The id of this server while it leads; null: it does not lead. */
  leaderId: () => string | null
  /** Joins the others: `db` is the database of the site. Throws ServerGroupError. */
  join: (db: Reader) => Promise<void>
  /** From now on leads if no other server does. `lead` is called once; `onLost` at most once after it: another one leads, or `lead`
   * has failed. */
  start: (events: { lead: () => Promise<void>; onLost: (error: Error) => void }) => Promise<void>
  /** Another server may lead at once. What only the leader does has ended here. Further calls do nothing. */
  leave: () => Promise<void>
}

/**
 * The leader says in a row of the database that it leads, several times within its lease. Each of its transactions that write reads
 * that row under the lock for writing (`open-postgresql.ts`): a leader that was followed by another server, because it stood still or was cut
 * off, writes nothing. docs/decisions/087-several-servers.md says why.
 */
export function serverGroup(
  config: Pick<Config, 'dataDir' | 'port' | 'signing' | 'signingKey'>,
  { clock, lease, log }: { clock: Clock; lease: ServerLease; log: Pick<Log, 'info' | 'warn'> },
): ServerGroup {
  const id = randomUUID()
  const name = `${hostname()}:${config.port}`
  let term: number | null = null
  let tick = async () => {}
  let isStarted = false
  let hasLeft = false

  const loop = wakeableLoop(clock, async () => {
    try {
      await tick()
    } catch (error) {
      // While the database does not answer, no other server can take the role.
      log.warn({ err: error }, 'the other servers are not told that this one runs')
    }
    loop.wakeIn(claimEveryMs)
  })

  return {
    leaderId: () => (term === null ? null : id),

    async join(db) {
      const keyMark = await checkSameSite(config, db)
      await lease.add({ id, name, version: readVersion(), keyMark })
    },

    async start({ lead, onLost }) {
      tick = async () => {
        const claimed = await lease.claim(leaderRole, id)
        if (term !== null && claimed !== term) {
          tick = async () => {}
          onLost(new NotLeaderError())
        }
        if (claimed === null || term !== null) return
        term = claimed
        log.info({ term, server: name }, 'this server leads')
        // The start itself fails if that cannot be done.
        await (isStarted ? lead().catch(onLost) : lead())
      }
      await tick()
      isStarted = true
      loop.wakeIn(claimEveryMs)
    },

    async leave() {
      if (hasLeft) return
      hasLeft = true
      await loop.stop()
      // What is still written is what any server may write.
      term = null
      await lease.leave(id)
    },
  }
}
