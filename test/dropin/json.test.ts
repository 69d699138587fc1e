import { beforeAll, expect, test, vi } from 'vitest'
import { findSolo5 } from '../../server/dropin/find-solo5.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { noteChange } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { planOf, receiveAll, sha256, uuidOf } from '../server/graphql-site.ts'
import { openDropinSite, type DropinSite } from './dropin-site.ts'
import { tinyUnikernel } from './unikernel.ts'

/**
 * A replay of the project's own: what `conformance.corpus.test.ts` holds against builder-web's answers,
 * in small, so that every URL and shape is asked for where the corpus is absent.
 */

const today = new Date('2026-11-23T12:00:00Z')
const daysAgo = (days: number) => new Date(today.getTime() - days * 86_400_000)

const unikernelSwitch = `opam-version: "2.0"
roots: ["mirage-unikernel-web.1"]
installed: ["mirage-unikernel-web.1"]
package "mirage-unikernel-web" { opam-version: "2.0" version: "1" synopsis: "A web server" }
`

const records: Partial<ExecRecord>[] = [
  {
    job: 'web',
    startedAt: daysAgo(9),
    artifacts: [file('bin/web.hvt', 'one'), file('opam-switch', unikernelSwitch)],
  },
  { job: 'web', startedAt: daysAgo(8), artifacts: [file('bin/web.hvt', 'one')], platform: 'freebsd-14' },
  { job: 'web', startedAt: daysAgo(7), artifacts: [], result: { kind: 'exited', code: 1n } },
  { job: 'web', startedAt: daysAgo(6), artifacts: [file('bin/sub/web.hvt', 'two')] },
  { job: 'web', startedAt: daysAgo(5), artifacts: [], platform: 'freebsd-14' },
  // Arrived late: older than all before.
  { job: 'web', startedAt: daysAgo(20), artifacts: [file('bin/web.hvt', 'three')] },
  { job: 'old', startedAt: daysAgo(31), artifacts: [file('bin/old', 'old')] },
  { job: 'failing', startedAt: daysAgo(1), artifacts: [] },
  {
    job: 'a b?',
    startedAt: daysAgo(1),
    artifacts: [file('bin/x', 'x')],
    result: { kind: 'exited', code: 1n },
  },
]

let site: DropinSite
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: today })
  // Analyses would send statements of their own, which are counted below.
  site = await openDropinSite({ analyses: { slots: 0 } })
  for (const [n, parts] of records.entries()) {
    const uuid = uuidOf(n + 1)
    expect((await site.upload(sampleRecord({ ...parts, uuid }))).status).toBe(201)
  }
  return async () => {
    await site.close()
    vi.useRealTimers()
  }
})

const json = { headers: { Accept: 'application/json' } }

async function askJson(path: string): Promise<unknown> {
  const { status, headers, body } = await site.ask(path, json)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'content-length': String(body.length),
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    vary: 'Accept, Accept-Encoding',
  })
  return JSON.parse(body.toString())
}

const web = { name: 'web', synopsis: 'A web server' }
const aB = { name: 'a b?', synopsis: null }
const old = { name: 'old', synopsis: null }

test('/ lists jobs with a main binary of the last month, by section', async () => {
  expect(await askJson('/')).toEqual({
    jobs: [web, aB],
    jobs_by_section: { Unikernels: [web], Uncategorized: [aB] },
  })
})

test('/all-builds lists all jobs with a main binary', async () => {
  expect(await askJson('/all-builds')).toEqual({
    jobs: [web, aB, old],
    jobs_by_section: { Unikernels: [web], Uncategorized: [aB, old] },
  })
})

test('--expired-jobs 0 makes / list the same', async () => {
  const other = await openDropinSite({ env: { BUILDER_HUB_EXPIRED_JOBS: '0' } })
  await other.upload(sampleRecord({ job: 'old', startedAt: daysAgo(4000) }))
  const { body } = await other.ask('/', json)
  expect(JSON.parse(body.toString())).toMatchObject({ jobs: [{ name: 'old' }] })
  await other.close()
})

test('an empty site has no jobs', async () => {
  const other = await openDropinSite()
  const { body } = await other.ask('/', json)
  expect(JSON.parse(body.toString())).toEqual({ jobs: [], jobs_by_section: {} })
  await other.close()
})

const output = (n: number, filename: string, content: string) => ({
  uuid: uuidOf(n),
  main_binary: { filename, sha256: sha256(content), size: content.length },
})
const none = (n: number) => ({ uuid: uuidOf(n), main_binary: null })
const [one, two, three] = [
  output(2, 'web.hvt', 'one'),
  output(4, 'web.hvt', 'two'),
  output(6, 'web.hvt', 'three'),
]

