import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { sampleRecord } from '../../record.ts'
import { copyTemplate } from '../../template.ts'
import { graphqlWith, signIn } from '../admin/admin-site.ts'
import { receiver } from './receiver.ts'

/** A site with an administrator, whose webhooks may go to this machine; `command`: on its data directory. */
async function managedSite() {
  const app = await testApp({ env: { BUILDER_HUB_WEBHOOK_ALLOW: 'external, 127.0.0.1' } })
  const cookie = await signIn(app, 'root', 'ADMIN')
  const ask = graphqlWith(app, { Cookie: cookie, Origin: app.url })
  return { app, ask }
}

const add = `mutation ($url: String!, $types: [String!], $filter: WebhookFilterInput, $format: WebhookFormat) {
  addWebhook(url: $url, types: $types, filter: $filter, format: $format, isAsymmetric: true) {
    __typename
    ... on AddWebhookSuccess { secret { id secret publicKey } }
    ... on Refusal { message }
  }
}`
const lists = `{ admin {
  webhooks { id url format types filter { jobs results } state failureCount pendingCount deadCount }
  webhookDeliveries(first: 10) { nodes { id type state status job eventId lastDurationMs canBeRedelivered } totalCount }
} }`

test('an upload is told to a webhook that was added by the API, and its log is there', async () => {
  const { app, ask } = await managedSite()
  const { url, received } = await receiver()
  const added = await ask(add, { url, types: ['build.stored'], filter: { jobs: ['hel*'], results: [] } })
  const { id, secret } = added.data.addWebhook.secret as { id: string; secret: string }
  await app.deps.runner.start()
  const upload = await app.upload(sampleRecord({ job: 'hello' }))
  expect(upload.status).toBe(201)
  await app.upload(sampleRecord({ job: 'other' }))
  await expect.poll(() => received.length).toBe(1)
  const [request] = received
  expect(
    new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>),
  ).toMatchObject({
    type: 'build.stored',
    data: { build: { job: 'hello', result: { status: 'SUCCEEDED' } } },
  })
  const log = async () => (await ask(lists)).data.admin.webhookDeliveries.nodes as { id: string }[]
  await expect.poll(log).toMatchObject([{ state: 'DELIVERED', status: 200, job: 'hello' }])
  const [delivery] = await log()
  const whole = await ask(
    `query ($id: ID!) { admin { webhookDelivery(id: $id) { delivery { build } attempts { method url requestHeaders requestBody status responseHead } } } }`,
    { id: delivery?.id },
  )
  const { uuid: build } = await app.deps.db.build.findFirstOrThrow({ where: { job: { name: 'hello' } } })
  expect(whole.data.admin.webhookDelivery.delivery).toEqual({ build })
  expect(whole.data.admin.webhookDelivery.attempts).toMatchObject([
    { method: 'POST', url, status: 200, requestBody: request?.body },
  ])

  const redeliver = 'mutation ($id: ID!) { redeliverWebhook(id: $id) { __typename } }'
  expect((await ask(redeliver, { id: delivery?.id })).data.redeliverWebhook.__typename).toBe(
    'RedeliverWebhookSuccess',
  )
  await expect.poll(() => received.length).toBe(2)
  const ping = 'mutation ($id: ID!) { testWebhook(id: $id) { __typename } }'
  expect((await ask(ping, { id })).data.testWebhook.__typename).toBe('TestWebhookSuccess')
  await expect.poll(() => received.length).toBe(3)
  expect(JSON.parse(received[2]?.body ?? '')).toMatchObject({ type: 'test.ping' })

  // What the runner asks the database for is not counted.
  await app.deps.runner.close()
  const statementsOf = async (operation: () => Promise<unknown>) => {
    app.takeQueries()
    await operation()
    return app.takeQueries().length
  }
  const whole1 = '{ admin { webhookDelivery(id: 1) { delivery { build } attempts { status requestBody } } } }'
  app.takeQueries()
  const { admin } = (await ask(lists)).data
  // Of the session two, of the endpoints two, of the deliveries four, and their number.
  expect(app.takeQueries().length).toBeLessThanOrEqual(9)
  expect(admin.webhooks).toMatchObject([
    { id, url, format: 'STANDARD', types: ['build.stored'], filter: { jobs: ['hel*'], results: null } },
  ])
  // Of the session two each time. The delivery, its event, its endpoint and its attempts:
  expect(await statementsOf(() => ask(whole1))).toBeLessThanOrEqual(6)
  expect(
    await statementsOf(() => ask('{ admin { mails(isFailed: true) { subject } } }')),
  ).toBeLessThanOrEqual(6)
  expect(await statementsOf(() => ask('{ admin { eventTypes { name } } }'))).toBeLessThanOrEqual(2)
  // An endpoint is found, changed and logged.
  const disable = 'mutation ($id: ID!) { updateWebhook(id: $id, isEnabled: false) { __typename } }'
  expect(await statementsOf(() => ask(disable, { id }))).toBeLessThanOrEqual(12)
  const actions = await app.deps.db.auditEntry.findMany({ where: { action: { startsWith: 'webhook' } } })
  expect(actions.map(({ action }) => action)).toEqual([
    ...['webhook.add', 'webhook.redeliver', 'webhook.test', 'webhook.update'],
  ])
  expect(JSON.stringify(actions)).not.toContain(secret)
})

