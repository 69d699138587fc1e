import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { ApolloClient, ApolloLink, InMemoryCache } from '@apollo/client'
import { generatePath, matchRoutes, type RouteObject } from 'react-router'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importAdvisories } from '../../server/advisories/import-advisories.ts'
import { createApp } from '../../server/app.ts'
import { byServer } from '../../server/audit/actor.ts'
import { pageRoutes } from '../../server/pages/page.http.ts'
import { storeComponents } from '../../server/package-sets/store-components.ts'
import * as serverPaths from '../../server/paths.ts'
import { readName } from '../../web/address/read-name.ts'
import { paths } from '../../web/paths.ts'
import { createRoutes } from '../../web/routes.tsx'
import { testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { advisory } from '../server/advisories/osv-feed.ts'
import { addRun } from '../server/live-console/run-site.ts'
import { componentsOf } from '../server/package-sets/components.ts'
import { receiveAll, uuidOf } from '../server/graphql-site.ts'

const page = '<!doctype html><title>Builder Hub</title>'
const job = 'odd job⁄2 %2e %2F %252F #?&;+ü'
const platform = 'odd platform %2e %2F #?&;+ü'
const uuid = uuidOf(1)
const other = uuidOf(2)
const known = advisory('T-2026-01')
const sha256 = 'ab'.repeat(32)
const artifact = 'bin/odd %2e #?&;+ü'

const application: readonly RouteObject[] = createRoutes(
  new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.empty() }),
)
const pages = application.flatMap(({ children = [] }) => children)
const pagePaths = pages.flatMap(({ path }) => (path === undefined || path === '*' ? [] : [path]))

let app: TestApp
let url: string
let webDir: string
let close: () => void

