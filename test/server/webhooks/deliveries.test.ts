import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { redeliver, pingEndpoint } from '../../../server/webhooks/redeliver.ts'
import { removeEndpoint, rotateSecret, updateEndpoint } from '../../../server/webhooks/manage-endpoints.ts'
import { findDelivery, nextAttemptAt } from '../../../server/webhooks/list-deliveries.ts'
import { decoyHash } from '../../../server/users/password.ts'
import { receiver } from './receiver.ts'
import { webhookSite } from './webhook-site.ts'

/** The data of an event as that of a build. */
const ofBuild = (job: string, status = 'SUCCEEDED') => ({
  ...{ job, platform: 'debian-12', build: '5' },
  data: { build: { uuid: '5', job, platform: 'debian-12', path: `/job/${job}/build/5`, result: { status } } },
})

/** What the published library makes of a request. It throws if the signature is not right. */
const verified = (secret: string, { body, headers }: { body: string; headers: object }, now: Date) => {
  const webhook = new Webhook(secret)
  // The library takes only timestamps of these minutes.
  const { 'webhook-id': id, 'webhook-timestamp': at } = headers as Record<string, string>
  expect(Number(at)).toBe(Math.floor(now.getTime() / 1_000))
  const signature = (headers as Record<string, string>)['webhook-signature'] ?? ''
  expect(signature.split(' ')).toContain(webhook.sign(id ?? '', now, body))
  return JSON.parse(body) as unknown
}

test('an event is sent once, signed as the specification says, and the log has what was sent', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver()
  const { secret, publicKey } = await site.add({ url, isAsymmetric: true })
  expect([secret, publicKey]).toEqual([
    expect.stringMatching(/^whsec_.{44}$/),
    expect.stringMatching(/^whpk_.{44}$/),
  ])
  await site.happen('build.stored', ofBuild('hello'))
  await site.start()
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED' }])
  expect(received).toHaveLength(1)
  const [request] = received
  const [delivery] = await site.deliveries()
  expect(request && verified(secret, request, site.clock.now())).toEqual({
    ...{ type: 'build.stored', timestamp: site.clock.now().toISOString() },
    data: { version: 1, site: 'https://hub.example', ...ofBuild('hello').data },
  })
  expect(request?.headers).toMatchObject({
    'webhook-id': delivery?.event.uuid,
    'content-type': 'application/json',
  })
  expect(request?.headers['webhook-signature']).toMatch(/^v1,\S{44} v1a,\S{88}$/)
  expect(delivery?.requestBody).toBe(request?.body)
  expect(delivery?.tries).toMatchObject([
    {
      url,
      status: 200,
      error: null,
      responseHead: expect.stringContaining('thank you'),
    },
  ])
  expect(await site.metrics.webhookDeliveries.get()).toMatchObject({
    values: [{ value: 1, labels: { outcome: 'delivered' } }],
  })
})

test('a receiver that fails gets the same id again, later each time, with a new timestamp', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver((response, _request, count) => {
    response.statusCode = count < 3 ? 500 : 204
    response.end()
  })
  const { secret } = await site.add({ url })
  await site.happen('storage.low')
  await site.start()
  for (const [count, pauseMs] of [
    [1, 6_000],
    [2, 360_000],
  ] as const) {
    await expect.poll(site.deliveries).toMatchObject([{ state: 'PENDING', attempts: count, status: 500 }])
    expect(await site.endpoint()).toMatchObject({ failureCount: count, state: 'ENABLED' })
    await expect
      .poll(() => {
        // The runner may set its timer after the clock was moved.
        if (received.length === count) site.clock.advance(pauseMs)
        return received.length
      })
      .toBe(count + 1)
  }
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED', attempts: 3 }])
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3)
  for (const { headers, body } of received) {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000)
    verified(secret, { headers, body }, at)
  }
  expect(await site.endpoint()).toMatchObject({ failureCount: 0, failingSince: null })
})

