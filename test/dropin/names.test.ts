import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { beforeAll, expect, test } from 'vitest'
import { artifactPath, buildPath, consolePath, jobPath, scriptPath } from '../../server/paths.ts'
import { chunksOf, readWhole } from '../formats/whole-record.ts'
import { file, sampleRecord } from '../record.ts'
import { sha256 } from '../server/graphql-site.ts'
import { openDropinSite, type DropinSite } from './dropin-site.ts'

let site: DropinSite
beforeAll(async () => {
  // Nobody looks at what analyses find.
  site = await openDropinSite({ analyses: { kinds: {} } })
  return () => site.close()
})

const json = { headers: { Accept: 'application/json' } }
const askJson = async (path: string) => {
  const { status, body } = await site.ask(path, json)
  expect(status, path).toBe(200)
  return JSON.parse(body.toString()) as unknown
}

/** Characters that mean something in URLs, headers, paths or JSON, among letters. */
const character = fc.oneof(
  fc.constantFrom(...' %?#+&=;:@/\\.,$!\'"()*~`^|<>{}[]'.replace('/', '').split('')),
  fc.constantFrom(
    '%2F',
    '%2e',
    '%00',
    '%',
    '..',
    '.',
    'ü',
    '🐫',
    'é',
    '中',
    '\u{feff}',
    '\u{202e}',
    '\u{a0}',
    'a',
    'Z',
    '0',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
)
const isName = (name: string) =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  Buffer.byteLength(name) <= 255 &&
  !/[/\p{Cc}\p{Cs}]/u.test(name)
const name = fc
  .array(character, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''))
  .filter(isName)
const longName = fc.constantFrom('n'.repeat(255), 'ü'.repeat(127), '%'.repeat(255), '🐫'.repeat(63))
const path = fc
  .array(fc.oneof({ weight: 9, arbitrary: name }, longName), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((one) => !/\.build-hashes$|README\.md$/.test(one))

/** Every URL of a build leads to it, and names it as it was named. */
async function expectFound(job: string, platform: string, binary: string, other: string): Promise<void> {
  const content = `${job}\n${platform}\n${binary}\n${other}`
  const record = sampleRecord({
    job,
    platform,
    artifacts: [
      file(`bin/${binary}`, content),
      ...(other.startsWith('bin/') ? [] : [file(other, `other ${content}`)]),
    ],
  })
  expect((await site.upload(record)).status).toBe(201)
  const { uuid } = record
  const build = buildPath(job, uuid)

  for (const page of [jobPath(job), `${jobPath(job)}/failed`, build])
    expect((await site.ask(page)).status, page).toBe(200)
  const filename = binary.split('/').at(-1)
  const query = `?platform=${encodeURIComponent(platform)}`
  const listed = { builds: [{ uuid, main_binary: { filename, sha256: sha256(content) } }] }
  expect(await askJson(`${jobPath(job)}${query}`)).toMatchObject(listed)
  expect(await askJson(`${jobPath(job)}/failed${query}`)).toMatchObject(listed)
  expect(await askJson(build)).toMatchObject({ job, uuid, platform })
  expect(await askJson('/all-builds')).toMatchObject({
    jobs: expect.arrayContaining([expect.objectContaining({ name: job })]),
  })
  expect(await askJson(`/compare/${uuid}/${uuid}`)).toMatchObject({ left: { job, platform } })

  const redirects: [from: string, to: string][] = [
    [`${jobPath(job)}/build/latest${query}`, build],
    [`${build}/main-binary`, artifactPath(job, uuid, `bin/${binary}`)],
    [`/hash?sha256=${sha256(content)}`, build],
    [
      artifactPath(job, uuid, `bin/${binary}`).replace(uuid, 'latest') + query,
      artifactPath(job, uuid, `bin/${binary}`),
    ],
    [`${build}/`, build],
  ]
  for (const [from, to] of redirects) expect((await site.ask(from)).headers.location, from).toBe(to)

  for (const { path, data } of record.artifacts) {
    const answer = await site.ask(artifactPath(job, uuid, path))
    expect(answer.status, path).toBe(200)
    expect(answer.body.toString()).toBe(Buffer.concat([...(data() as Iterable<Uint8Array>)]).toString())
  }
  for (const text of [consolePath(job, uuid), scriptPath(job, uuid)])
    expect((await site.ask(text)).status).toBe(200)
  const given = await readWhole(chunksOf((await site.ask(`${build}/exec`)).body))
  expect([given.job, given.platform]).toEqual([job, platform])
  const paths = record.artifacts.map(({ path }) => path)
  expect(given.artifacts.map(({ path }) => path)).toEqual(paths)
  expect((await namesIn((await site.ask(`${build}/all.tar.gz`)).body)).toSorted()).toEqual(paths.toSorted())
}

async function namesIn(archive: Uint8Array): Promise<string[]> {
  const names: string[] = []
  const reader = extract()
  reader.on('entry', (header, stream, next) => {
    names.push(header.name)
    stream.on('end', () => next()).resume()
  })
  const done = new Promise<void>((resolve) => reader.on('finish', () => resolve()))
  for await (const chunk of Readable.from([gunzipSync(archive)])) reader.write(chunk as Uint8Array)
  reader.end(null)
  await done
  return names
}

test('names and paths of every kind come back through every URL', async () => {
  await fc.assert(fc.asyncProperty(name, name, path, path, expectFound), { numRuns: 40, seed: 5 })
})

test.each([
  ['a b', 'p q', 'c d', 'e f'],
  ['100%', '%41', '%2F', '%252e%252e'],
  ['?x=1#y', '&platform=z', 'a?b#c', 'd;e=f'],
  ['+', 'a+b', 'c+d', '+'],
  ['ünicöde 🐫', '中文', 'é', '\u{feff}x'],
  ['...', '..a', '...', '.../..a/.b'],
  ['latest', 'latest', 'latest', 'latest'],
  ['failed', 'build', 'main-binary', 'f/f/f'],
  ['a;b,c', 'x=y', 'a:b@c', '$&!'],
  ['__proto__', 'constructor', 'toString', '__proto__'],
  [
    'n'.repeat(255),
    'p'.repeat(255),
    'b'.repeat(255),
    Array.from({ length: 4 }, () => 'x'.repeat(250)).join('/'),
  ],
  ['%'.repeat(255), '🐫'.repeat(63), 'ü'.repeat(127), '%'.repeat(255)],
])('job %j on %j with %j and %j', expectFound)
