import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { receiveAll, uuidOf } from './graphql-site.ts'

const isSucceeded = { kind: 'exited', code: 0n } as const
const isFailed = { kind: 'exited', code: 1n } as const

let app: TestApp

/** `+` and `-`: builds that succeeded and failed, one a day. Jobs are a hundred numbers apart. */
const histories = [
  ['broken', 'debian-12', '+-+--'],
  ['never', 'debian-13', '---'],
  ['fine', 'debian-12', '--+'],
  ['hidden', 'debian-12', '+-'],
] as const

beforeAll(async () => {
  app = await testApp({ keep: true })
  const records = histories.flatMap(([job, platform, history], index) =>
    [...history].map((mark, day) =>
      sampleRecord({
        ...{ uuid: numbered(index, day), job, platform },
        startedAt: new Date(Date.UTC(2026, 5, day + 1, index)),
        result: mark === '+' ? isSucceeded : isFailed,
        artifacts: mark === '+' ? [file('bin/a', `${job} ${day}`)] : [],
      }),
    ),
  )
  await receiveAll(app, records)
  await app.deps.writer.transact(['builds'], (tx) =>
    tx.job.update({ where: { name: 'hidden' }, data: { isHidden: true } }),
  )
})
afterAll(() => app.close())

const numbered = (index: number, day: number) => uuidOf(index * 100 + day)

const fields = `job platform buildCount firstBuild { uuid } lastBuild { uuid } lastGood { uuid } fixedBy { uuid }`

test('jobs that fail now tell since when, how often, and the last good build, in two statements', async () => {
  app.takeQueries()
  const { data, errors } = await app.graphql(`{ incidents { ${fields} } }`)
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(2)
  expect(data.incidents).toEqual([
    {
      ...{ job: 'broken', platform: 'debian-12', buildCount: 2, fixedBy: null },
      ...{ firstBuild: { uuid: numbered(0, 3) }, lastBuild: { uuid: numbered(0, 4) } },
      lastGood: { uuid: numbered(0, 2) },
    },
    {
      ...{ job: 'never', platform: 'debian-13', buildCount: 3, fixedBy: null, lastGood: null },
      ...{ firstBuild: { uuid: numbered(1, 0) }, lastBuild: { uuid: numbered(1, 2) } },
    },
  ])
})

test('incidents that are over tell the build that ended them', async () => {
  const { data, errors } = await app.graphql(
    `{ all: fixedIncidents(since: "2026-06-01T00:00:00Z") { ${fields} }
       late: fixedIncidents(since: "2026-06-02T01:00:00Z") { job }
       elsewhere: fixedIncidents(since: "2026-06-01T00:00:00Z", platform: "debian-13") { job }
       open: incidents(platform: "debian-13") { job } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    all: [
      {
        ...{ job: 'fine', platform: 'debian-12', buildCount: 2, lastGood: null },
        ...{ firstBuild: { uuid: numbered(2, 0) }, lastBuild: { uuid: numbered(2, 1) } },
        fixedBy: { uuid: numbered(2, 2) },
      },
      {
        ...{ job: 'broken', platform: 'debian-12', buildCount: 1 },
        ...{ firstBuild: { uuid: numbered(0, 1) }, lastBuild: { uuid: numbered(0, 1) } },
        ...{ lastGood: { uuid: numbered(0, 0) }, fixedBy: { uuid: numbered(0, 2) } },
      },
    ],
    late: [{ job: 'fine' }],
    elsewhere: [],
    open: [{ job: 'never' }],
  })
})