test.each([
  ['/job/web', [two, one, three]],
  ['/job/web?platform=', [two, one, three]],
  ['/job/web?platform=freebsd-14', [one]],
  ['/job/web?platform=debian-12', [two, output(1, 'web.hvt', 'one'), three]],
  ['/job/web?platform=nowhere', []],
  ['/job/web/failed', [none(5), two, none(3), one, three]],
  ['/job/web/failed?platform=freebsd-14', [none(5), one]],
  ['/job/web/failed?platform=nowhere', []],
  ['/job/failing', []],
  ['/job/failing/failed', [none(8)]],
  ['/job/a%20b%3F', [output(9, 'x', 'x')]],
])('%s lists the newest build of each main binary', async (path, builds) => {
  expect(await askJson(path)).toEqual({ builds })
})

test('the facts of a build', async () => {
  const grade = 'not repeated yet'
  const facts = { job: 'web', uuid: uuidOf(4), platform: 'debian-12', main_binary: true, grade }
  const times = {
    start_time: '2026-11-17T12:00:00.000Z',
    finish_time: '2026-11-17T12:01:01.500Z',
  }
  expect(await askJson(`/job/web/build/${uuidOf(4)}`)).toEqual({ ...facts, ...times })
  expect(await askJson(`/job/web/build/${uuidOf(4).toUpperCase()}`)).toEqual({ ...facts, ...times })
  expect(await askJson(`/job/web/build/${uuidOf(3)}`)).toMatchObject({ main_binary: false })
})

/** With one job, whose only build is a unikernel. */
async function unikernelSite(options: Parameters<typeof openDropinSite>[0] = {}) {
  const other = await openDropinSite(options)
  const image = tinyUnikernel()
  await other.upload(
    sampleRecord({
      job: 'net',
      uuid: uuidOf(1),
      startedAt: daysAgo(1),
      artifacts: [file('bin/net.hvt', image)],
    }),
  )
  const ask = async (path: string) => JSON.parse((await other.ask(path, json)).body.toString()) as unknown
  return { other, ask }
}

const solo5 = {
  solo5_manifest: {
    type: 'solo5.manifest',
    version: 1,
    devices: [{ name: 'service', type: 'NET_BASIC' }],
  },
  solo5_abi: { type: 'solo5.abi', target: 'hvt', version: 2 },
}

test('devices and target of a unikernel, before and after its analysis', async () => {
  // No analysis is ever begun.
  const { other, ask } = await unikernelSite({ analyses: { slots: 0 } })
  const { writer, workers } = other.app.deps
  const expectTold = async () => {
    expect(await ask('/')).toMatchObject({ jobs: [{ name: 'net', latest: { uuid: uuidOf(1), ...solo5 } }] })
    expect(await ask('/all-builds')).toMatchObject({
      jobs_by_section: { Uncategorized: [{ name: 'net', latest: { uuid: uuidOf(1), ...solo5 } }] },
    })
    expect(await ask(`/job/net/build/${uuidOf(1)}`)).toMatchObject({ main_binary: true, ...solo5 })
  }
  const run = vi.spyOn(workers, 'run')
  await expectTold()
  expect(run.mock.calls.filter(([task]) => task === 'analyse')).toHaveLength(1)

  // Answers are kept until a change that this server makes.
  const forgetAnswers = () => noteChange(other.app)
  const abi = { target: 'hvt', version: 2 }
  const manifest = { version: 1, devices: [{ name: 'service', type: 'NET_BASIC' }] }
  await writer.transact([], (tx) =>
    tx.queuedTask.updateMany({
      where: { kind: 'SOLO5' },
      data: {
        state: 'DONE',
        version: 1,
        resultSha256: '00'.repeat(32),
        summary: JSON.stringify({ abi, manifest, reason: null }),
      },
    }),
  )
  await forgetAnswers()
  await expectTold()
  await writer.transact([], (tx) =>
    tx.queuedTask.updateMany({
      where: { kind: 'SOLO5' },
      data: { state: 'FAILED', resultSha256: null, summary: null },
    }),
  )
  await forgetAnswers()
  expect(await ask(`/job/net/build/${uuidOf(1)}`)).not.toHaveProperty('solo5_abi')
  expect(await ask('/')).toMatchObject({ jobs: [{ name: 'net', synopsis: null }] })
  await other.close()
})

test('a binary that cannot be read is that of no unikernel', async () => {
  const { other } = await unikernelSite({ analyses: { slots: 0 } })
  // Missing in the store.
  expect(await findSolo5(other.app.deps, ['ab'.repeat(32)])).toEqual(new Map())
  expect(await findSolo5(other.app.deps, [])).toEqual(new Map())
  await other.close()
})

