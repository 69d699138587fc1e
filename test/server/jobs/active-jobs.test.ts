import { expect, test } from 'vitest'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'

test('a job is active by a build that exited with 0, or failed and still has a main binary', async () => {
  const app = await testApp()
  const failed = { kind: 'exited', code: 1n } as const
  const startedAt = new Date()
  await receiveAll(app, [
    sampleRecord({ startedAt, job: 'failed-with-binary', result: failed, artifacts: [file('bin/a', 'a')] }),
    sampleRecord({ startedAt, job: 'failed-without', result: failed, artifacts: [file('a', 'a')] }),
    sampleRecord({ startedAt, job: 'succeeded-without-binary', artifacts: [] }),
  ])
  const { data } = await app.graphql('{ jobs(filter: { activeWithinDays: 1 }) { nodes { name } } }')
  expect(data.jobs.nodes).toEqual([{ name: 'failed-with-binary' }, { name: 'succeeded-without-binary' }])
})
