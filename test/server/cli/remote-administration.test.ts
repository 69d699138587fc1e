import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytesOf, alice, basicAuth } from '../../app.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { sampleRecord } from '../../record.ts'
import { advisory, writeFeed } from '../advisories/osv-feed.ts'
import { siteOfCommands, type SiteOfCommands } from './remote-site.ts'

let site: SiteOfCommands
const record = sampleRecord({ job: 'hello' })

beforeAll(async () => {
  site = await siteOfCommands()
  const { writer } = site.server.deps
  const added = await site.local('webhooks', 'add', 'https://ci.example.org/hook', '--job', 'web*')
  expect(added.status).toBe(0)
  const body = await bytesOf(encodeExecRecord(record))
  const headers = { Authorization: basicAuth(alice) }
  expect((await fetch(`${site.server.url}/upload`, { method: 'POST', headers, body })).status).toBe(201)
  const at = new Date('2026-11-30T10:00:00Z')
  await writer.transact([], async (tx) => {
    const endpoint = await tx.webhookEndpoint.findFirstOrThrow()
    const event = await tx.event.create({
      data: {
        ...{ uuid: 'e0000000-0000-4000-8000-000000000001', type: 'build.stored', dedupeKey: 'test', at },
        ...{ job: 'hello', platform: 'debian-12', build: record.uuid, data: '{}' },
      },
    })
    const delivery = await tx.webhookDelivery.create({
      data: {
        ...{
          endpointId: endpoint.id,
          eventId: event.id,
          state: 'DEAD',
          attempts: 1,
          dueAt: at,
          createdAt: at,
        },
        ...{ status: 500, error: 'the status is 500', requestBody: '{"a":1}' },
      },
    })
    await tx.webhookAttempt.create({
      data: {
        ...{ deliveryId: delivery.id, at, url: 'https://ci.example.org/hook', status: 500, durationMs: 12 },
        ...{
          requestHeaders: '{"webhook-id":"x"}',
          responseHead: 'HTTP/1.1 500\n\nno',
          error: 'the status is 500',
        },
      },
    })
    const { id: userId } = await tx.user.findUniqueOrThrow({ where: { name: alice.name } })
    await tx.mail.create({
      data: {
        ...{
          userId,
          kind: 'TEST',
          dedupeKey: 'x',
          recipient: 'alice@example.org',
          subject: 'hello',
          text: 'x',
        },
        ...{ html: 'x', messageId: '<x@example.org>', state: 'REFUSED', createdAt: at, answer: '550 no' },
      },
    })
    await tx.repository.create({
      data: {
        ...{ name: 'apt/debian-12', contentSha256: '0'.repeat(64), publishedAt: at, packageCount: 2 },
        details: JSON.stringify({
          ...{ fingerprints: ['AB'], suite: 'debian-12', component: 'main', architectures: ['amd64'] },
          ...{ shadowedCount: 1, shadowed: [], unreadableCount: 0, unreadable: [] },
        }),
      },
    })
  })
  const feed = writeFeed(site.dir, [advisory('OSEC-2026-05')])
  expect((await site.local('advisories', 'import', feed)).status).toBe(0)
  // The upload has run no hook.
  const hooks = join(site.dir, 'config', 'upload-hooks')
  mkdirSync(hooks)
  for (const name of ['mail.sh', 'off.sh']) writeFileSync(join(hooks, name), '#!/bin/sh\necho sent\n')
  chmodSync(join(hooks, 'mail.sh'), 0o755)
})
afterAll(() => site.stop())

const done = async (...args: string[]) => {
  const { status, stderr, stdout } = await site.remote(...args)
  expect([args, status, stderr]).toEqual([args, 0, ''])
  return stdout
}

test.for([
  'hooks list',
  'hooks list --json',
  'webhooks list',
  'webhooks list --json',
  'webhooks deliveries --state dead',
  'webhooks deliveries --webhook 1 --json --limit 1',
  'webhooks show 1',
  'webhooks show 1 --json',
  'repositories list',
  'repositories list --json',
  'advisories list',
  'advisories list --json',
  'advisories show OSEC-2026-05',
  'key list',
  'key list --json',
  'notifications mails',
  'notifications mails --json --failed',
  'audit --limit 3',
  'audit --json --action webhook.add --until 2100-01-01T00:00:00Z --result done',
])('hub %s says the same of a site as of its data directory', async (line) => {
  const args = line.split(' ')
  const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
  expect(near).toMatchObject({ status: 0, stderr: '' })
  expect(far).toEqual(near)
})

test('commands at a site print its settings', async () => {
  const settings = JSON.parse(await done('config', 'show', '--json')) as object[]
  expect(settings).toContainEqual({ setting: 'data-dir', value: site.dir, source: 'environment' })
  expect(await done('config', 'show')).toMatch(/^port +environment +0$/m)
})

