import { expect, test } from 'vitest'
import { describeJobKind } from '../../../server/facts/describe-job-task.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { testRemoval } from './fact-site.ts'

/** Version `n` of a unikernel, with its readme and description, or without any. */
function record(n: number, isDescribed = true) {
  const opamSwitch = `roots: "mirage-unikernel-a.1" package "mirage-unikernel-a" { synopsis: "Of ${n}" }`
  return sampleRecord({
    uuid: uuidOf(n),
    startedAt: new Date(Date.UTC(2026, 10, n)),
    artifacts: [
      file('bin/hello', `binary ${n}`),
      ...(isDescribed ? [file('README.md', `Readme ${n}`), file('opam-switch', opamSwitch)] : []),
    ],
  })
}

async function remove({ deps: { db, writer } }: TestApp, uuid: string): Promise<void> {
  const { id } = await db.build.findUniqueOrThrow({ where: { uuid } })
  await writer.transact(['builds'], (tx) => removeBuild(tx, id, testRemoval))
}

/** What the job's page shows after its switch, if there is one, is read. */
async function describedJob(app: TestApp) {
  app.deps.runner.wake()
  await app.deps.runner.settled([describeJobKind])
  const { data } = await app.graphql(
    '{ job(name: "hello") { synopsis readme { markdown } newestBuild { uuid } } }',
  )
  return data.job
}

test('a job falls back to the readme and the description of the newest build that remains', async () => {
  const app = await testApp()
  await receiveAll(app, [record(1), record(2), record(3, false)])
  await app.deps.runner.start()
  expect(await describedJob(app)).toEqual({
    synopsis: 'Of 2',
    readme: { markdown: 'Readme 2' },
    newestBuild: { uuid: uuidOf(3) },
  })
  await remove(app, uuidOf(2))
  expect(await describedJob(app)).toEqual({
    synopsis: 'Of 1',
    readme: { markdown: 'Readme 1' },
    newestBuild: { uuid: uuidOf(3) },
  })
  await remove(app, uuidOf(1))
  expect(await describedJob(app)).toEqual({ synopsis: null, readme: null, newestBuild: { uuid: uuidOf(3) } })
  await remove(app, uuidOf(3))
  expect(await describedJob(app)).toBe(null)
  expect(await app.deps.db.platform.count()).toBe(0)
})

test('what belongs to content stays: an analysis of a removed build is a cache for the next one', async () => {
  const app = await testApp()
  await receiveAll(app, [record(1)])
  const count = await app.deps.db.queuedTask.count()
  expect(count).toBeGreaterThan(1)
  await remove(app, uuidOf(1))
  expect(await app.deps.db.queuedTask.count()).toBe(count)
})
