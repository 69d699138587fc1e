import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { sha256, uuidOf } from './graphql-site.ts'

test('redirects are asked of the database once, until a build arrives', async () => {
  const app = await testApp()
  const upload = (n: number) =>
    app.upload(
      sampleRecord({
        uuid: uuidOf(n),
        startedAt: new Date(Date.UTC(2026, 0, n)),
        artifacts: [file('bin/hello', 'the same')],
      }),
    )
  const paths = ['/job/hello/build/latest', `/hash?sha256=${sha256('the same')}`]
  const locations = () =>
    Promise.all(
      paths.map(async (path) =>
        (await fetch(app.url + path, { redirect: 'manual' })).headers.get('location'),
      ),
    )
  expect(await locations()).toEqual([null, null])
  await upload(1)
  const first = `/job/hello/build/${uuidOf(1)}`
  expect(await locations()).toEqual([first, first])
  app.takeQueries()
  expect(await locations()).toEqual([first, first])
  expect(app.takeQueries()).toEqual([])
  await upload(2)
  const second = `/job/hello/build/${uuidOf(2)}`
  expect(await locations()).toEqual([second, second])
})

test('a redirect is asked of the database again after an error', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ uuid: uuidOf(1) }))
  const statusOf = async () =>
    (await fetch(`${app.url}/job/hello/build/latest`, { redirect: 'manual' })).status
  const database = new Database(join(app.deps.config.stagingDir, 'test.sqlite3'))
  database.exec('ALTER TABLE "Job" RENAME TO "Gone"')
  expect(await statusOf()).toBe(500)
  database.exec('ALTER TABLE "Gone" RENAME TO "Job"').close()
  expect(await statusOf()).toBe(307)
})