test.each([
  [{ url: 'ftp://example.org/' }, 'only http'],
  [{ url: 'https://user:word@example.org/' }, 'no user and no password'],
  [{ url: 'nowhere' }, 'such as https'],
  [{ url: 'https://example.org/', types: ['build.eaten'] }, 'no type of events'],
  [{ url: 'https://example.org/', filter: { results: ['GOOD'] } }, 'fault at results'],
])('a webhook %j is refused', async (variables, message) => {
  const { ask } = await managedSite()
  expect((await ask(add, variables)).data.addWebhook).toEqual({
    ...{ __typename: 'BadWebhookError', message: expect.stringContaining(message) as string },
  })
})

test('the commands manage webhooks', async () => {
  const dataDir = temporaryDir()
  copyTemplate(join(dataDir, 'builder-hub.sqlite3'))
  const database = await openDatabase(join(dataDir, 'builder-hub.sqlite3'))
  onTestFinished(() => database.closeDatabase())
  const app = await testApp({
    database,
    env: { BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_WEBHOOK_ALLOW: 'external, 127.0.0.1' },
  })
  const { url, received } = await receiver()
  const run = async (...args: string[]) => {
    const outcome = await hub(['--data-dir', dataDir, 'webhooks', ...args], {
      env: { BUILDER_HUB_WEBHOOK_ALLOW: 'external, 127.0.0.1', CHAT_TOKEN: 'syt_secret' },
    })
    return { ...outcome, lines: outcome.stdout.trim().split('\n') }
  }
  const added = await run(
    ...['add', url, '--format', 'matrix', '--type', 'build.failed', '--job', 'web*', '--ed25519'],
    ...['--access-token-from', 'CHAT_TOKEN'],
  )
  expect(added).toMatchObject({
    status: 0,
    lines: [expect.stringMatching(/^whsec_/), expect.stringMatching(/^whpk_/)],
  })
  expect((await run('list')).stdout).toMatch(
    /^1 http:\S+; enabled; matrix, build.failed; jobs web\*; whpk_\S+\n$/,
  )
  expect((await run('update', '1', '--result', 'failed', '--type', 'all')).status).toBe(0)
  expect(JSON.parse((await run('list', '--json')).stdout)).toMatchObject([
    { types: null, filter: { jobs: ['web*'], results: ['FAILED'] }, hasAccessToken: true },
  ])
  expect((await run('update', '1', '--result', 'all')).status).toBe(0)
  expect(JSON.parse((await run('list', '--json')).stdout)).toMatchObject([
    { filter: { jobs: ['web*'], results: null } },
  ])
  expect(await run('update', '1', '--access-token-from', 'CHAT_TOKE')).toMatchObject({
    ...{ status: 1, stderr: expect.stringContaining('no environment variable CHAT_TOKE') as string },
  })
  expect(await run('update', '1', '--url', 'https://elsewhere.example/')).toMatchObject({
    ...{
      status: 1,
      stderr: expect.stringContaining('the access token of webhook 1 is that of 127.0.0.1') as string,
    },
  })
  await app.deps.runner.start()
  expect((await run('test', '1')).stdout).toContain('delivery 1 waits')
  await expect.poll(() => received.length).toBe(1)
  await expect
    .poll(async () => (await run('deliveries', '--state', 'delivered')).lines)
    .toEqual([expect.stringMatching(/^1 \S+ test.ping to webhook 1: delivered, 1 attempt; answered 200$/)])
  const { event } = await app.deps.db.webhookDelivery.findFirstOrThrow({ include: { event: true } })
  expect(received[0]).toMatchObject({
    ...{ method: 'PUT', path: `/hook/${event.uuid}` },
    headers: { authorization: 'Bearer syt_secret' },
  })
  const shown = await run('show', '1')
  expect(shown.stdout).toContain(`> PUT ${url}/${event.uuid}\n`)
  expect(shown.stdout).toContain('authorization: Bearer …')
  expect(shown.stdout).not.toContain('syt_secret')
  expect((await run('retry', '1')).status).toBe(0)
  await expect.poll(() => received.length).toBe(2)
  expect(received[1]?.path).toBe(received[0]?.path)
  expect((await run('rotate-secret', '1', '--now')).lines).not.toContain(added.lines[0])
  expect((await run('update', '1', '--disable')).status).toBe(0)
  expect(await run('test', '1')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('--enable') as string,
  })
  expect((await run('remove', '1')).status).toBe(0)
  expect(await run('show', '1')).toMatchObject({ status: 1 })
  expect(await run('show', 'one')).toMatchObject({ status: 2 })
  expect(JSON.parse((await run('schema')).stdout)).toMatchObject({ title: 'An event of Builder Hub' })
})
