import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchAdvisoriesHandler } from '../../../server/advisories/fetch-advisories-handler.ts'
import { importAdvisories } from '../../../server/advisories/import-advisories.ts'
import { readFeed } from '../../../server/advisories/read-feed.ts'
import { setVex } from '../../../server/advisories/set-vex.ts'
import { byServer } from '../../../server/audit/actor.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { basicAuth, noteChange, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'
import { advisory, affected, writeFeed } from './osv-feed.ts'

const switchOf = (version: string) => `
roots: ["hello.1"]
installed: ["hello.1" "dns.${version}"]
package "hello" { depends: ["dns"] }
`
const page = (n: number) => `/job/hello/build/${uuidOf(n)}`
const feed = [
  advisory('T-2026-01'),
  // Only of a version that nobody has here.
  advisory('T-2026-02', { affected: [affected('dns', [{ introduced: '8.0' }, { fixed: '8.1' }])] }),
  advisory('T-2026-03', { affected: [affected('tls', [{ introduced: '0' }])] }),
  advisory('T-2026-04', { affected: [{ package: { ecosystem: 'npm', name: 'dns' } }] }),
]

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true })
  await app.deps.runner.start()
  // Both have the issue.
  await upload(1, '9.0.0')
  await upload(2, '9.0.1')
})
afterAll(() => app.close())

async function upload(n: number, version: string): Promise<void> {
  const startedAt = new Date(Date.UTC(2026, 5, n))
  const artifacts = [file('bin/hello', `binary ${n}`), file('opam-switch', switchOf(version))]
  const answer = await app.upload(sampleRecord({ uuid: uuidOf(n), startedAt, artifacts }))
  expect(answer.status).toBe(201)
  await app.deps.runner.settled()
}

const importFeed = async (advisories: readonly { id: string }[]) => {
  const path = writeFeed(temporaryDir(), advisories)
  return importAdvisories(app.deps, byServer(), 'feed', readFeed(path), new Date('2026-07-01'))
}

const contentsOf = async (n: number) => {
  const { data, errors } = await app.graphql(`{ build(uuid: "${uuidOf(n)}") { contents {
    componentCount unidentifiedCount hasAdvisories openIssueCount fixedIn
    issues { advisory severity score linked fixedIn packages { name version identifiedBy } vex { status } }
  } } }`)
  expect(errors).toBeUndefined()
  return data.build.contents
}

test('a feed is taken in once: what is known already stays, and what is about other systems is left out', async () => {
  expect(await importFeed(feed)).toMatchObject({
    ...{ added: ['T-2026-01', 'T-2026-02', 'T-2026-03'], changed: [], foreignCount: 1, faults: [] },
  })
  expect(await importFeed(feed)).toMatchObject({ added: [], changed: [], unchangedCount: 3, goneCount: 0 })
  expect(await importFeed(feed.slice(0, 2))).toMatchObject({ goneCount: 1 })
  expect(await importFeed(feed)).toMatchObject({ added: [], unchangedCount: 3 })
})

test('builds tell their known issues with one more statement, before and after a fixed build has come', async () => {
  expect(await contentsOf(2)).toMatchObject({ openIssueCount: 1, fixedIn: null })
  // It comes after the feed: its packages are compared when they are read.
  await upload(3, '9.1.0')
  await app.deps.runner.close()
  expect(await contentsOf(3)).toMatchObject({ openIssueCount: 0, hasAdvisories: true, issues: [] })
  app.takeQueries()
  const affectedBuild = await contentsOf(1)
  expect(app.takeQueries()).toHaveLength(2)
  expect(affectedBuild).toEqual({
    ...{ componentCount: 2, unidentifiedCount: 0, hasAdvisories: true, openIssueCount: 1 },
    fixedIn: uuidOf(3),
    issues: [
      {
        ...{ advisory: 'T-2026-01', severity: 'HIGH', score: 7.5, linked: 'UNKNOWN', vex: null },
        fixedIn: uuidOf(3),
        packages: [{ name: 'dns', version: '9.0.0', identifiedBy: 'SWITCH' }],
      },
    ],
  })
})

