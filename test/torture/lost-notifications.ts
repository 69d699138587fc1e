// PostgreSQL ends the connections on which the servers listen for changes: what is committed then is not notified to them. A build is stored
// by one server, after another one has given an answer of the same address from its memory.
//
// Oracle: 0.1 seconds after the acknowledgement the other server gives the new answer: its promise is that an answer from memory is never
// older than that, whether it was notified or not.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FailureTest } from './failure-test.ts'
import { bodyOf, get, send } from './uploads.ts'

/** docs/several-servers.md promises 100; timers are late by a millisecond at most when they are early. */
const promisedMs = 105

const job = 'notified'

export const lostNotifications: FailureTest = {
  name: 'lost-notifications',
  summary: 'the connections for notifications end while builds are stored',
  rounds: 60,
  async run({ site, load, random, rounds, expect, fault }) {
    let newest = ''
    for (let round = 0; round < rounds; round++) {
      const [at, step] = [random.integer(0, 2), random.integer(1, 2)]
      const [one, other] = [site.servers[at], site.servers[(at + step) % site.servers.length]]
      const newestAtOther = async () => {
        const answer = await get(`${other?.url}/job/${job}/build/latest`)
        return answer && answer.status < 400 ? answer.location : ''
      }
      const made = await load.next()
      const build = { ...made, job }
      const upload = { ...build, body: await bodyOf(build, null) }
      if (newest !== '') {
        const before = await newestAtOther()
        expect(before.includes(newest), `the newest build is ${before} and not ${newest}`)
      }
      await site.ask(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'builder-hub changes' AND datname = current_database()`,
      )
      fault()
      await load.deliver(upload, await send(one?.url ?? '', upload.body))
      newest = upload.uuid
      await sleep(promisedMs)
      const after = await newestAtOther()
      expect(after.includes(newest), `${promisedMs} ms later the newest build is ${after} and not ${newest}`)
    }
  },
}
