import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importAdvisories } from '../../../server/advisories/import-advisories.ts'
import { byServer } from '../../../server/audit/actor.ts'
import { updateJob } from '../../../server/jobs/update-job.ts'
import type { PageFinder } from '../../../server/pages/find-page.ts'
import { findPackagePage, findPackagesPage } from '../../../server/pages/find-package-pages.ts'
import { testApp, type TestApp } from '../../app.ts'
import { isSqlite } from '../../database.ts'
import { findUses } from '../../../server/package-sets/find-uses.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { advisory } from '../advisories/osv-feed.ts'
import { uuidOf } from '../graphql-site.ts'

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true })
  await app.deps.runner.start()
  await upload(1, 'one', '9.0.0')
  await upload(2, 'one', '10.0.0')
  await upload(3, 'two', '9.0.0')
  await upload(4, 'three', '9.0.0~beta')
  const bytes = Buffer.from(JSON.stringify(advisory('T-2026-01')))
  const feed = Readable.from([{ name: 'known.json', bytes }])
  await importAdvisories(app.deps, byServer(), 'feed', feed, new Date())
  await app.deps.runner.close()
  await app.deps.runner.settled()
})
afterAll(() => app.close())

async function upload(n: number, job: string, version: string): Promise<void> {
  const startedAt = new Date(Date.UTC(2026, 5, n))
  const text = `roots: ["${job}.1"]\ninstalled: ["${job}.1" "dns.${version}" "dune.3.20"]\npackage "${job}" { depends: ["dns"] }\n`
  const artifacts = [file('bin/hello', `binary ${n}`), file('opam-switch', text)]
  const answer = await app.upload(sampleRecord({ uuid: uuidOf(n), job, startedAt, artifacts }))
  expect(answer.status).toBe(201)
  await app.deps.runner.settled()
}

async function ask(query: string) {
  app.takeQueries()
  const { data, errors } = await app.graphql(query)
  expect(errors).toBeUndefined()
  return { data, statements: app.takeQueries().length }
}

test('a package tells who has it, who is behind, and its versions over time, in a statement for each', async () => {
  const { data, statements } = await ask(`{ package(ecosystem: "opam", name: "dns") {
    newestVersion versionCount jobCount
    versions { version jobCount advisories firstBuild { uuid job } lastBuild { uuid } }
    uses { totalCount behindCount nodes { job platform uuid version isBehind identifiedBy isRequired } }
  } }`)
  expect(statements).toBe(5)
  const how = { platform: 'debian-12', identifiedBy: 'SWITCH', isRequired: true }
  expect(data.package).toEqual({
    ...{ newestVersion: '10.0.0', versionCount: 3, jobCount: 3 },
    versions: [
      {
        ...{ version: '10.0.0', jobCount: 1, advisories: [] },
        ...{ firstBuild: { uuid: uuidOf(2), job: 'one' }, lastBuild: { uuid: uuidOf(2) } },
      },
      {
        ...{ version: '9.0.0', jobCount: 1, advisories: ['T-2026-01'] },
        ...{ firstBuild: { uuid: uuidOf(1), job: 'one' }, lastBuild: { uuid: uuidOf(3) } },
      },
      {
        ...{ version: '9.0.0~beta', jobCount: 1, advisories: ['T-2026-01'] },
        ...{ firstBuild: { uuid: uuidOf(4), job: 'three' }, lastBuild: { uuid: uuidOf(4) } },
      },
    ],
    uses: {
      ...{ totalCount: 3, behindCount: 2 },
      nodes: [
        { job: 'three', uuid: uuidOf(4), version: '9.0.0~beta', isBehind: true, ...how },
        { job: 'two', uuid: uuidOf(3), version: '9.0.0', isBehind: true, ...how },
        { job: 'one', uuid: uuidOf(2), version: '10.0.0', isBehind: false, ...how },
      ],
    },
  })
})

test.each([
  ['<9.0.0', ['three']],
  ['<10', ['three', 'two']],
  ['>=9.0.0,<10', ['two']],
  ['9.00.0', ['two']],
  ['>10.0.0', []],
])('the range %s leaves the jobs %j, in the order of opam', async (version, jobs) => {
  const { data } = await ask(
    `{ package(ecosystem: "opam", name: "dns") { uses(version: ${JSON.stringify(version)}) { nodes { job } } } }`,
  )
  expect(data.package.uses.nodes.map(({ job }: { job: string }) => job)).toEqual(jobs)
})

test('hidden jobs are left out', async () => {
  const hide = (isHidden: boolean) => updateJob(app.deps.writer, byServer(), 'two', { isHidden })
  await hide(true)
  const { data } = await ask(`{ package(ecosystem: "opam", name: "dns") {
    jobCount versions { version jobCount } uses { totalCount nodes { job } }
  } }`)
  expect(data.package).toEqual({
    jobCount: 2,
    versions: [
      { version: '10.0.0', jobCount: 1 },
      { version: '9.0.0', jobCount: 0 },
      { version: '9.0.0~beta', jobCount: 1 },
    ],
    uses: { totalCount: 2, nodes: [{ job: 'three' }, { job: 'one' }] },
  })
  await hide(false)
})

