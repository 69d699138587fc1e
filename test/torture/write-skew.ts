// The first two builds of one input, of two jobs and with different outputs, are committed at once by two servers: each has read the whole
// record, and waits for the lock for writing, when the lock becomes free.
//
// Oracle: both are NOT_REPRODUCIBLE in every round. Two transactions that did not see each other would both say UNCONFIRMED.
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitersForCommit, withCommitLock } from './commit-lock.ts'
import type { FailureTest } from './failure-test.ts'
import { bodyOf, send, uuidFrom, type Upload } from './uploads.ts'

export const writeSkew: FailureTest = {
  name: 'write-skew',
  summary: 'two first builds of one input are committed at once',
  rounds: 200,
  async run({ site, load, random, rounds, expect, fault }) {
    for (let round = 0; round < rounds; round++) {
      const input = `shared ${random.integer(0, 2 ** 31)}`
      const pair = await Promise.all(
        ['skew-a', 'skew-b'].map(async (job): Promise<Upload> => {
          const content = createHash('sha512').update(`${input} ${job}`).digest()
          const build = { uuid: uuidFrom(content), job, content }
          return { ...build, body: await bodyOf(build, input) }
        }),
      )
      const first = random.integer(0, site.servers.length - 1)
      const servers = [0, 1].map((at) => site.servers[(first + at) % site.servers.length])
      const answers = await withCommitLock(site, async (client) => {
        const sent = pair.map(({ body }, at) => send(servers[at]?.url ?? '', body))
        while ((await waitersForCommit(client)) < 2) await sleep(5)
        return sent.map((answer) => [answer] as const)
      })
      fault()
      await Promise.all(pair.map(async (upload, at) => load.deliver(upload, await answers[at]?.[0])))
      const rows = await site.ask<{ verdict: string }>('SELECT verdict FROM "Build" WHERE uuid = ANY($1)', [
        pair.map(({ uuid }) => uuid),
      ])
      const verdicts = rows.map(({ verdict }) => verdict)
      expect(
        verdicts.length === 2 && verdicts.every((verdict) => verdict === 'NOT_REPRODUCIBLE'),
        `two first builds of one input are ${verdicts.join(' and ')}`,
      )
    }
  },
}
