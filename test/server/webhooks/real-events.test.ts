import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { importAdvisories } from '../../../server/advisories/import-advisories.ts'
import { readFeed } from '../../../server/advisories/read-feed.ts'
import { analysisHandlers } from '../../../server/analyses/analysis-handlers.ts'
import { byServer, serverActor } from '../../../server/audit/actor.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { announce } from '../../../server/event-log/announce.ts'
import { eventTypeNames } from '../../../server/event-log/event-types.ts'
import { eventsOfRoom, watchSiteHandler } from '../../../server/event-log/watch-site-handler.ts'
import type { Event } from '../../../server/generated/prisma/client.ts'
import type { EndpointFormat } from '../../../server/webhooks/endpoint-format.ts'
import { standardBody } from '../../../server/webhooks/event-message.ts'
import { eventSchema } from '../../../server/webhooks/event-schema.ts'
import { judgeHandler } from '../../../server/policy/judge-handler.ts'
import { addEndpoint } from '../../../server/webhooks/manage-endpoints.ts'
import { pingEndpoint } from '../../../server/webhooks/redeliver.ts'
import { webhookRequest } from '../../../server/webhooks/webhook-request.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { testApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { copyTemplate } from '../../template.ts'
import { advisory, writeFeed } from '../advisories/osv-feed.ts'
import { uuidOf } from '../graphql-site.ts'

const site = 'https://hub.example'
/** Events that really happened on a site, the oldest first. */
let events: Event[]
let dataDir: string

/** The build `number` of a job: what it gave (null: it failed), from the same input each time. */
function build(
  job: string,
  number: number,
  output: string | null,
  switchText = 'opam-version: "2.0"\n',
): ExecRecord {
  const rest = [
    file('opam-switch', switchText),
    file('build-environment', 'PATH=/usr/bin\n'),
    file('system-packages', 'gcc=12.2.0\n'),
  ]
  return sampleRecord({
    ...{ job, uuid: uuidOf(number), startedAt: new Date(Date.UTC(2026, 10, 1, number)) },
    result: { kind: 'exited', code: output === null ? 2n : 0n },
    artifacts: output === null ? rest : [...rest, file('bin/hello', output)],
  })
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-events-'))
  const databaseFile = join(dataDir, 'builder-hub.sqlite3')
  copyTemplate(databaseFile)
  const policy = {
    version: 1,
    attesters: [{ user: 'alice', group: 'alice' }],
    rules: [{ jobs: ['*'], groups: 2 }],
  }
  writeFileSync(join(dataDir, 'policy.json'), JSON.stringify(policy))
  const database = await openDatabase(databaseFile)
  const app = await testApp({
    database,
    handlersOf: analysisHandlers,
    keep: true,
    env: { BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_CONFIG_DIR: dataDir, BUILDER_HUB_SILENT_DAYS: '7' },
  })
  const { clock, db, writer } = app.deps
  const act = () => ({ actor: serverActor, at: clock.now() })
  const { id } = await addEndpoint(app.deps, act(), { url: 'https://receiver.example/hook' })
  const records = [
    build('hello', 1, 'one'),
    build('hello', 2, null),
    build('hello', 3, 'one'),
    build('other', 4, 'one'),
    build('hello', 5, 'two'),
    build('broken', 6, 'three', 'no switch ('),
    build('with-dns', 7, 'four', 'roots: ["dns.9.0.0"]\ninstalled: ["dns.9.0.0"]\n'),
  ]
  for (const record of records) expect((await app.upload(record)).status).toBe(201)
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const feed = readFeed(writeFeed(dataDir, [advisory('T-2026-01')]))
  await importAdvisories(app.deps, byServer(), 'feed', feed, clock.now())
  const judging = judgeHandler(app.deps)
  const { mainBinarySha256: key } = await db.build.findUniqueOrThrow({ where: { uuid: uuidOf(6) } })
  const task = { key } as never
  const judged = await judging.run(task, new AbortController().signal)
  await writer.transact([], async (tx) => judging.complete?.(tx, task, judged))
  const later = { ...clock, now: () => new Date(Date.UTC(2026, 10, 9)) }
  const watch = watchSiteHandler({ ...app.deps, clock: later })
  const found = await watch.run({} as never, new AbortController().signal)
  await writer.transact([], (tx) => announce(tx, found.events, later.now()))
  await writer.transact([], (tx) =>
    announce(tx, eventsOfRoom({ free: 4e9, size: 1e11 }, later.now()), later.now()),
  )
  await pingEndpoint(app.deps, act(), id)
  // A file is in the way of the folder.
  const folder = `${dataDir}-backup`
  writeFileSync(folder, '')
  expect(await hub(['backup', folder, '--data-dir', dataDir])).toMatchObject({ status: 1 })
  events = await db.event.findMany({ orderBy: { id: 'asc' } })
  await app.close()
  await database.closeDatabase()
  for (const path of [dataDir, folder]) rmSync(path, { recursive: true })
})

