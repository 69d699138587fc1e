import { afterAll, beforeAll, expect, test } from 'vitest'
import { importAdvisories } from '../../server/advisories/import-advisories.ts'
import { readFeed } from '../../server/advisories/read-feed.ts'
import { byServer } from '../../server/audit/actor.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { temporaryDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { advisory, affected, writeFeed } from './advisories/osv-feed.ts'
import { uuidOf } from './graphql-site.ts'

let app: TestApp
let uploads = 0
const now = new Date()
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)

const switchOf = (job: string, version: string, dns = '7.0') =>
  `roots: ["${job}.${version}"]\ninstalled: ["${job}.${version}" "dns.${dns}"]\npackage "${job}" { depends: ["dns"] }\n`

async function upload(
  job: string,
  days: number,
  content: string | null,
  version = '1.0',
  parts: Partial<ExecRecord> = {},
) {
  const artifacts =
    content === null
      ? []
      : [
          file('bin/it', content),
          file('opam-switch', switchOf(job, version, job === 'old' ? '9.0.0' : '7.0')),
          file('build-environment', 'PATH=/usr/bin\n'),
          file('system-packages', 'gcc=12.2.0\n'),
        ]
  const result = { kind: 'exited', code: content === null ? 1n : 0n } as const
  const uuid = uuidOf(++uploads)
  const record = sampleRecord({ ...{ job, uuid, result, artifacts }, startedAt: daysAgo(days), ...parts })
  expect((await app.upload(record)).status).toBe(201)
  return uuid
}

beforeAll(async () => {
  app = await testApp({ keep: true, env: { BUILDER_HUB_EXPIRED_JOBS: '30' } })
  await app.deps.runner.start()
})
afterAll(() => app.close())

const overview = `{ overview { jobs { name version sizeBytes sizes problems downloadPath grade { kind }
  platforms { name version problems otherOutputPath failing { failedCount firstFailedAt lastGood newestBuild { uuid } } } }
  issues { id jobs } } }`

test('jobs come with versions, sizes over time, and what needs attention', async () => {
  expect((await app.graphql(overview)).data.overview).toEqual({ jobs: [], issues: [] })
  await upload('good', 5, 'one', '1.0')
  await upload('good', 4, 'longer', '1.1')
  await upload('good', 3, 'longest', '1.2')
  await upload('good', 2, 'other', '0.9', { platform: 'freebsd-14' })
  const lastGood = await upload('broken', 9, 'it')
  await upload('broken', 8, null)
  const newest = await upload('broken', 1, null)
  await upload('old', 60, 'aged')
  await upload('old', 50, null)
  const [left, right] = [await upload('torn', 3, 'this'), await upload('torn', 2, 'that')]
  await app.deps.runner.settled()
  const path = writeFeed(temporaryDir(), [
    advisory('T-2026-01', { affected: [affected('dns', [{ introduced: '9.0' }])] }),
  ])
  await importAdvisories(app.deps, byServer(), 'feed', readFeed(path), now)

  const { data, errors } = await app.graphql(overview)
  expect(errors).toBeUndefined()
  const { jobs, issues } = data.overview
  const of = (name: string) => jobs.find((job: { name: string }) => job.name === name)
  expect(jobs.map(({ name, problems }: { name: string; problems: string[] }) => [name, problems])).toEqual([
    ['broken', ['FAILING']],
    ['good', []],
    ['old', ['AFFECTED', 'STALE']],
    ['torn', ['DISPUTED']],
  ])
  expect(issues).toEqual([{ id: 'T-2026-01', jobs: ['old'] }])
  // The newest main binary is that of FreeBSD, which has an older version.
  expect(of('good')).toMatchObject({
    version: '0.9',
    sizeBytes: 5,
    sizes: [5],
    grade: { kind: 'NOT_REPEATED' },
  })
  expect(of('good').platforms).toMatchObject([
    { name: 'debian-12', version: '1.2', failing: null },
    { name: 'freebsd-14', version: '0.9' },
  ])
  expect(of('broken').platforms[0].failing).toEqual({
    failedCount: 2,
    firstFailedAt: daysAgo(8).toISOString(),
    lastGood,
    newestBuild: { uuid: newest },
  })
  expect(of('torn').platforms[0].otherOutputPath).toBe(`/compare/${left}/${right}`)
})
