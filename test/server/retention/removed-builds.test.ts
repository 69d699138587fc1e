import { expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { pinBuild } from '../../../server/retention/pins.ts'
import { removeBuilds } from '../../../server/retention/remove-builds.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'

/** Build `n` of a unikernel. The first three have one binary, the others one each. */
function record(n: number) {
  return sampleRecord({
    uuid: uuidOf(n),
    startedAt: new Date(Date.UTC(2026, 9, n)),
    artifacts: [
      file('bin/hello', n <= 3 ? 'the old binary' : `binary ${n}`),
      file('build-environment', `n=${n}`),
      file('opam-switch', 'opam-version: "2.0"\n'),
      file('system-packages', 'gcc=12\n'),
    ],
  })
}

async function remove({ deps: { db, writer } }: TestApp, numbers: number[]): Promise<void> {
  const builds = await db.build.findMany({
    where: { uuid: { in: numbers.map(uuidOf) } },
    select: { id: true },
  })
  const removal = { reason: 'hub vacuum except-latest 1', removedAt: new Date('2026-11-01T00:00:00Z') }
  await removeBuilds(
    writer,
    builds.map(({ id }) => id),
    removal,
    { leavesNewest: false, transactionMs: 60_000 },
  )
}

const removedQuery = `query ($uuid: UUID!) {
  build(uuid: $uuid) { uuid }
  removedBuild(uuid: $uuid) {
    uuid jobName platformName status startedAt finishedAt receivedAt inputId verdict reproducedCount removedAt reason
    resourcePath mainBinary { path sha256 sizeBytes } newestBuild { uuid }
  }
}`

test('a removed build answers at all of its addresses, and a client that updates finds the newest build', async () => {
  const app = await testApp()
  const { url } = app
  await receiveAll(app, [1, 2, 3, 4].map(record))
  const get = (path: string, accept?: string) =>
    fetch(url + path, { redirect: 'manual', ...(accept === undefined ? {} : { headers: { accept } }) })
  const path = `/job/hello/build/${uuidOf(1)}`
  const newest = `/job/hello/build/${uuidOf(4)}`
  // What was remembered before the removal is forgotten.
  const hashPath = `/hash?sha256=${sha256('the old binary')}`
  expect((await get(hashPath)).headers.get('location')).toBe(`/job/hello/build/${uuidOf(3)}`)
  expect((await get(path)).status).toBe(200)
  await remove(app, [1, 2, 3])

  // albatross: the hash of what runs, the newest build of that job, and its binary.
  const found = await get(hashPath)
  expect([found.status, found.headers.get('location')]).toEqual([302, `/job/hello/build/${uuidOf(3)}`])
  const latest = await get('/job/hello/build/latest')
  expect([latest.status, latest.headers.get('location')]).toEqual([307, newest])
  expect((await get(`${newest}/main-binary`)).status).toBe(302)
  // An artifact that a stored build has, too, leads there.
  expect((await get(`/hash?sha256=${sha256('gcc=12\n')}`)).headers.get('location')).toBe(newest)
  expect((await get(`/hash?sha256=${sha256('never')}`)).status).toBe(404)

  const words =
    `build ${uuidOf(1)} of job "hello" was removed on 2026-11-01: hub vacuum except-latest 1; ` +
    `it was repeated here ×3; the newest build is ${newest}\n`
  const below = [
    '/f/bin/hello',
    '/console',
    '/console-entries',
    '/script',
    '/main-binary',
    '/all.tar.gz',
    '/exec',
  ]
  for (const end of below) {
    const response = await get(path + end)
    expect([end, response.status, await response.text()]).toEqual([end, 410, words])
  }
  expect(
    (await get(`${path.toUpperCase().replace('/JOB/HELLO/BUILD', '/job/hello/build')}/script`)).status,
  ).toBe(410)
  expect((await get(`/job/other/build/${uuidOf(1)}/script`)).status).toBe(404)
  expect((await get(`/job/hello/build/${uuidOf(9)}/script`)).status).toBe(404)

  const compared = `/compare/${uuidOf(1)}/${uuidOf(4)}`
  for (const page of [path, `${path}/vizdependencies`, `${path}/viztreemap`, compared]) {
    const response = await get(page, 'text/html')
    const html = await response.text()
    expect([page, response.status]).toEqual([page, 410])
    expect(html).toContain('removed on 2026-11-01: hub vacuum except-latest 1')
    expect(html).toContain('When it was removed, it was repeated here ×3.')
    expect(html).toContain(`href="${newest}"`)
    expect(html).toContain('noindex')
  }
  const comparison = await get(compared, 'application/json')
  expect([comparison.status, await comparison.text()]).toEqual([410, words])
  expect((await get(`/job/other/build/${uuidOf(1)}`, 'text/html')).status).toBe(404)

  const json = await get(path, 'application/json')
  expect(json.status).toBe(410)
  expect(await json.json()).toEqual({
    ...{ job: 'hello', uuid: uuidOf(1), platform: 'debian-12' },
    ...{ start_time: '2026-10-01T00:00:00.000Z', finish_time: '2026-10-01T00:01:01.500Z' },
    ...{ main_binary: true, main_binary_sha256: sha256('the old binary') },
    ...{
      verdict: 'reproduced',
      grade: 'repeated here ×3',
      reproduced_by: 2,
      removed_at: '2026-11-01T00:00:00.000Z',
    },
    removed_because: 'hub vacuum except-latest 1',
    newest_build: { uuid: uuidOf(4), platform: 'debian-12' },
  })

  app.takeQueries()
  const { data } = await app.graphql(removedQuery, { uuid: uuidOf(1) })
  expect(app.takeQueries().length).toBeLessThanOrEqual(4)
  expect(data).toMatchObject({
    build: null,
    removedBuild: {
      ...{ uuid: uuidOf(1), jobName: 'hello', platformName: 'debian-12', status: 'SUCCEEDED' },
      ...{ startedAt: '2026-10-01T00:00:00.000Z', verdict: 'REPRODUCED', reproducedCount: 2 },
      ...{ removedAt: '2026-11-01T00:00:00.000Z', reason: 'hub vacuum except-latest 1', resourcePath: path },
      mainBinary: { path: 'bin/hello', sha256: sha256('the old binary'), sizeBytes: 14 },
      newestBuild: { uuid: uuidOf(4) },
    },
  })
  expect((await app.graphql(removedQuery, { uuid: uuidOf(4) })).data).toEqual({
    build: { uuid: uuidOf(4) },
    removedBuild: null,
  })

  // Uploaded again, it is a build again.
  expect((await app.upload(record(1))).status).toBe(201)
  expect((await get(path)).status).toBe(200)
  expect((await get(`${path}/script`)).status).toBe(200)
  expect((await app.graphql(removedQuery, { uuid: uuidOf(1) })).data).toEqual({
    build: { uuid: uuidOf(1) },
    removedBuild: null,
  })

  // The last build takes the job with it.
  await remove(app, [1, 4])
  expect((await get('/job/hello')).status).toBe(404)
  const last = await get(`${newest}/script`)
  expect([last.status, await last.text()]).toEqual([
    410,
    `build ${uuidOf(4)} of job "hello" was removed on 2026-11-01: hub vacuum except-latest 1; it was not repeated; ` +
      'the job has no other build with a main binary\n',
  ])
})

test('a pin is part of its build', async () => {
  const app = await testApp()
  await receiveAll(app, [record(1), record(2)])
  await pinBuild(
    app.deps.writer,
    byServer(new Date('2026-11-01T00:00:00Z')),
    uuidOf(1),
    'runs on\nthe name server',
  )
  const { data } = await app.graphql('{ builds { nodes { uuid pin { pinnedAt reason } } } }')
  expect(data).toEqual({
    builds: {
      nodes: [
        { uuid: uuidOf(2), pin: null },
        { uuid: uuidOf(1), pin: { pinnedAt: '2026-11-01T00:00:00.000Z', reason: 'runs on the name server' } },
      ],
    },
  })
  await expect(pinBuild(app.deps.writer, byServer(), uuidOf(3), '')).rejects.toThrow(
    `there is no build ${uuidOf(3)}`,
  )
})