test('the site has had an event of each type', () => {
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(eventTypeNames))
  const analyses = events.filter(({ type }) => type === 'analysis.finished')
  const ended = analyses.map(({ job, data }) => [job, (JSON.parse(data) as { analysis: unknown }).analysis])
  // The other job has what the first has: its analyses were there already.
  expect(ended).toContainEqual(['hello', { kind: 'SOLO5', state: 'READY' }])
  expect(ended).toContainEqual(['broken', { kind: 'DEPENDENCIES', state: 'FAILED' }])
  expect(ended.filter(([job]) => job === 'other')).toEqual([])
})

/** What the data of a type must have. */
const requiredOf = (type: string) =>
  eventSchema.oneOf
    .find(({ title }) => title === type)
    ?.properties.data.allOf.flatMap((part) => (part as { required: string[] }).required) ?? []

test('the JSON Schema that is published describes every event, and nothing that lacks something', () => {
  const schema = z.fromJSONSchema(eventSchema as never)
  for (const event of events) {
    const body = JSON.parse(standardBody(event, site)) as { data: Record<string, unknown> }
    expect(schema.safeParse(body).error, event.type).toBeUndefined()
    for (const name of requiredOf(event.type)) {
      const { [name]: _, ...data } = body.data
      expect(schema.safeParse({ ...body, data }).success, `${event.type} without ${name}`).toBe(false)
    }
  }
})

/** The requests that tell an endpoint of the first event of each type. Ids and folders differ in each run. */
const requestsOf = (format: EndpointFormat) =>
  eventTypeNames.flatMap((type) => {
    const [event] = events
      .filter((one) => one.type === type)
      // Analyses end in any order.
      .toSorted((one, other) => (one.dedupeKey < other.dedupeKey ? -1 : 1))
    if (!event) return []
    const endpoint = { url: 'https://receiver.example/hook', format }
    const secrets = { secrets: [Buffer.alloc(32, 7)], signingSeed: null, accessToken: null }
    const data = event.data.replaceAll(dataDir, 'DATA_DIR')
    const how = { at: new Date('2026-11-09T00:00:00Z'), site, version: '1' }
    return webhookRequest(endpoint, secrets, { ...event, data, uuid: uuidOf(0) }, how)
  })

test.each(['SLACK', 'DISCORD', 'MATRIX', 'NTFY'] as const)('what %s is told of each event', (format) => {
  const told = requestsOf(format).map(({ method, url, headers, body }) => {
    const { 'content-type': type, title, click } = headers
    return { method, url, type, ...(format === 'NTFY' && { title, click }), body }
  })
  expect(told).toMatchSnapshot()
})

test('what GITHUB is told is the event of the specification, named and signed as by GitHub', () => {
  const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const standard = requestsOf('STANDARD')
  for (const [index, { headers, body }] of requestsOf('GITHUB').entries()) {
    const signature = createHmac('sha256', key).update(body).digest('hex')
    expect(body).toBe(standard[index]?.body)
    expect(headers).toMatchObject({
      ...{ 'x-github-event': eventTypeNames[index], 'x-github-delivery': uuidOf(0) },
      'x-hub-signature-256': `sha256=${signature}`,
    })
  }
})