test('a ping, and what is sent again, goes before everything that waits', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver((response, _request, count) => {
    response.statusCode = count === 1 ? 500 : 204
    response.end()
  })
  const { id } = await site.add({ url })
  for (let number = 0; number < 3; number++) await site.happen('storage.low')
  await pingEndpoint(site.deps, site.act(), id)
  // The events are looked at before: the ping is the newest of all.
  await site.happen('backup.failed')
  await site.start()
  await expect.poll(() => received.length).toBe(5)
  expect((JSON.parse(received[0]?.body ?? '') as { type: string }).type).toBe('test.ping')
  await expect
    .poll(async () => (await site.deliveries()).filter(({ state }) => state === 'PENDING'))
    .toMatchObject([{ event: { type: 'test.ping' }, attempts: 1 }])
  expect(nextAttemptAt({ state: 'PENDING', dueAt: new Date(0) })).toBeNull()
})

test('a body is kept once for all attempts, and again only where another one was sent', async () => {
  const site = await webhookSite()
  const { url } = await receiver((response, _request, count) => {
    response.statusCode = count < 4 ? 500 : 204
    response.end()
  })
  const { id } = await site.add({ url })
  await site.happen('storage.low')
  await site.start()
  const attempted = async (count: number) => {
    await expect.poll(site.deliveries).toMatchObject([{ attempts: count }])
    return (await site.deliveries())[0]!
  }
  const first = await attempted(1)
  for (const count of [2, 3, 4]) {
    if (count === 3) await updateEndpoint(site.deps, site.act(), id, { format: 'SLACK' })
    await redeliver(site.deps, site.act(), first.id)
    await expect.poll(async () => (await site.deliveries())[0]?.tries.length).toBe(count)
    if (count === 3) await updateEndpoint(site.deps, site.act(), id, { format: 'STANDARD' })
  }
  const [{ requestBody, tries } = first] = await site.deliveries()
  expect(requestBody).toContain('"version":1')
  expect(tries.map((attempt) => attempt.requestBody)).toEqual([null, null, '{"text":"a test"}', null])
  const shown = await findDelivery(site.db, first.id)
  expect(shown?.tries.map((attempt) => attempt.requestBody).reverse()).toEqual([
    ...[requestBody, requestBody, '{"text":"a test"}', requestBody],
  ])
})

test('who administers is mailed when a webhook is suspended, and the audit log says so', async () => {
  const site = await webhookSite({
    env: { BUILDER_HUB_SMTP_URL: 'smtp://127.0.0.1:1', BUILDER_HUB_MAIL_FROM: 'hub@hub.example' },
  })
  const at = site.clock.now()
  await site.writer.transact([], async (tx) => {
    const common = { ...decoyHash(), createdAt: at, unrestricted: false }
    const confirmed = { emailConfirmedAt: at }
    await tx.user.createMany({
      data: [
        { ...common, ...confirmed, name: 'root', role: 'ADMIN', email: 'root@hub.example' },
        { ...common, ...confirmed, name: 'gone', role: 'ADMIN', email: 'gone@hub.example', disabled: true },
        { ...common, ...confirmed, name: 'bob', role: 'UPLOADER', email: 'bob@hub.example' },
        { ...common, name: 'new', role: 'ADMIN', email: 'new@hub.example' },
      ],
    })
  })
  const { url } = await receiver((response) => response.writeHead(410).end())
  await site.add({ url: `${url}/secret` })
  await site.happen('storage.low')
  await site.start()
  await expect.poll(site.endpoint).toMatchObject({ state: 'SUSPENDED' })
  const mails = await site.db.mail.findMany()
  expect(mails).toMatchObject([
    {
      recipient: 'root@hub.example',
      kind: 'ALERT',
      subject: expect.stringMatching(/^Webhook 1 to 127\S+ is suspended$/),
    },
  ])
  expect(mails[0]?.text).toContain('it wants no more events')
  expect(mails[0]?.text).not.toContain('secret')
  expect(await site.db.queuedTask.count({ where: { kind: 'SEND_MAIL' } })).toBe(1)
  expect(await site.db.auditEntry.findMany({ where: { action: 'webhook.suspend' } })).toMatchObject([
    { target: '1', result: 'DONE' },
  ])
})

