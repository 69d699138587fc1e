import { beforeAll, expect, test } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { fakeClock } from '../runner/fake-clock.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ keep: true })
  return () => app.close()
})

test('live answers without a look at anything', async () => {
  await fetch(`${app.url}/ready`)
  app.takeQueries()
  const answer = await fetch(`${app.url}/health/live`)
  expect([answer.status, await answer.text()]).toEqual([200, 'live\n'])
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(app.takeQueries()).toEqual([])
})

test('ready tells each check with what was found', async () => {
  const answer = await fetch(`${app.url}/health/ready`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/health+json')
  expect(await answer.json()).toEqual({
    status: expect.stringMatching(/pass|warn/) as string,
    checks: {
      database: { status: 'pass' },
      staging: { status: 'pass' },
      oldestTaskAgeSeconds: { status: 'pass', observed: 0 },
      storageFreeBytes: expect.objectContaining({ observed: expect.any(Number) as number }) as object,
    },
  })
})

test('a folder that cannot be written is a failure, which the answer names', async () => {
  const broken = await testApp()
  broken.deps.config.stagingDir = '/nowhere'
  const answer = await fetch(`${broken.url}/health/ready`)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('10')
  expect(await answer.json()).toMatchObject({
    status: 'fail',
    checks: {
      database: { status: 'pass' },
      staging: { status: 'fail', output: 'the staging folder cannot be written' },
    },
  })
})

test('a check that never ends is a failure, and the others are told', async () => {
  const hanging = await testApp()
  hanging.deps.db.platform.findFirst = (() => new Promise(() => {})) as never
  const answer = await fetch(`${hanging.url}/health/ready`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({
    checks: {
      database: { status: 'fail' },
      staging: { status: 'pass' },
      oldestTaskAgeSeconds: { status: 'pass' },
    },
  })
})

test('tasks that wait for long are a warning', async () => {
  const clock = fakeClock()
  const late = await testApp({ clock })
  const ready = async () =>
    (await (await fetch(`${late.url}/health/ready`)).json()) as { checks: Record<string, object> }
  expect((await late.upload(sampleRecord())).status).toBe(201)
  expect((await ready()).checks['oldestTaskAgeSeconds']).toEqual({ status: 'pass', observed: 0 })
  clock.advance(16 * 60_000)
  expect((await ready()).checks['oldestTaskAgeSeconds']).toEqual({
    status: 'warn',
    observed: 960,
    output: 'tasks wait for long: "hub tasks status" shows which',
  })
})

test('each answer has an id, and a trusted proxy may give it', async () => {
  const idOf = async (site: TestApp, given?: string) => {
    const headers = new Headers(given === undefined ? {} : { 'X-Request-Id': given })
    return (await fetch(`${site.url}/robots.txt`, { headers })).headers.get('x-request-id')
  }
  expect(await idOf(app)).toMatch(/^[\da-f-]{36}$/)
  expect(await idOf(app)).not.toBe(await idOf(app))
  expect(await idOf(app, 'from-a-client')).not.toBe('from-a-client')
  const behindProxy = await testApp({ env: { BUILDER_HUB_TRUSTED_PROXIES: '1' } })
  expect(await idOf(behindProxy, 'from-the-proxy.1')).toBe('from-the-proxy.1')
  for (const bad of ['x y', '<b>', 'é', 'x'.repeat(129)]) expect(await idOf(behindProxy, bad)).not.toBe(bad)
})
