// The leader stands still (SIGSTOP) until its lease has run out and another server leads, and goes on then (SIGCONT). Uploads that were sent
// to it meanwhile wait in its machine: it reads them when it wakes up.
//
// Oracle: it ends with the status 1 when it wakes up, the term has gone up by one, and one server leads. Until it ends it is a server like the
// others, which any build may be sent to: what it acknowledges has a row, and what it does not has none. (That it writes nothing while it still
// takes itself for the leader is tested in several-servers.test.ts.)
import { setTimeout as sleep } from 'node:timers/promises'
import type { FailureTest, Torture } from './failure-test.ts'
import { send } from './uploads.ts'

const waitingUploads = 3

export const stoppedLeader: FailureTest = {
  name: 'stopped-leader',
  summary: 'SIGSTOP of the leader until another server leads, then SIGCONT',
  rounds: 4,
  async run(torture) {
    const { site, load, rounds, expect, fault } = torture
    for (let round = 0; round < rounds; round++) {
      const { server, term } = await leaderOf(torture)
      server.send('SIGSTOP')
      fault()
      let next = await leaderOf(torture)
      while (next.server === server) next = await leaderOf(torture)
      expect(next.term === term + 1, `the term ${term} was followed by ${next.term}`)

      const uploads = await Promise.all(Array.from({ length: waitingUploads }, () => load.next()))
      const answers = uploads.map(({ body }) => send(server.url, body, 120_000))
      await load.untilAcknowledged(3)
      server.send('SIGCONT')
      const status = await server.ended()
      expect(status === 1, `a leader that was followed ended with ${String(status)}`)
      for (const [at, upload] of uploads.entries()) {
        const answer = await answers[at]
        const rows = await site.ask('SELECT 1 FROM "Build" WHERE uuid = $1', [upload.uuid])
        // 0: the answer may have been lost.
        expect(
          answer?.status === 0 || (answer?.status === 201) === rows.length > 0,
          `${upload.uuid} was answered with ${answer?.status} by a leader that was followed, and has ${rows.length} rows`,
        )
        await load.deliver(upload, answer)
      }
      await server.start()
      const last = await leaderOf(torture)
      expect(last.term >= next.term, `the term went back from ${next.term} to ${last.term}`)
    }
  },
}

/** Waits until one leads. */
async function leaderOf({ site }: Torture) {
  for (;;) {
    const leader = await site.leader()
    if (leader) return leader
    await sleep(50)
  }
}