test('receivers that behave badly harm nobody, and the log says how they did', async () => {
  const site = await webhookSite({ timeoutMs: 3_000 })
  const good = await receiver()
  const bad = {
    never: await receiver(() => {}),
    closes: await receiver((response) => void response.socket?.destroy()),
    redirects: await receiver((response) => response.writeHead(302, { location: good.url }).end()),
    'is huge': await receiver((response) => void response.end('x'.repeat(10_000_000))),
    'is endless': await receiver((response) => void response.writeHead(200).write('once')),
    'is gone': await receiver((response) => response.writeHead(410).end()),
    echoes: await receiver((response, { headers }) =>
      response.end(`${'x'.repeat(1_600)}${headers.authorization}`),
    ),
    'is binary': await receiver((response) => response.writeHead(500).end(Buffer.from([0, 255, 0]))),
  }
  for (const [description, { url }] of Object.entries(bad))
    await site.add({ url, description, accessToken: 'syt_secret' })
  await site.add({ url: good.url, description: 'is good' })
  await site.add({ url: 'http://10.255.255.1/', description: 'is private' })
  await site.happen('storage.low')
  await site.start()
  const outcomes = async () => {
    const rows = await site.db.webhookDelivery.findMany({ include: { endpoint: true, tries: true } })
    return Object.fromEntries(
      rows.map(({ endpoint, state, tries: [attempt] }) => [
        endpoint.description,
        attempt ? [state, attempt.status, attempt.error] : null,
      ]),
    )
  }
  await expect.poll(outcomes).toEqual({
    never: ['PENDING', null, expect.stringContaining('does not answer within 3 s')],
    closes: ['PENDING', null, expect.stringContaining('socket hang up')],
    redirects: ['PENDING', 302, expect.stringContaining('redirections are not followed')],
    'is huge': ['DELIVERED', 200, null],
    'is endless': ['PENDING', null, expect.stringContaining('does not answer within 3 s')],
    'is gone': ['DEAD', 410, expect.stringContaining('410')],
    echoes: ['DELIVERED', 200, null],
    'is binary': ['PENDING', 500, expect.stringContaining('500')],
    'is good': ['DELIVERED', 200, null],
    'is private': ['PENDING', null, expect.stringContaining('--webhook-allow')],
  })
  expect(good.received).toHaveLength(1)
  const gone = await site.db.webhookEndpoint.findFirstOrThrow({ where: { description: 'is gone' } })
  expect(gone).toMatchObject({ state: 'SUSPENDED' })
  const heads = await site.db.webhookAttempt.findMany({ select: { responseHead: true } })
  for (const { responseHead } of heads) expect(responseHead?.length ?? 0).toBeLessThanOrEqual(2_000)
  expect(JSON.stringify(await site.db.webhookAttempt.findMany())).not.toContain('syt_')
})

test('endpoints get the types and the builds that they ask for', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver()
  await site.add({
    url,
    types: ['build.failed', 'storage.low'],
    filter: { jobs: ['web*'], platforms: ['debian-12'], results: ['FAILED'] },
  })
  await site.happen('build.stored', ofBuild('website', 'FAILED'))
  await site.happen('build.failed', ofBuild('website', 'FAILED'))
  await site.happen('build.failed', ofBuild('hello', 'FAILED'))
  await site.happen('build.failed', { ...ofBuild('website', 'FAILED'), platform: 'freebsd-14' })
  await site.happen('storage.low')
  await site.start()
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED' }, { state: 'DELIVERED' }])
  expect(received.map(({ body }) => (JSON.parse(body) as { type: string }).type).sort()).toEqual([
    'build.failed',
    'storage.low',
  ])
})