test.each([
  '/job/nowhere',
  '/job/nowhere/failed',
  `/job/old/build/${uuidOf(1)}`,
  `/job/web/build/${uuidOf(99)}`,
  '/job/web/build/x',
  `/compare/${uuidOf(1)}/${uuidOf(99)}`,
])('%s is not there', async (path) => {
  const asJson = await site.ask(path, json)
  expect([asJson.status, asJson.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8'])
  expect((await site.ask(path)).status).toBe(404)
})

test.each(['/', '/all-builds', '/job/web', '/job/web/failed', `/job/web/build/${uuidOf(4)}`])(
  '%s is a page for everybody else, and HEAD tells of both',
  async (path) => {
    for (const headers of [{}, { Accept: '*/*' }, { Accept: 'text/html,*/*;q=0.8' }]) {
      const page = await site.ask(path, { headers })
      expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(page.headers.vary).toBe('Accept, Accept-Encoding')
    }
    const get = await site.ask(path, json)
    const head = await site.ask(path, { ...json, method: 'HEAD' })
    expect({ ...head.headers, date: '', 'x-request-id': '' }).toEqual({
      ...get.headers,
      date: '',
      'x-request-id': '',
    })
    expect([head.status, head.body.length]).toEqual([200, 0])
  },
)

test('/failed-builds is a page for all', async () => {
  const { status, headers } = await site.ask('/failed-builds?start=1&count=2&platform=debian-12', json)
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
})

test.each([
  ['/job/web/build/latest', `/job/web/build/${uuidOf(4)}`],
  ['/job/web/build/latest?platform=freebsd-14', `/job/web/build/${uuidOf(2)}`],
  ['/job/web/build/latest/f/bin/sub/web.hvt', `/job/web/build/${uuidOf(4)}/f/bin/sub/web.hvt`],
  ['/job/web/build/latest/all.tar.gz', `/job/web/build/${uuidOf(4)}/all.tar.gz`],
  ['/job/web/build/latest/main-binary', `/job/web/build/${uuidOf(4)}/main-binary`],
  [`/job/web/build/${uuidOf(4)}/main-binary`, `/job/web/build/${uuidOf(4)}/f/bin/sub/web.hvt`],
  [`/hash?sha256=${sha256('one')}`, `/job/web/build/${uuidOf(2)}`],
])('%s redirects to %s, whatever is accepted', async (path, location) => {
  for (const asked of [{}, json]) {
    const { status, headers } = await site.ask(path, asked)
    expect([status, headers.location]).toEqual([path.includes('latest') ? 307 : 302, location])
  }
})

test('robots.txt disallows large downloads', async () => {
  const { status, headers, body } = await site.ask('/robots.txt')
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  const rules = body.toString().trim().split('\n')
  expect(rules[0]).toBe('User-agent: *')
  for (const path of ['all.tar.gz', 'exec', 'f/', 'console', 'script', 'main-binary'])
    expect(rules).toContain(`Disallow: /job/*/build/*/${path}`)
  expect(rules).toContain('Disallow: /compare/')
})

test('the list of a job with more builds than one read is complete', async () => {
  const other = await openDropinSite({ analyses: { kinds: {} } })
  const many = Array.from({ length: 520 }, (_, n) =>
    sampleRecord({
      uuid: uuidOf(n),
      // Some start in the same instant.
      startedAt: new Date(today.getTime() - 200_000 + Math.floor(n / 3) * 1000),
      artifacts: n % 50 === 0 ? [] : [file('bin/x', `${n}`)],
    }),
  )
  await receiveAll(other.app, many)
  const uuidsOf = async (path: string) => {
    const { body } = await other.ask(path, json)
    return (JSON.parse(body.toString()) as { builds: { uuid: string }[] }).builds.map(({ uuid }) => uuid)
  }
  const newestFirst = many.toReversed()
  expect(await uuidsOf('/job/hello/failed')).toEqual(newestFirst.map(({ uuid }) => uuid))
  const withOutput = newestFirst.filter(({ artifacts }) => artifacts.length > 0)
  expect(await uuidsOf('/job/hello?platform=debian-12')).toEqual(withOutput.map(({ uuid }) => uuid))

  // Answers are kept until a change.
  await noteChange(other.app)
  other.app.takeQueries()
  await uuidsOf('/job/hello/failed')
  const statements = other.app.takeQueries()
  // The job; its outputs, 500 at a time; its builds without one.
  expect(statements).toHaveLength(1 + 2 + 1)
  for (const statement of statements) {
    const plan = planOf(other.app, statement).join('\n')
    expect(plan, statement).not.toMatch(/SCAN|TEMP B-TREE/)
  }
  await other.close()
})

test.each([
  ['/all-builds', 2],
  ['/job/web', 2],
  ['/job/web?platform=debian-12', 3],
  [`/job/web/build/${uuidOf(4)}`, 5],
])('%s costs %d statements', async (path, statements) => {
  // No task runs meanwhile. Answers are kept until a change.
  await site.app.deps.runner.close()
  await noteChange(site.app)
  site.app.takeQueries()
  await askJson(path)
  const count = site.app.takeQueries().length
  expect(count).toBeGreaterThan(0)
  expect(count).toBeLessThanOrEqual(statements)
})