test('a range that is none is refused, and says how ranges are written', async () => {
  const { errors } = await app.graphql(
    '{ package(ecosystem: "opam", name: "dns") { uses(version: "new") { totalCount } } }',
  )
  expect(errors).toBeUndefined()
  const refused = await app.graphql(
    '{ package(ecosystem: "opam", name: "dns") { uses(version: "< > 1") { totalCount } } }',
  )
  expect(refused.errors?.[0]).toMatchObject({
    message: expect.stringContaining('write <4.14, >=1.0,<2 or 1.5.0'),
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('packages are listed by name, in pages, with statements that do not grow', async () => {
  const list = (args: string) =>
    ask(`{ packages(${args}) { totalCount nodes { ecosystem name newestVersion versionCount jobCount }
      pageInfo { hasNextPage endCursor } } }`)
  const first = await list('first: 2')
  expect(first.statements).toBe(4)
  expect(first.data.packages).toMatchObject({
    totalCount: 5,
    nodes: [
      { ecosystem: 'opam', name: 'dns', newestVersion: '10.0.0', versionCount: 3, jobCount: 3 },
      { name: 'dune', newestVersion: '3.20', versionCount: 1, jobCount: 3 },
    ],
    pageInfo: { hasNextPage: true },
  })
  const { endCursor } = first.data.packages.pageInfo
  const rest = await list(`first: 9, after: "${endCursor}"`)
  expect(rest.statements).toBe(4)
  expect(rest.data.packages.nodes.map(({ name }: { name: string }) => name)).toEqual(['one', 'three', 'two'])
  const { data } = await list(`last: 2, before: "${endCursor}", search: "D"`)
  expect(data.packages).toMatchObject({ totalCount: 2, nodes: [{ name: 'dns' }] })
  expect((await list('search: "_"')).data.packages.totalCount).toBe(0)
  expect((await list('ecosystem: "deb"')).data.packages.totalCount).toBe(0)
})

test.runIf(isSqlite)(
  'who has a version is looked up by the sets of newest builds, never by all sets',
  async () => {
    const { id } = await app.deps.db.packageVersion.findFirstOrThrow({ where: { name: 'dns' } })
    app.takeQueries()
    await findUses(app.deps.db, [id, id + 1])
    const [statement = ''] = app.takeQueries()
    const plan = await app.deps.writer.transact([], (tx) =>
      tx.$queryRawUnsafe<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${statement}`, id, id + 1),
    )
    const steps = plan.map(({ detail }) => detail)
    expect(steps[0]).toBe('SCAN p')
    expect(steps).toContain('SEARCH e USING PRIMARY KEY (setId=? AND packageVersionId=?)')
    expect(steps.filter((step) => step.startsWith('SCAN'))).toHaveLength(1)
  },
)

test('packages that nobody has are null', async () => {
  const { data } = await ask(
    '{ a: package(ecosystem: "opam", name: "x") { name } b: package(ecosystem: "x", name: "dns") { name } }',
  )
  expect(data).toEqual({ a: null, b: null })
})

test.runIf(isSqlite)('hub package prints who has a package, and refuses one that nobody has', async () => {
  const { dataDir } = app.deps.config
  symlinkSync('test.sqlite3', join(dataDir, 'builder-hub.sqlite3'))
  const run = (...args: string[]) => hub(['package', ...args, '--data-dir', dataDir])
  expect(await run('list', 'd')).toMatchObject({ stderr: '', stdout: 'opam dns\nopam dune\n' })
  const { stdout } = await run('show', 'dns', '--range', '<10')
  expect(stdout).toBe(
    `dns (opam): in 2 newest builds
  three on debian-12: 9.0.0~beta, behind (${uuidOf(4)})
  two on debian-12: 9.0.0, behind (${uuidOf(3)})
2 versions
  9.0.0 2026-06-01 to 2026-06-03 [T-2026-01]
  9.0.0~beta 2026-06-04 to 2026-06-04 [T-2026-01]
`,
  )
  expect((await run('show', 'nothing')).stderr).toContain('no build has a package nothing of opam')
  expect((await run('show', 'dns', '--range', '<')).stderr).toContain('write <4.14')
})

test('pages without JavaScript list packages and who has one', async () => {
  const visit = { address: '127.0.0.1', filter: {}, text: '' }
  const textOf = async (found: ReturnType<PageFinder>) => JSON.stringify((await found)?.content)
  expect(await textOf(findPackagesPage(app.deps, {}, visit))).toContain('/package/opam/dns')
  const page = await textOf(findPackagePage(app.deps, { ecosystem: 'opam', name: 'dns' }, visit))
  expect(page).toContain('Versions: 10.0.0, 9.0.0, 9.0.0~beta')
  expect(page).toContain(`/job/two/build/${uuidOf(3)}`)
  expect(await findPackagePage(app.deps, { ecosystem: 'opam', name: 'nothing' }, visit)).toBeNull()
})