test('both secrets count for a day after a rotation, and only the new one after that', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver()
  const old = await site.add({ url })
  const next = await rotateSecret(site.deps, site.act(), old.id)
  await site.start()
  await pingEndpoint(site.deps, site.act(), old.id)
  await expect.poll(() => received.length).toBe(1)
  for (const { secret } of [old, next])
    verified(secret, received[0] ?? { body: '', headers: {} }, site.clock.now())
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED' }])
  site.clock.advance(86_400_000)
  await pingEndpoint(site.deps, site.act(), old.id)
  await expect.poll(() => received.length).toBe(2)
  expect(received[1]?.headers['webhook-signature']).toMatch(/^v1,\S{44}$/)
  verified(next.secret, received[1] ?? { body: '', headers: {} }, site.clock.now())
})

test('a disabled endpoint gets nothing, and what is sent again has the id that it had', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver()
  const { id } = await site.add({ url })
  await site.start()
  await site.happen('storage.low')
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED' }])
  await updateEndpoint(site.deps, site.act(), id, { state: 'DISABLED' })
  const [first] = await site.deliveries()
  if (!first) throw new Error('there is no delivery')
  await expect(redeliver(site.deps, site.act(), first.id)).rejects.toThrow('disabled')
  await site.happen('backup.failed')
  await updateEndpoint(site.deps, site.act(), id, { state: 'ENABLED' })
  await redeliver(site.deps, site.act(), first.id)
  await expect.poll(() => received.length).toBe(2)
  expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([first.event.uuid]))
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED', tries: [{}, {}] }])
  await removeEndpoint(site.deps, site.act(), id)
  expect(await site.db.webhookAttempt.count()).toBe(0)
  expect(await site.db.event.count()).toBe(2)
})

test('without the key of the site, an endpoint says what to do', async () => {
  const site = await webhookSite()
  const { url, received } = await receiver()
  const { id } = await site.add({ url })
  await site.db.webhookEndpoint.findFirstOrThrow()
  await site.writer.transact([], (tx) =>
    tx.webhookEndpoint.update({ where: { id }, data: { secret: new Uint8Array(64) } }),
  )
  await site.start()
  await site.happen('storage.low')
  await expect
    .poll(site.deliveries)
    .toMatchObject([{ error: expect.stringContaining('hub webhooks rotate-secret') as string }])
  // What the message says helps, and then the access token is the next.
  await site.writer.transact([], (tx) =>
    tx.webhookEndpoint.update({ where: { id }, data: { accessToken: new Uint8Array(64) } }),
  )
  await rotateSecret(site.deps, site.act(), id, { isAtOnce: true })
  await pingEndpoint(site.deps, site.act(), id)
  const errors = async () => (await site.deliveries()).map(({ error }) => error)
  await expect
    .poll(errors)
    .toContainEqual(expect.stringContaining('hub webhooks update 1 --access-token-from'))
  expect(received).toEqual([])
  await updateEndpoint(site.deps, site.act(), id, { accessToken: 'new' })
  await pingEndpoint(site.deps, site.act(), id)
  await expect.poll(() => received).toMatchObject([{ headers: { authorization: 'Bearer new' } }])
})

test('old events go with the log of what was sent', async () => {
  const site = await webhookSite()
  const { url } = await receiver()
  await site.add({ url })
  await site.happen('storage.low')
  await site.start()
  await expect.poll(site.deliveries).toMatchObject([{ state: 'DELIVERED' }])
  await expect
    .poll(async () => {
      site.clock.advance(86_400_000)
      return site.db.event.count()
    })
    .toBe(0)
  expect(site.clock.nowMs()).toBeGreaterThan(Date.UTC(2026, 0, 31))
  expect(await site.db.webhookAttempt.count()).toBe(0)
})