test('the page of an advisory tells which jobs have the issue, and the first build without it', async () => {
  app.takeQueries()
  const { data, errors } = await app.graphql(`{ advisory(id: "T-2026-01") {
    advisory { summary severity affectedBuilds { job } } aliases packages { name versions } html
    places { job buildCount lastBuild fixedBuild }
  } }`)
  expect(errors).toBeUndefined()
  expect(app.takeQueries().length).toBeLessThanOrEqual(4)
  expect(data.advisory).toMatchObject({
    advisory: { summary: 'Names are too long.', severity: 'HIGH', affectedBuilds: [] },
    packages: [{ name: 'dns', versions: 'before 9.1.0' }],
    places: [{ job: 'hello', buildCount: 2, lastBuild: uuidOf(2), fixedBuild: uuidOf(3) }],
  })
  expect(data.advisory.html).toContain('<strong>long</strong>')
  expect(data.advisory.html).not.toContain('<script')
})

test('an event, the feed, the list and the summary name the newest builds that have an issue', async () => {
  // A newer advisory is about the newest build, too.
  const changed = advisory('T-2026-02', {
    modified: '2026-06-19T00:00:00Z',
    affected: [affected('dns', [{ introduced: '0' }])],
  })
  expect(await importFeed([...feed.slice(0, 1), changed])).toMatchObject({ changed: ['T-2026-02'] })
  const events = await app.deps.db.event.findMany({ where: { type: 'advisory.matched', build: uuidOf(3) } })
  expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([
    {
      build: { job: 'hello', path: page(3) },
      advisories: [{ id: 'T-2026-02', path: '/advisories/T-2026-02' }],
    },
  ])
  await noteChange(app)
  app.takeQueries()
  const { data } = await app.graphql(
    '{ issueSummary { jobCount advisoryCount } advisories { id affectedBuilds { uuid } } }',
  )
  expect(app.takeQueries().length).toBeLessThanOrEqual(4)
  expect(data.issueSummary).toEqual({ jobCount: 1, advisoryCount: 1 })
  expect(data.advisories[0]).toEqual({ id: 'T-2026-02', affectedBuilds: [{ uuid: uuidOf(3) }] })
  const atom = await (await fetch(`${app.url}/advisories.atom`)).text()
  expect(atom).toContain(`${page(3)}`)
  expect(atom).not.toContain('T-2026-01')
})

test("the JSON of a build, which builder-web's clients read, has its issues besides", async () => {
  const ask = async (path: string) =>
    (await (await fetch(app.url + path, { headers: { Accept: 'application/json' } })).json()) as object
  expect(await ask(page(1))).toMatchObject({
    ...{ job: 'hello', uuid: uuidOf(1), main_binary: true, components: 2, unidentified_components: 0 },
    advisories: [
      { id: 'T-2026-01', severity: 'high', packages: ['dns.9.0.0'], fixed_build: uuidOf(3) },
      { id: 'T-2026-02', fixed_build: null },
    ],
    fixed_build: null,
  })
})

test('what the operator says counts for the jobs that he names, and stands in the VEX document', async () => {
  const say = (jobs: string) =>
    setVex(app.deps.writer, byServer(), {
      ...{ advisoryId: 'T-2026-02', jobs, status: 'NOT_AFFECTED', note: 'It never asks.' },
      justification: 'VULNERABLE_CODE_NOT_IN_EXECUTE_PATH',
    })
  await say('other-*')
  expect((await contentsOf(3)).openIssueCount).toBe(1)
  await say('hel*')
  expect(await contentsOf(3)).toMatchObject({
    openIssueCount: 0,
    issues: [{ advisory: 'T-2026-02', vex: { status: 'NOT_AFFECTED' } }],
  })
  const document = (await (await fetch(`${app.url}${page(3)}/vex.json`)).json()) as object
  expect(document).toMatchObject({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    statements: [
      {
        vulnerability: { name: 'T-2026-02' },
        ...{ status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' },
        products: [{ subcomponents: [{ '@id': 'pkg:opam/dns@9.1.0' }] }],
      },
    ],
  })
  await expect(
    setVex(app.deps.writer, byServer(), {
      ...{ advisoryId: 'T-2026-02', jobs: 'hello', status: 'NOT_AFFECTED', note: null, justification: null },
    }),
  ).rejects.toThrow('say why the builds are not affected')
})

test('an administrator says it by the API, and nobody else', async () => {
  const query = `mutation { setVex(advisory: "T-2026-01", jobs: "hello", status: AFFECTED) {
    ... on SetVexSuccess { advisory } ... on Refusal { message } } }`
  const refused = await app.graphql(query)
  expect(JSON.stringify(refused)).not.toContain('"advisory":"T-2026-01"')
  const carol = { name: 'carol', password: 'a long secret of carol' }
  await addUser(app.deps.writer, byServer(), { ...carol, role: 'ADMIN' })
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: basicAuth(carol) },
    body: JSON.stringify({ query }),
  })
  expect(await response.json()).toMatchObject({ data: { setVex: { advisory: 'T-2026-01' } } })
})

