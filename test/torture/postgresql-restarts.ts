// PostgreSQL ends under load and starts again: in order (`-m fast`), as in a crash (`-m immediate`), and it ends each connection of the
// servers while it runs on.
//
// Oracle: no server ends. Requests are answered, or get 503 with Retry-After, and nothing else; uploads are acknowledged once it is there
// again. What was acknowledged before is there.
import type { FailureTest } from './failure-test.ts'

export const postgresqlRestarts: FailureTest = {
  name: 'postgresql-restarts',
  summary: 'PostgreSQL restarts, crashes, and ends all connections',
  rounds: 12,
  async run({ site, load, random, rounds, expect, fault }) {
    const ways = [
      () => site.cluster.crash(),
      () =>
        site.ask(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        ),
      () => site.cluster.restart(),
    ]
    const processes = site.servers.map((server) => server.ended())
    for (let round = 0; round < rounds; round++) {
      await load.untilAcknowledged(random.integer(1, 6))
      await ways[round % ways.length]?.()
      fault()
      await load.untilAcknowledged(3)
    }
    for (const [at, server] of site.servers.entries())
      expect(
        server.isRunning() && server.ended() === processes[at],
        `server ${at} ended: ${server.log.slice(-3).join('\n')}`,
      )
  },
}
