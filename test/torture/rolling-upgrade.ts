// The three servers are stopped and started one after another under load, as for a new version: SIGTERM, then the same program again.
//
// Oracle: each ends with the status 0, and each upload is acknowledged, also one that is sent to a server that says that it is not ready: by
// that server, or by another one when it refuses. After a server that led has stopped, another one leads in the next term.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FailureTest } from './failure-test.ts'
import { get, send } from './uploads.ts'

export const rollingUpgrade: FailureTest = {
  name: 'rolling-upgrade',
  summary: 'SIGTERM and start of one server after another',
  rounds: 4,
  async run({ site, load, rounds, expect, fault }) {
    for (let round = 0; round < rounds; round++) {
      for (const [at, server] of site.servers.entries()) {
        const before = await site.leader()
        server.send('SIGTERM')
        fault()
        // Meanwhile it drains: it serves on, and says that it is not ready.
        let sawDraining = false
        while (server.isRunning() && !sawDraining)
          sawDraining = (await get(`${server.url}/ready`, 5_000))?.status === 503
        if (sawDraining) {
          const upload = await load.next()
          await load.deliver(upload, await send(server.url, upload.body))
        }
        const status = await server.ended()
        expect(status === 0, `server ${at} ended with ${String(status)}: ${server.log.slice(-3).join('\n')}`)
        if (before?.server === server) {
          let after = await site.leader()
          while (!after || after.server === server) {
            await sleep(50)
            after = await site.leader()
          }
          expect(after.term === before.term + 1, `the term ${before.term} was followed by ${after.term}`)
        }
        await server.start()
        await load.untilAcknowledged(2)
      }
    }
  },
}
