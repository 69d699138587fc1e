import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'

/** A log whose entries can be read back. */
function recordedLog() {
  const entries: Record<string, unknown>[] = []
  const sink = new Writable({
    write(line: Buffer, _encoding, done) {
      entries.push(JSON.parse(String(line)) as Record<string, unknown>)
      done()
    },
  })
  return { log: pino({ level: 'error' }, sink), entries }
}

const secret = 'EIO: /var/lib/builder-hub/blobs/ab'

/** A site whose disk cannot be read any more. */
async function brokenSite() {
  const { log, entries } = recordedLog()
  const blobs = memoryBlobStore()
  const app = await testApp({ log, blobs })
  const record = sampleRecord()
  await app.upload(record)
  blobs.open = async () => {
    throw new Error(secret)
  }
  return { app, entries, record }
}

test('an internal error is masked, logged once, and both have the request id', async () => {
  const { app, entries, record } = await brokenSite()
  const answer = await app.graphql(`query ($uuid: UUID!) { build(uuid: $uuid) { uuid script } }`, {
    uuid: record.uuid,
  })
  expect(answer.errors).toEqual([
    {
      message: 'Unexpected error.',
      path: ['build', 'script'],
      locations: [expect.anything()],
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    },
  ])
  expect(JSON.stringify(answer)).not.toContain(secret)
  expect(entries).toHaveLength(1)
  expect(entries[0]).toMatchObject({
    msg: 'operation failed',
    requestId: answer.errors?.[0]?.extensions?.['requestId'],
    err: { message: secret, stack: expect.stringContaining('graphql-errors.test.ts') },
  })
})

test('the id in an error is that of the answer, also where an operation has several', async () => {
  const { app, entries, record } = await brokenSite()
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      query: 'query ($uuid: UUID!) { build(uuid: $uuid) { script } again: build(uuid: $uuid) { script } }',
      variables: { uuid: record.uuid },
    }),
  })
  const { errors } = (await answer.json()) as { errors: { extensions: { requestId: string } }[] }
  const id = answer.headers.get('x-request-id')
  expect(errors.map(({ extensions }) => extensions.requestId)).toEqual([id, id])
  expect(entries.map(({ requestId }) => requestId)).toEqual([id, id])
})

test('an answer with an error is not kept', async () => {
  const { app, entries } = await brokenSite()
  const query = '{ job(name: "hello") { readme { html } } }'
  await app.graphql(query)
  await app.graphql(query)
  expect(entries).toHaveLength(2)
  const { requestId: first } = entries[0] ?? {}
  expect(entries[1]?.['requestId']).not.toBe(first)
})

test("what the client did wrong is not the operator's to read", async () => {
  const { app, entries } = await brokenSite()
  for (const query of [
    '{',
    '{ nothing }',
    '{ builds(first: -1) { totalCount } }',
    '{ node(id: "x") { id } }',
    '{ build(uuid: "x") { id } }',
  ]) {
    const answer = await app.graphql(query)
    expect(answer.errors?.[0]?.extensions?.['requestId']).toBeUndefined()
  }
  expect(entries).toEqual([])
})

test('a download that fails says the request id, and not why', async () => {
  const { app, entries, record } = await brokenSite()
  const answer = await fetch(`${app.url}/job/hello/build/${record.uuid}/script`)
  expect(answer.status).toBe(500)
  const line = await answer.text()
  expect(line).not.toContain(secret)
  expect(entries).toHaveLength(1)
  expect(line).toContain(String(entries[0]?.['requestId']))
  expect(answer.headers.get('x-request-id')).toBe(entries[0]?.['requestId'])
})
