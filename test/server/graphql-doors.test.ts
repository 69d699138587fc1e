import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, test } from 'vitest'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { alice, basicAuth, bytesOf, testApp, type TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ keep: true })
  return app.close
})

/** A request as it is: `fetch` adds headers of its own, and decompresses. */
async function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
) {
  const client = httpRequest(`${app.url}${path}`, { method, headers })
  client.end(body)
  const [answer] = await once(client, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode as number, headers: answer.headers, bytes: Buffer.concat(chunks) }
}

const typename = '{"query":"{ __typename }"}'

test.each([
  ['Application/JSON', typename],
  ['application/json ; Charset="UTF-8"', typename],
  ['APPLICATION/JSON;charset=utf-8', typename],
  ['Application/GraphQL', '{ __typename }'],
])('Content-Type %s is read', async (type, body) => {
  const { status, bytes } = await ask('/graphql', { method: 'POST', headers: { 'Content-Type': type }, body })
  expect([status, JSON.parse(String(bytes))]).toMatchObject([200, { data: { __typename: 'Query' } }])
})

test.each([
  ['text/csv', 'text/csv'],
  ['', 'no Content-Type'],
])('Content-Type %j is refused with a line that says why', async (type, said) => {
  const headers = { ...(type ? { 'Content-Type': type } : {}), 'GraphQL-Require-Preflight': '1' }
  const { status, bytes } = await ask('/graphql', { method: 'POST', headers, body: typename })
  expect(status).toBe(415)
  expect(String(bytes)).toContain(said)
})

test('a body with a byte order mark is read', async () => {
  const { status } = await ask('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `\ufeff${typename}`,
  })
  expect(status).toBe(200)
})

test.each([
  ['/graphql', 'gzip'],
  ['/graphql', 'br'],
  ['/upload', 'gzip'],
])(
  'at %s a body with Content-Encoding %s is refused with a line that says what to do',
  async (path, encoding) => {
    const { status, headers, bytes } = await ask(path, {
      method: 'POST',
      headers: {
        ...{ Authorization: basicAuth(alice), 'Content-Type': 'application/json' },
        'Content-Encoding': encoding,
      },
      body: gzipSync(typename),
    })
    expect([status, headers['accept-encoding']]).toEqual([415, 'identity'])
    expect(String(bytes)).toContain(`Content-Encoding ${encoding} is not read here: send the body as it is`)
  },
)

test.each(['identity', 'Identity', ''])('Content-Encoding %j is none', async (encoding) => {
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': encoding }
  expect((await ask('/graphql', { method: 'POST', headers, body: typename })).status).toBe(200)
})

test('an answer in no form that the client accepts is 406, with a line that says what there is', async () => {
  const { status, bytes } = await ask('/graphql?query={__typename}', {
    headers: { Accept: 'application/xml' },
  })
  expect([status, String(bytes)]).toEqual([406, expect.stringContaining('accept application/json')])
})

test.each(['text/html', 'Text/HTML, */*'])('a browser that accepts %s gets GraphiQL', async (type) => {
  const { status, headers } = await ask('/graphql', { headers: { Accept: type } })
  expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/html')])
})

const operations = JSON.stringify({
  query:
    'mutation ($f: File!) { uploadBuild(input: { record: $f }) { __typename ... on Refusal { message } } }',
  variables: { f: null },
})

type Part = { name: string; content: string | Uint8Array<ArrayBuffer>; fileName?: string }

async function sendParts(
  parts: readonly Part[],
  headers: Record<string, string> = { Authorization: basicAuth(alice) },
) {
  const form = new FormData()
  for (const { name, content, fileName } of parts) {
    if (fileName === undefined && typeof content === 'string') form.append(name, content)
    else form.append(name, new Blob([content]), fileName ?? 'full')
  }
  const packed = new Request(app.url, { method: 'POST', body: form })
  const type = (packed.headers.get('content-type') ?? '').replace(
    'multipart/form-data',
    'Multipart/Form-Data',
  )
  const body = Buffer.from(await packed.arrayBuffer())
  const {
    status,
    bytes,
    headers: sent,
  } = await ask('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': type, Accept: 'application/json', ...headers },
    body,
  })
  return {
    status,
    sent,
    answer: JSON.parse(String(bytes)) as { data?: unknown; errors?: { message: string }[] },
  }
}

