import { request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

/** A path as it is: `fetch` would resolve `..` first. Header values as bytes in Latin-1, as on the wire. */
async function ask(url: string, path: string) {
  const { port } = new URL(url)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', path }).once('response', resolve).once('error', reject).end()
  })
  return { status: answer.statusCode, headers: answer.headers, body: String(await buffer(answer)) }
}

// No `/`, no control characters, not `.` or `..`; else anything goes.
const names = [
  'a b',
  '..a',
  '...',
  '%2e%2e',
  '%2F',
  '100%',
  'a?b#c&d=e',
  'a\\b',
  '"quoted"',
  "it's",
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '${x}{{y}}',
  '__proto__',
  'constructor',
  'latest',
  'null',
  ':job',
  '*',
  '日本語',
  'ü',
  '👩‍👩‍👧',
  '\u202etxt.exe',
  '\ufeffbom',
  ' leading and trailing ',
  '\u2028line',
  '\'; DROP TABLE "Build"; --',
  'x'.repeat(255),
  'é'.repeat(127),
]

// Relative, no `..`, no NUL; else anything goes.
const paths = [
  'a b/c d',
  '%2e%2e/%2fetc%2fpasswd',
  '..a/b..',
  'a?b#c',
  'a\\..\\b',
  'line\r\nSet-Cookie: x=1',
  'quote"; filename="evil.html',
  'tab\there',
  'escape\u001b[31m',
  '日本語/👩‍👩‍👧.txt',
  '\u202etxt.exe',
  '<img src=x onerror=alert(1)>.html',
  '__proto__',
  'constructor/prototype',
  "';--",
  `${'d/'.repeat(400)}deep`,
  'x'.repeat(255),
]