test('commands at a site tell of its tasks, and run dead ones again', async () => {
  const { db } = site.server.deps
  const at = new Date()
  await site.server.deps.writer.transact([], (tx) =>
    tx.queuedTask.createMany({
      // Of a hook that has no such run: it does nothing.
      data: ['8001', '8002'].map((key) => ({
        ...{ kind: 'HOOK', key, state: 'DEAD', priority: 0, attempts: 3, error: 'no\u001b[2J luck' },
        ...{ createdAt: at, dueAt: at, startedAt: at, finishedAt: at },
      })),
    }),
  )
  // The server has tasks of its own meanwhile.
  await expect
    .poll(
      async () => {
        const [near, far] = await Promise.all([site.local('tasks', 'status'), site.remote('tasks', 'status')])
        return near.stdout === far.stdout && near.stdout
      },
      { timeout: 60_000 },
    )
    .toContain('  2 × HOOK: no�[2J luck (such as 8002)\n')
  expect(JSON.parse(await done('tasks', 'status', '--json'))).toMatchObject({ mirror: { running: null } })
  expect(await site.remote('tasks', 'retry', '--kind', 'NONE')).toMatchObject({ status: 2 })
  expect(await done('tasks', 'retry', '--kind', 'HOOK')).toBe('2 tasks run again as soon as a server runs\n')
  expect(await db.queuedTask.count({ where: { kind: 'HOOK', state: 'DEAD' } })).toBe(0)
})

test('commands at a site run its hooks', async () => {
  const said = await done('hooks', 'test', 'mail.sh', '--build', record.uuid)
  const [, number = ''] = /as run (\d+);/.exec(said) ?? []
  await expect.poll(async () => (await site.local('hooks', 'show', number)).stdout).toContain('sent')
  for (const line of [
    `hooks show ${number}`,
    `hooks show ${number} --json`,
    'hooks runs',
    'hooks runs --json --state succeeded --hook mail.sh',
  ])
    expect(await site.remote(...line.split(' '))).toEqual(await site.local(...line.split(' ')))
  expect(await done('hooks', 'retry', number)).toContain(`runs it as run ${number};`)
})

test('commands at a site change its webhooks', async () => {
  const { db } = site.server.deps
  const added = await site.remote(
    ...['webhooks', 'add', 'https://chat.example.org/x', '--format', 'slack', '--type', 'build.failed'],
    ...['--platform', 'debian-12', '--result', 'failed', '--description', 'chat', '--ed25519'],
  )
  expect(added).toMatchObject({
    ...{ status: 0, stdout: expect.stringMatching(/^\S+\n\S+\n$/) as string },
    stderr: 'webhook 2 gets what happens from now on; the secret is not shown again\n',
  })
  expect(await db.webhookEndpoint.findFirst({ where: { description: 'chat' } })).toMatchObject({
    ...{ format: 'SLACK', types: '["build.failed"]' },
  })
  expect(await done('webhooks', 'update', '2', '--disable', '--type', 'all', '--platform', 'all')).toBe(
    'webhook 2 is as asked for\n',
  )
  expect(JSON.parse((await site.local('webhooks', 'list', '--json')).stdout)).toMatchObject([
    {},
    { state: 'DISABLED', types: null, filter: { platforms: null, results: ['FAILED'] } },
  ])
  expect((await site.remote('webhooks', 'rotate-secret', '2', '--now')).status).toBe(0)
  expect(await site.remote('webhooks', 'test', '2')).toMatchObject({ status: 1 })
  expect(await done('webhooks', 'remove', '2')).toBe('webhook 2 is removed\n')
  expect(await done('webhooks', 'test', '1')).toMatch(/^delivery \d+ waits/)
  expect(await done('webhooks', 'retry', '1')).toBe('delivery 1 waits\n')
})

test('commands at a site judge issues, and have its policy applied', async () => {
  const { db } = site.server.deps
  await done(
    ...['vex', 'set', 'OSEC-2026-05', '--job', 'web*', '--status', 'not_affected'],
    ...['--justification', 'component_not_present', '--note', 'not linked'],
  )
  expect((await site.local('vex', 'list')).stdout).toBe(
    'OSEC-2026-05 web* not_affected component_not_present not linked\n',
  )
  expect(await site.remote('vacuum', 'policy', '--dry-run')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has no retention policy: all builds are kept') as string,
  })
  expect(await site.remote('vacuum', 'policy')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no retention policy') as string,
  })
  const acts = await db.auditEntry.findMany({ where: { via: 'token' } })
  expect(new Set(acts.map(({ action }) => action))).toEqual(
    new Set([
      ...[
        'task.retry',
        'hook.test',
        'hook.retry',
        'webhook.add',
        'webhook.update',
        'webhook.rotate',
        'webhook.remove',
      ],
      ...['webhook.test', 'webhook.redeliver', 'advisory.vex'],
    ]),
  )
})

test('what a site refuses is said as the data directory says it', async () => {
  for (const line of [
    'hooks show 999',
    'hooks retry 999',
    'webhooks update 999 --disable',
    'webhooks remove 999',
    'webhooks show 999',
    'webhooks retry 999',
    'webhooks add ftp://x',
    'advisories show OSEC-1',
    'repositories rebuild',
  ]) {
    const args = line.split(' ')
    const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
    expect([line, near.status, near.stdout]).toEqual([line, 1, ''])
    expect([line, far]).toEqual([line, near])
  }
  expect(existsSync(site.nowhere)).toBe(false)
})
