import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import type { BuildWorkerId } from '../../../server/ids.ts'
import { claimRuns, type Claimed } from '../../../server/scheduling/claim-runs.ts'
import { endRun, endTry, putBack } from '../../../server/scheduling/end-try.ts'
import { SchedulingError } from '../../../server/scheduling/errors.ts'
import { openQueue } from '../../../server/scheduling/queue-schedules.ts'
import { dropPlatform, undropPlatform } from '../../../server/scheduling/queues.ts'
import { readInfo } from '../../../server/scheduling/read-info.ts'
import { runJob } from '../../../server/scheduling/run-job.ts'
import { removeSchedule } from '../../../server/scheduling/schedules.ts'
import { testApp, type TestApp } from '../../app.ts'
import { inputs, isLong, seedOf } from '../../long.ts'
import { queueModel } from './queue-model.ts'
import { actAt, add, emptySchedule, opamJob, scriptJob, writeTemplate } from './scheduling-site.ts'

let app: TestApp
let deps: Deps
let workerId: BuildWorkerId

beforeAll(async () => {
  app = await testApp({ keep: true })
  deps = app.deps
  for (const platform of ['p', 'q']) writeTemplate(deps, platform)
  const now = new Date()
  const data = { name: 'w', platform: 'p', address: '', protocol: 'BUILDER', software: '', slots: 1 }
  const row = { ...data, connections: 1, connectedAt: now, lastSeenAt: now }
  workerId = (await deps.writer.transact([], (tx) => tx.buildWorker.create({ data: row }))).id
})
afterAll(() => app.close())

const job = fc.constantFrom('a', 'b', 'c', 'd')
const platform = fc.constantFrom('p', 'q')
const index = fc.nat({ max: 3 })
const step = fc.oneof(
  fc.record({ do: fc.constant('addScript' as const), job, platform }),
  fc.record({ do: fc.constant('addOpam' as const), job }),
  fc.record({ do: fc.constant('execute' as const), job }),
  fc.record({ do: fc.constant('remove' as const), job }),
  fc.record({ do: fc.constantFrom('drop' as const, 'undrop' as const), platform }),
  ...Array.from({ length: 3 }, () =>
    fc.record({ do: fc.constant('claim' as const), platform, count: fc.integer({ min: 1, max: 3 }) }),
  ),
  ...Array.from({ length: 2 }, () =>
    fc.record({ do: fc.constantFrom('finish' as const, 'putBack' as const), index }),
  ),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const messageOf = async (done: Promise<unknown>) =>
  done.then(
    () => null,
    (error: unknown) => (error instanceof SchedulingError ? error.builderWords : error),
  )

/** Does a step on both. `running` has the tries in the order of the model's. */
async function take(one: Step, model: ReturnType<typeof queueModel>, running: Claimed[]): Promise<void> {
  const act = actAt(new Date())
  switch (one.do) {
    case 'addScript':
      expect(await messageOf(add(deps, scriptJob(one.job, one.platform), act))).toBe(
        model.addScript(one.job, one.platform),
      )
      return
    case 'addOpam':
      expect(await messageOf(add(deps, opamJob(one.job), act))).toBe(model.addOpam(one.job))
      return
    case 'execute':
      expect(await messageOf(runJob(deps, act, one))).toBe(model.execute(one.job))
      return
    case 'remove':
      expect(await messageOf(removeSchedule(deps, act, one))).toBe(model.remove(one.job))
      return
    case 'drop':
      expect(await messageOf(dropPlatform(deps, act, one))).toBe(model.drop(one.platform))
      return
    case 'undrop':
      expect(await messageOf(undropPlatform(deps, act, one))).toBe(model.undrop(one.platform))
      return
    case 'claim': {
      const claimed = await claim(one.platform, one.count)
      expect(claimed.map(({ attempt }) => attempt.job)).toEqual(model.claim(one.platform, one.count))
      running.push(...claimed)
      return
    }
    case 'finish':
    case 'putBack': {
      if (model.runningCount() === 0) return
      const at = one.index % model.runningCount()
      const [ended] = running.splice(at, 1)
      if (ended) await end(ended, one.do)
      model[one.do](at)
    }
  }
}

const templates = { build: 'orb %%OPAM_PACKAGE%%', rebuild: '', siteUrl: '' }

function claim(platform: string, count: number): Promise<Claimed[]> {
  const claimants = Array.from({ length: count }, () => ({
    registered: { id: workerId },
    name: 'w',
    address: '',
    userId: null,
  }))
  return deps.writer.transact([], async (tx) => {
    const now = new Date()
    await openQueue(tx, platform, { hasTemplate: true }, now)
    return claimRuns(tx, platform, claimants, { templates, workerCount: 1, now })
  })
}

const end = ({ id, runId }: Claimed, how: 'finish' | 'putBack') =>
  deps.writer.transact([], async (tx) => {
    const now = new Date()
    if (how === 'finish') {
      await endTry(tx, id, { ending: 'STORED' }, now)
      await endRun(tx, { id: runId }, 'DONE', null, now)
      return
    }
    const run = await tx.run.findUniqueOrThrow({ where: { id: runId } })
    await endTry(tx, id, { ending: await putBack(tx, run, 'lost', 'LOST', now) }, now)
  })

const byName = (one: readonly [string, unknown], other: readonly [string, unknown]) =>
  one[0] < other[0] ? -1 : 1

test(
  'the queues are those of a simple model, whatever is done in whatever order',
  async () => {
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 25, size: 'max' }),
      async (steps) => {
        await emptySchedule(deps)
        const model = queueModel()
        const running: Claimed[] = []
        for (const one of steps) {
          await take(one, model, running)
          const info = await readInfo(deps.db)
          expect(info.queues.map((queue) => [queue.platform, queue.jobs.map(({ name }) => name)])).toEqual(
            model.queues().toSorted(byName),
          )
          expect(info.running.map((run) => `${run.platform}/${run.name}`).sort()).toEqual(
            model.running().sort(),
          )
          expect(info.dropped).toEqual(model.dropped().sort())
        }
      },
    )
    await fc.assert(property, { seed: seedOf(35), numRuns: inputs(60) })
  },
  isLong ? 600_000 : 60_000,
)