test('odd names come back from the API as they were sent, and URLs lead to them', async () => {
  const app = await testApp()
  for (const [number, name] of names.entries()) {
    const platform = names[(number + 1) % names.length] ?? ''
    const record = sampleRecord({ job: name, platform, uuid: uuidOf(number) })
    expect((await app.upload(record)).status, name).toBe(201)
  }
  for (const [number, name] of names.entries()) {
    const platform = names[(number + 1) % names.length]
    const { data, errors } = await app.graphql(
      `query ($name: String!, $platform: String!) {
        job(name: $name) { name resourcePath platforms { name } newestBuild(platform: $platform) {
          uuid resourcePath consoleResourcePath scriptResourcePath platform { name } mainBinary { resourcePath } } }
        builds(filter: { job: $name, platform: $platform }) { totalCount }
        platform(name: $platform) { name jobs { nodes { name } } } }`,
      { name, platform },
    )
    expect(errors).toBeUndefined()
    const build = data.job.newestBuild
    expect(data.job).toMatchObject({ name, platforms: [{ name: platform }] })
    expect(build).toMatchObject({ uuid: uuidOf(number), platform: { name: platform } })
    expect(data.builds.totalCount).toBe(1)
    expect(data.platform).toEqual({ name: platform, jobs: { nodes: [{ name }] } })
    for (const url of [
      data.job.resourcePath,
      build.resourcePath,
      build.consoleResourcePath,
      build.scriptResourcePath,
      build.mainBinary.resourcePath,
    ]) {
      expect(url).toMatch(/^\/job\/[\w.!~*'()%/-]+$/)
      expect(new URL(url as string, app.url).pathname).toBe(url)
    }
    for (const url of [build.consoleResourcePath, build.scriptResourcePath, build.mainBinary.resourcePath]) {
      expect((await ask(app.url, url as string)).status, url as string).toBe(200)
    }
    const latest = await ask(app.url, `${data.job.resourcePath}/build/latest/f/bin/hello.hvt`)
    expect(latest).toMatchObject({ status: 307, headers: { location: build.mainBinary.resourcePath } })
  }
})

test.each(['', '.', '..', 'a/b', 'a\0b', 'a\nb', '\u007f', '\u0085', 'x'.repeat(256), 'é'.repeat(128)])(
  'the name %j is refused, of a job and of a platform',
  async (name) => {
    const app = await testApp()
    for (const parts of [{ job: name }, { platform: name }]) {
      const answer = await app.upload(sampleRecord(parts))
      expect(answer.status).toBe(400)
      expect(await answer.text()).toMatch(/^malformed build record at byte \d+: [^\p{Cc}]+\n$/u)
    }
    expect(
      (await app.graphql('{ builds { totalCount } jobs { totalCount } platforms { totalCount } }')).data,
    ).toEqual({
      builds: { totalCount: 0 },
      jobs: { totalCount: 0 },
      platforms: { totalCount: 0 },
    })
  },
)

test('odd paths of artifacts come back as they were sent, and downloads do not break out of headers', async () => {
  const app = await testApp()
  const record = sampleRecord({ artifacts: paths.map((path, number) => file(path, `content ${number}`)) })
  const stored = await app.upload(record)
  expect(stored.status, await stored.text()).toBe(201)
  for (const [number, path] of paths.entries()) {
    const { data } = await app.graphql(
      `query ($uuid: UUID!, $path: String!) { build(uuid: $uuid) { artifact(path: $path) { path resourcePath } } }`,
      { uuid: record.uuid, path },
    )
    expect(data.build.artifact.path).toBe(path)
    const { status, headers, body } = await ask(app.url, data.build.artifact.resourcePath as string)
    expect(status, path).toBe(200)
    expect(body).toBe(`content ${number}`)
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toContain('sandbox')
    const disposition = String(headers['content-disposition'])
    expect(disposition).toMatch(/^(attachment|inline)\b[\x20-\x7e]*$/)
    // One name in quotes, in which neither quotes nor backslashes stand alone.
    expect(disposition.replace(/\bfilename="(\\.|[^"\\])*"/, '').includes('"')).toBe(false)
    if (/\.html$/.test(path)) expect(disposition).toMatch(/^attachment/)
  }
})

test.each(['../x', 'a/../../x', '/etc/passwd', 'a/..', '..', 'a\0b', '', '.', './.', '//'])(
  'the path %j is refused',
  async (path) => {
    const app = await testApp()
    const answer = await app.upload(sampleRecord({ artifacts: [file(path, 'x')] }))
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(/^malformed build record at byte \d+: [^\p{Cc}]+\n$/u)
  },
)

test('two paths that are one are refused', async () => {
  const app = await testApp()
  for (const twice of [
    ['a', 'a'],
    ['a/b', 'a//b'],
    ['a/b', './a/b'],
    ['a', 'a/b'],
  ]) {
    const answer = await app.upload(sampleRecord({ artifacts: twice.map((path) => file(path, path)) }))
    expect(answer.status, twice.join()).toBe(400)
  }
})

test.each([
  'f/../script',
  'f/..%2f..%2fscript',
  'f/%2e%2e/%2e%2e/console',
  'f/%2fetc%2fpasswd',
  'f//etc/passwd',
  'f/bin/%00',
  'f/bin',
  'f/',
  'f/bin/hello.hvt/x',
  'f/%ff',
])('%s is no download', async (rest) => {
  const app = await testApp()
  const record = sampleRecord()
  await app.upload(record)
  const { status, headers, body } = await ask(app.url, `/job/hello/build/${record.uuid}/${rest}`)
  expect([400, 404]).toContain(status)
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(body).not.toContain('unikernel')
  expect(body).not.toContain('#!/bin/sh')
})

test('an odd name in Location is encoded', async () => {
  const app = await testApp()
  const job = 'a?b=c\u2028<x>'
  const record = sampleRecord({ job })
  const answer = await app.upload(record)
  expect(answer.headers.get('location')).toBe(`/job/${encodeURIComponent(job)}/build/${record.uuid}`)
  expect(await answer.text()).toBe(`stored build ${record.uuid} of job ${job}\n`)
})

test('names in consoles, scripts and results are text, not markup', async () => {
  const app = await testApp()
  const markup = '</script><script>alert(1)</script>'
  const record = sampleRecord({
    script: Buffer.from(markup),
    console: [{ deltaNs: 0n, text: Buffer.from(markup) }],
    result: { kind: 'aborted', message: Buffer.from(markup) },
  })
  await app.upload(record)
  for (const name of ['script', 'console']) {
    const { headers, body } = await ask(app.url, `/job/hello/build/${record.uuid}/${name}`)
    expect(body).toContain(markup)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['x-content-type-options']).toBe('nosniff')
  }
  const answer = await fetch(
    `${app.url}/graphql?query={builds{nodes{result{...on%20AbortedResult{message}}}}}`,
  )
  expect(answer.headers.get('content-type')).toMatch(/^application\/(graphql-response\+)?json/)
})