test('a feed is read from a folder, a .zip and a .tar.gz, and files that are no advisories are reported', async () => {
  const dir = temporaryDir()
  const folder = writeFeed(dir, feed)
  writeFileSync(join(folder, 'broken.json'), '{')
  execFileSync('tar', ['-czf', join(dir, 'feed.tar.gz'), '-C', dir, 'feed'])
  execFileSync('python3', ['-m', 'zipfile', '-c', join(dir, 'feed.zip'), folder])
  for (const path of [folder, join(dir, 'feed.tar.gz'), join(dir, 'feed.zip')]) {
    const report = await importAdvisories(app.deps, byServer(), path, readFeed(path), new Date())
    expect(report, path).toMatchObject({ foreignCount: 1, faults: [{ reason: 'it is no JSON in UTF-8' }] })
  }
  rmSync(folder, { recursive: true })
  await expect(readFeed(folder).next()).rejects.toThrow('there is no')
})

describe('a feed at an address', () => {
  const archives = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const location = /^\/to\?(.*)$/.exec(path)?.[1]
    const found = archives.get(path)
    if (location !== undefined) response.writeHead(302, { Location: location }).end()
    else response.writeHead(found ? 200 : 404).end(found)
  })
  let site = ''

  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
    const later = advisory('T-2026-01', {
      modified: '2026-06-20T00:00:00Z',
      summary: 'Names are far too long.',
    })
    const folder = writeFeed(dir, [later, advisory('T-2026-09')])
    execFileSync('tar', ['-czf', join(dir, 'feed.tar.gz'), '-C', dir, 'feed'])
    execFileSync('python3', ['-m', 'zipfile', '-c', join(dir, 'feed.zip'), folder])
    rmSync(folder, { recursive: true })
    execFileSync('tar', ['-czf', join(dir, 'empty.tar.gz'), '-C', dir, 'feed.zip'])
    for (const name of ['feed.tar.gz', 'feed.zip', 'empty.tar.gz'])
      archives.set(`/${name}`, readFileSync(join(dir, name)))
    rmSync(dir, { recursive: true })
    archives.set('/page', Buffer.from('<!doctype html>'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  const run = (path: string, webhookAllow = '127.0.0.1') =>
    fetchAdvisoriesHandler({
      ...app.deps,
      config: { ...app.deps.config, advisoriesUrl: path === '' ? '' : site + path, webhookAllow },
    }).run({} as ClaimedTask, AbortSignal.timeout(60_000))

  test('is taken in, whatever its name is, also where it leads elsewhere', async () => {
    expect(await run('')).toBeNull()
    expect(await run('/to?/to?/feed.zip')).toMatchObject({ changed: ['T-2026-01'], added: ['T-2026-09'] })
    expect(await run('/feed.tar.gz')).toMatchObject({ added: [], changed: [], unchangedCount: 2 })
  })

  test.each([
    ['the archive is missing', '/none', '127.0.0.1', 'answers with status 404'],
    ['it is a page', '/page', '127.0.0.1', 'is no .zip and no .tar.gz'],
    ['it has no advisory', '/empty.tar.gz', '127.0.0.1', 'has no advisories'],
    ['it leads on for ever', '/to?/to?/to?/to?/to?/to?/feed.zip', '127.0.0.1', 'leads on more than 5 times'],
    ['its host is private', '/feed.zip', 'external', 'is not allowed'],
    ['it leads to a private host', '/to?http://127.0.0.2/feed.zip', '127.0.0.1', 'is in no allowed network'],
  ])('changes nothing if %s', async (_why, path, allow, message) => {
    await expect(run(path, allow)).rejects.toThrow(message)
    expect(await app.deps.db.advisory.count({ where: { id: 'T-2026-09', isListed: true } })).toBe(1)
  })
})