const record = () => bytesOf(encodeExecRecord(sampleRecord()))
const map = '{"0":["variables.f"]}'
const token = { name: 'token', content: 'abc' }

test.each<[string, (file: Uint8Array<ArrayBuffer>) => Part[]]>([
  [
    'an additional field',
    (file) => [
      token,
      { name: 'operations', content: operations },
      { name: 'map', content: map },
      { name: '0', content: file },
    ],
  ],
  [
    'byte order marks',
    (file) => [
      { name: 'operations', content: `\ufeff${operations}` },
      { name: 'map', content: `\ufeff${map}` },
      { name: '0', content: file },
    ],
  ],
  [
    'fields everywhere',
    (file) => [
      { name: 'operations', content: operations },
      token,
      { name: 'map', content: map },
      token,
      { name: '0', content: file },
      token,
    ],
  ],
  [
    'the map first',
    (file) => [
      { name: 'map', content: map },
      { name: 'operations', content: operations },
      { name: '0', content: file },
    ],
  ],
  [
    'parts of JSON with file names',
    (file) => [
      { name: 'operations', content: operations, fileName: 'blob' },
      { name: 'map', content: map, fileName: 'blob' },
      { name: '0', content: file },
    ],
  ],
])('a record is taken with %s', async (_name, partsOf) => {
  const { status, answer } = await sendParts(partsOf(await record()))
  expect({ status, answer }).toMatchObject({
    status: 200,
    answer: { data: { uploadBuild: { __typename: 'UploadBuildSuccess' } } },
  })
})

test('too many additional fields are refused, by that reason', async () => {
  const { status, answer } = await sendParts([
    ...Array.from({ length: 21 }, () => token),
    { name: 'operations', content: operations },
  ])
  expect(status).toBe(400)
  expect(answer.errors?.[0]?.message).toContain('more than 20 fields')
})

test('a forgotten user is told so, with 401', async () => {
  const parts = [
    { name: 'operations', content: operations },
    { name: 'map', content: map },
    { name: '0', content: await record() },
  ]
  const { status, answer, sent } = await sendParts(parts, {})
  expect([status, sent['www-authenticate']]).toEqual([401, 'Basic realm="builder-hub"'])
  expect(answer.errors?.[0]?.message).toContain('-u USER:PASSWORD')
  const fromPage = await sendParts(parts, { Origin: 'https://example.org' })
  expect(fromPage.status).toBe(403)
  expect(fromPage.answer.errors?.[0]?.message).toContain('graphql-require-preflight')
})

const schemaQuery = `/graphql?query=${encodeURIComponent('{ __schema { types { name description } } }')}`

test('HEAD answers as GET does, without the body', async () => {
  const get = await ask(schemaQuery)
  const head = await ask(schemaQuery, { method: 'HEAD' })
  expect([head.status, head.bytes.length]).toEqual([200, 0])
  expect(head.headers['etag']).toBe(get.headers['etag'])
  expect(head.headers['content-type']).toBe(get.headers['content-type'])
})

test('answers are compressed as the client asks, under one ETag', async () => {
  const plain = await ask(schemaQuery)
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.headers['cache-control']).toBe('no-cache')
  const decompress = { br: brotliDecompressSync, gzip: gunzipSync }
  for (const encoding of ['br', 'gzip'] as const) {
    const packed = await ask(schemaQuery, { headers: { 'Accept-Encoding': encoding } })
    expect(packed.headers).toMatchObject({
      'content-encoding': encoding,
      'content-length': String(packed.bytes.length),
      etag: `W/${plain.headers['etag']}`,
      vary: 'Accept, Accept-Encoding, Origin, Authorization, Cookie',
    })
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2)
    expect(decompress[encoding](packed.bytes)).toEqual(plain.bytes)
    const again = await ask(schemaQuery, {
      headers: { 'Accept-Encoding': encoding, 'If-None-Match': String(packed.headers['etag']) },
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
  }
})