beforeAll(async () => {
  app = await testApp({ keep: true })
  const artifacts = [file(artifact, 'a unikernel')]
  await receiveAll(app, [
    sampleRecord({ job, platform, uuid, artifacts }),
    sampleRecord({ job, platform, uuid: other, artifacts, startedAt: new Date('2026-11-02T10:00:00Z') }),
  ])
  await addRun(app, { job, platform, uuid })
  const bytes = Buffer.from(JSON.stringify(known))
  const feed = Readable.from([{ name: 'known.json', bytes }])
  await importAdvisories(app.deps, byServer(), 'a test', feed, new Date())
  await app.deps.writer.transact(['facts'], (tx) =>
    storeComponents(tx, sha256, componentsOf(['hello', '1']), new Date()),
  )
  webDir = join(app.deps.config.stagingDir, 'web')
  mkdirSync(webDir)
  writeFileSync(join(webDir, 'index.html'), page)
  const server = createServer(
    createApp(app.deps, { webDir, persistedOperationsFile: join(webDir, 'none.json'), rendererFile: 'none' }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => {
    server.closeAllConnections()
    server.close()
  }
})

afterAll(async () => {
  close()
  await app.close()
})

async function ask(path: string, accept = 'text/html') {
  const answer = await fetch(url + path, { headers: { Accept: accept }, redirect: 'manual' })
  return { status: answer.status, type: answer.headers.get('content-type')?.split(';')[0] ?? null }
}

const routeOf = (path: string) => matchRoutes([...application], path)?.at(-1)?.route.path

test('the server has a page for each route of the application, and no others', () => {
  const { routes } = pageRoutes(app.deps, webDir, () => null, null)
  expect(routes.map(({ path }) => path).toSorted()).toEqual(pagePaths.toSorted())
})

test.each(pagePaths)('a full load of %s is answered with the page', async (path) => {
  const address = generatePath(path, {
    job,
    uuid,
    platform,
    left: uuid,
    right: other,
    user: 'alice',
    run: '1',
    delivery: '1',
    kind: 'build',
    id: known.id,
    ecosystem: 'opam',
    name: 'hello',
    sha256,
  })
  expect(routeOf(address)).toBe(path)
  expect(await ask(address)).toEqual({ status: 200, type: 'text/html' })
})

test('builder-web answers JSON at six of the pages, and so does the server', async () => {
  const withJson: string[] = []
  for (const path of pagePaths) {
    const address = generatePath(path, {
      job,
      uuid,
      platform,
      left: uuid,
      right: other,
      user: 'alice',
      run: '1',
      delivery: '1',
      kind: 'build',
      id: known.id,
      ecosystem: 'opam',
      name: 'hello',
      sha256,
    })
    const { status, type } = await ask(address, 'application/json')
    expect(status).toBe(200)
    if (type === 'application/json') withJson.push(path)
  }
  expect(withJson.toSorted()).toEqual([
    '/',
    '/all-builds',
    '/compare/:left/:right',
    '/job/:job',
    '/job/:job/build/:uuid',
    '/job/:job/failed',
  ])
})

/** Where each address of the application leads: the route of its page, or what else the server sends. */
const addresses: Record<keyof typeof paths, readonly [address: string, leadsTo: string]> = {
  home: [paths.home, '/'],
  allBuilds: [paths.allBuilds, '/all-builds'],
  api: [paths.api, 'text/html'],
  failedBuilds: [paths.failedBuilds, '/failed-builds'],
  platforms: [paths.platforms, '/platforms'],
  runningRuns: [paths.runningRuns, '/runs'],
  packages: [paths.packages, '/packages'],
  package: [paths.package('opam', 'hello'), '/package/:ecosystem/:name'],
  advisories: [paths.advisories, '/advisories'],
  advisory: [paths.advisory(known.id), '/advisories/:id'],
  schedule: [paths.schedule, '/schedule'],
  scheduleOf: [paths.scheduleOf(job), '/schedule/:job'],
  template: [paths.template('BUILD', platform), '/template/:kind/:platform'],
  runs: [paths.runs, '/runs'],
  runsOfJob: [paths.runsOfJob(job), '/runs'],
  runsOfWorker: [paths.runsOfWorker('w&x'), '/runs'],
  runsOfPlatform: [paths.runsOfPlatform('a/b'), '/runs'],
  runsOn: [paths.runsOn(platform, 'under way'), '/runs'],
  workers: [paths.workers, '/workers'],
  keys: [paths.keys, '/keys'],
  log: [paths.log, '/log'],
  hash: [paths.hash(sha256), '/sha256/:sha256'],
  search: [paths.search('a b&c#d'), '/search'],
  platform: [paths.platform(platform), '/platform/:platform'],
  job: [paths.job(job), '/job/:job'],
  build: [paths.build(job, uuid), '/job/:job/build/:uuid'],
  run: [paths.run(uuid), '/runs/:uuid'],
  dependencies: [paths.dependencies(job, uuid), '/job/:job/build/:uuid/vizdependencies'],
  treemap: [paths.treemap(job, uuid), '/job/:job/build/:uuid/viztreemap'],
  compare: [paths.compare(uuid, other), '/compare/:left/:right'],
  badge: [paths.badge(job), 'image/svg+xml'],
  exported: [paths.exported('builds', 'csv', { platform, since: '2026-11-23' }), 'text/csv'],
  feed: [paths.feed(), 'application/atom+xml'],
  jobFeed: [paths.jobFeed(job), 'application/atom+xml'],
  platformFeed: [paths.platformFeed(platform), 'application/atom+xml'],
  console: [paths.console(job, uuid), 'text/plain'],
  consoleEntries: [paths.consoleEntries(job, uuid), 'application/octet-stream'],
  script: [paths.script(job, uuid), 'text/plain'],
  artifact: [paths.artifact(job, uuid, artifact), 'application/octet-stream'],
  login: [paths.login('/a?b#c'), '/login'],
  account: [paths.account, '/account'],
  mainBinary: [paths.mainBinary(job, uuid), 'a redirect'],
}

test.each(Object.entries(addresses))(
  'the address %s leads to what it is for',
  async (_name, [path, target]) => {
    const { pathname } = new URL(path, url)
    const { status, type } = await ask(path)
    const page = routeOf(pathname)
    if (page !== '*') {
      expect([page, status, type]).toEqual([target, 200, 'text/html'])
      for (const [name, value] of Object.entries(
        matchRoutes([...application], pathname)?.at(-1)?.params ?? {},
      ))
        expect([job, platform, uuid, other, sha256, 'build', known.id, 'opam', 'hello'], name).toContain(
          readName(value),
        )
    } else if (target === 'a redirect') {
      expect(status).toBe(302)
    } else {
      expect([status, type]).toEqual([200, target])
    }
  },
)

test('the server and the application write the same addresses', () => {
  const { feedPaths } = serverPaths
  expect({
    job: serverPaths.jobPath(job),
    build: serverPaths.buildPath(job, uuid),
    artifact: serverPaths.artifactPath(job, uuid, artifact),
    console: serverPaths.consolePath(job, uuid),
    script: serverPaths.scriptPath(job, uuid),
    platform: serverPaths.platformPath(platform),
    compare: serverPaths.comparePath(uuid, other),
    feed: feedPaths.site(),
    jobFeed: feedPaths.job(job),
    platformFeed: feedPaths.platform(platform),
    failures: feedPaths.site({ platform, status: 'failed' }),
    narrowed: feedPaths.job(job, { verdict: 'no-output', since: '2026-11-23', until: '2026-11-30' }),
    jobFailures: feedPaths.job(job, { platform, status: 'failed' }),
    platformFailures: feedPaths.platform(platform, { status: 'failed' }),
  }).toEqual({
    job: paths.job(job),
    build: paths.build(job, uuid),
    artifact: paths.artifact(job, uuid, artifact),
    console: paths.console(job, uuid),
    script: paths.script(job, uuid),
    platform: paths.platform(platform),
    compare: paths.compare(uuid, other),
    feed: paths.feed(),
    jobFeed: paths.jobFeed(job),
    platformFeed: paths.platformFeed(platform),
    failures: paths.feed({ platform, status: 'failed' }),
    narrowed: paths.jobFeed(job, { verdict: 'no-output', since: '2026-11-23', until: '2026-11-30' }),
    jobFailures: paths.jobFeed(job, { platform, status: 'failed' }),
    platformFailures: paths.platformFeed(platform, { status: 'failed' }),
  })
})
