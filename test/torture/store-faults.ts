// The store fails in one way after another, under load: it answers 500 or 503, refuses, breaks off requests before and after it has done what
// they ask for, breaks off answers, and gives wrong bytes.
//
// Oracle: an upload is acknowledged only when its content is whole in the store. A download is whole and right, or it is an error, or it
// breaks off before its length. No answer is a 500.
import type { Fault } from '../s3/s3-double.ts'
import type { FailureTest } from './failure-test.ts'

const faults: readonly { fault: Fault; method: string }[] = [
  ...(
    ['status 500', 'status 503', 'reset', 'reset after', 'status 403', 'error with status 200'] as const
  ).map((fault) => ({ fault, method: 'PUT' })),
  ...(['status 500', 'truncated body', 'wrong bytes', 'reset'] as const).map((fault) => ({
    fault,
    method: 'GET',
  })),
  ...(['status 503', 'status 403', 'reset'] as const).map((fault) => ({ fault, method: 'HEAD' })),
]

export const storeFaults: FailureTest = {
  name: 'store-faults',
  summary: 'the object store refuses, breaks off, and gives wrong bytes',
  rounds: 3 * faults.length,
  async run({ site, load, random, rounds, fault: count }) {
    const first = random.integer(0, faults.length - 1)
    for (let round = 0; round < rounds; round++) {
      const next = faults[(first + round) % faults.length]
      if (!next) return
      const { fault, method } = next
      site.double.plan(fault, {
        ...{ method, path: /\/blobs\//, count: random.integer(1, 12) },
        onHit: count,
      })
      await load.untilAcknowledged(6)
      site.double.heal()
    }
  },
}
