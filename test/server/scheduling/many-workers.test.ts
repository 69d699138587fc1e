import { setMaxListeners } from 'node:events'
import { expect, test } from 'vitest'
import { queueRuns } from '../../../server/scheduling/queue-runs.ts'
import { runsOfSchedule } from '../../../server/scheduling/queue-schedules.ts'
import type { WorkerLink } from '../../../server/scheduling/scheduler.ts'
import { isLong } from '../../long.ts'
import { testApp, type TestApp } from '../../app.ts'
import { actAt, add, scriptJob } from './scheduling-site.ts'
import { connect, workOnce } from './work.ts'

const [workerCount, jobCount, rounds] = isLong ? [50, 200, 10] : [10, 20, 2]
/** On a machine that is ten times slower than the one it was written on. */
const msOfRound = isLong ? 180_000 : 30_000

/** Every run of a round, given to workers that take whatever comes until all are done. */
async function workThrough({ deps }: TestApp, links: readonly WorkerLink[], round: number): Promise<void> {
  const enough = new AbortController()
  // Each worker that waits listens.
  setMaxListeners(0, enough.signal)
  let left = jobCount
  const workers = links.map(async (link, index) => {
    while (left > 0) {
      try {
        await workOnce(link, { output: { 'bin/x': `${round}` }, signal: enough.signal })
      } catch (error) {
        if (!enough.signal.aborted) throw error
        return
      }
      left--
      if (left === 0) enough.abort()
      // Some connections end after a job, as those of builder's workers do.
      if (index % 2 === 1) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })
  const schedules = await deps.db.schedule.findMany({ orderBy: { id: 'asc' } })
  await deps.writer.transact(['runs'], (tx) =>
    queueRuns(
      tx,
      schedules.flatMap((schedule) => runsOfSchedule(schedule, ['debian-12'], 'REQUEST')),
      new Date(),
    ),
  )
  await Promise.all(workers)
}

test(
  'every run of many workers is accounted for, and none waits for long beside an idle worker',
  async () => {
    const app = await testApp()
    const { deps } = app
    await deps.scheduler.start()
    const links = await Promise.all(
      Array.from({ length: workerCount }, (_, n) => connect(deps, `worker ${n}`)),
    )
    for (let n = 0; n < jobCount; n++) await add(deps, scriptJob(`job-${n}`, 'debian-12'), actAt(new Date()))
    const memory: number[] = []
    for (let round = 0; round < rounds; round++) {
      await workThrough(app, links, round)
      globalThis.gc?.()
      memory.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20))
    }
    const runs = await deps.db.run.groupBy({ by: ['state', 'tryCount'], _count: true })
    expect(runs).toEqual([{ state: 'DONE', tryCount: 1, _count: jobCount * rounds }])
    expect(await deps.db.build.count()).toBe(jobCount * rounds)
    expect(await deps.db.runTry.count({ where: { ending: 'STORED' } })).toBe(jobCount * rounds)
    for (const link of links) await link.close()
    const { values } = await deps.metrics.schedulingLatency.get()
    process.stdout.write(`scheduling latency: ${describe(values)}; heap in MiB: ${memory.join(' ')}\n`)
  },
  rounds * msOfRound,
)

type Value = { labels: Partial<Record<string, unknown>>; value: number; metricName?: string }

/** How many were given within each limit. */
const describe = (values: readonly Value[]) =>
  values
    .filter(({ metricName }) => metricName?.endsWith('_bucket'))
    .map(({ labels, value }) => `${String(labels.le)} s: ${value}`)
    .join(', ')