test('an ETag lasts as long as the answer is the same', async () => {
  const path = `/graphql?query=${encodeURIComponent('{ job(name: "hello") { name } }')}`
  await app.upload(sampleRecord())
  const { etag } = (await ask(path)).headers
  await app.upload(sampleRecord({ job: 'other' }))
  expect((await ask(path, { headers: { 'If-None-Match': String(etag) } })).status).toBe(304)
})

test('scripts of other sites see the ETag, and ask for permission once a day', async () => {
  const preflight = await ask('/graphql', {
    method: 'OPTIONS',
    headers: { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' },
  })
  expect(preflight.headers['access-control-max-age']).toBe('86400')
  const answer = await ask(schemaQuery, { headers: { Origin: 'https://example.org' } })
  expect(answer.headers['access-control-expose-headers']).toContain('ETag')
})

test('consoles and JSON of builder-web are compressed; a range is of the text itself', async () => {
  const long = sampleRecord({ console: [{ deltaNs: 0n, text: Buffer.from('line\n'.repeat(2_000)) }] })
  await app.upload(long)
  const path = `/job/hello/build/${long.uuid}/console`
  const plain = await ask(path)
  const packed = await ask(path, { headers: { 'Accept-Encoding': 'gzip' } })
  expect(packed.headers).toMatchObject({
    'content-encoding': 'gzip',
    etag: `W/${plain.headers['etag']}`,
    vary: 'Accept-Encoding',
  })
  expect(gunzipSync(packed.bytes)).toEqual(plain.bytes)
  const range = await ask(path, { headers: { 'Accept-Encoding': 'gzip', Range: 'bytes=0-9' } })
  expect([range.status, range.headers['content-encoding'], range.bytes]).toEqual([
    206,
    undefined,
    plain.bytes.subarray(0, 10),
  ])

  const json = { Accept: 'application/json' }
  const jobs = await ask('/all-builds', { headers: json })
  expect(JSON.parse(String(jobs.bytes))).toHaveProperty('jobs')
  expect(
    (await ask('/all-builds', { headers: { ...json, 'If-None-Match': String(jobs.headers['etag']) } }))
      .status,
  ).toBe(304)
})

test('JSON of builder-web is made once, until a build arrives', async () => {
  const json = { headers: { Accept: 'application/json' } }
  const record = sampleRecord()
  await app.upload(record)
  for (const path of [
    '/job/hello',
    `/job/hello/build/${record.uuid}`,
    '/all-builds',
    `/job/hello/build/${record.uuid}/main-binary`,
  ]) {
    const first = await ask(path, json)
    app.takeQueries()
    expect((await ask(path, json)).bytes).toEqual(first.bytes)
    expect(app.takeQueries(), path).toEqual([])
  }
  const before = await ask('/job/hello', json)
  await app.upload(
    sampleRecord({
      artifacts: sampleRecord().artifacts.map((file) =>
        file.path.startsWith('bin/') ? { ...file, sizeBytes: 3, data: () => [Buffer.from('new')] } : file,
      ),
    }),
  )
  expect((await ask('/job/hello', json)).bytes).not.toEqual(before.bytes)
})

test('/ready says what does not work', async () => {
  expect((await ask('/ready')).status).toBe(200)
  const { config } = app.deps
  const { stagingDir } = config
  config.stagingDir = '/nowhere'
  try {
    const answer = await ask('/ready')
    expect([answer.status, String(answer.bytes)]).toEqual([
      503,
      'not ready: the staging folder cannot be written\n',
    ])
  } finally {
    config.stagingDir = stagingDir
  }
})

test('events pass a proxy at once, and are not compressed', async () => {
  const query = encodeURIComponent('subscription { buildStored { build { uuid } } }')
  const answer = await fetch(`${app.url}/graphql?query=${query}`, {
    headers: { Accept: 'text/event-stream', 'Accept-Encoding': 'gzip' },
  })
  expect(answer.headers.get('x-accel-buffering')).toBe('no')
  expect(answer.headers.get('cache-control')).toContain('no-transform')
  expect(answer.headers.get('content-encoding')).toBeNull()
  await answer.body?.cancel()
})

test('a chunked body of JSON is read', async () => {
  const client = httpRequest(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  })
  client.write(typename.slice(0, 5))
  client.end(typename.slice(5))
  const [answer] = await once(client, 'response')
  expect(await text(answer)).toContain('Query')
})
