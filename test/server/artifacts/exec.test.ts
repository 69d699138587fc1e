import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { findStoredRecord } from '../../../server/builds/stored-record.ts'
import { encodeExecRecord, type ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { listReferences } from '../../../server/storage/list-references.ts'
import { bytesOf } from '../../app.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { openDropinSite, type DropinSite } from '../../dropin/dropin-site.ts'
import { comparable, expected, readVerdicts, refused } from '../../formats/verdicts.ts'
import { chunksOf, encodable, readWhole } from '../../formats/whole-record.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

/** A site on files, as operators have it, and how to close it. */
async function openOnFiles(): Promise<{ site: DropinSite; close: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'exec-'))
  const blobs = diskBlobStore({ dir: join(dir, 'blobs'), stagingDir: join(dir, 'staging') })
  const site = await openDropinSite({ blobs, isDerived: false })
  const close = async () => {
    await site.close()
    rmSync(dir, { recursive: true })
  }
  return { site, close }
}

/** A site of one test's own. */
async function openSite(): Promise<DropinSite> {
  const { site, close } = await openOnFiles()
  onTestFinished(close)
  return site
}

/** The site of all tests that only upload a record and read it back. */
let site: DropinSite
let closeSite: () => Promise<void>
beforeAll(async () => {
  const opened = await openOnFiles()
  site = opened.site
  closeSite = opened.close
})
afterAll(() => closeSite())

const execPath = ({ job, uuid }: Pick<ExecRecord, 'job' | 'uuid'>) =>
  `/job/${encodeURIComponent(job)}/build/${uuid}/exec`

/** What a site gives back of a record that it was sent. */
async function giveBack(site: DropinSite, record: Pick<ExecRecord, 'job' | 'uuid'>): Promise<Buffer> {
  const { status, headers, body } = await site.ask(execPath(record))
  expect(status).toBe(200)
  expect(headers['content-length']).toBe(String(body.length))
  return body
}

const dropped = (path: string) => path.endsWith('.build-hashes')
const isReadme = (path: string) => /(^|\/)README\.md$/.test(path)

/** The record as it is kept: the readme last, without what is dropped. */
function kept<File extends { path: string }, Record extends { artifacts: readonly File[] }>(
  record: Record,
): Record {
  const files = record.artifacts.filter(({ path }) => !dropped(path) && !isReadme(path))
  const readmes = record.artifacts.filter(({ path }) => isReadme(path))
  const readme = readmes.find(({ path }) => path === 'README.md') ?? readmes[0]
  return { ...record, artifacts: [...files, ...(readme ? [readme] : [])] }
}

async function expectGivenBack(site: DropinSite, record: ExecRecord): Promise<Buffer> {
  expect((await site.upload(record)).status).toBe(201)
  const given = await giveBack(site, record)
  expect(given.equals(await bytesOf(encodeExecRecord(kept(record))))).toBe(true)
  return given
}

test.each<[string, Partial<ExecRecord>]>([
  ['as builder sends it', {}],
  ['without console, artifacts and script', { console: [], artifacts: [], script: Buffer.of() }],
  ['whose readme lies in a folder', { artifacts: [file('a', 'a'), file('docs/README.md', '# Hi')] }],
  ['with several readmes', { artifacts: [file('x/README.md', '1'), file('README.md', '2'), file('z', '3')] }],
  ['whose readme is empty', { artifacts: [file('README.md', '')] }],
  ['with build hashes', { artifacts: [file('a.build-hashes', 'x'), file('a', 'a')] }],
  ['whose files have equal content', { artifacts: [file('b', 'same'), file('a', 'same')] }],
  ['that was killed', { result: { kind: 'signalled', signal: -7n } }],
  ['that was stopped', { result: { kind: 'stopped', signal: 19n } }],
  ['that was given up', { result: { kind: 'aborted', message: Buffer.from('ff00fe', 'hex') } }],
  ['that was given up without a word', { result: { kind: 'aborted', message: Buffer.of() } }],
  ['with a large exit code', { result: { kind: 'exited', code: 2n ** 62n - 1n } }],
  ['with a negative exit code', { result: { kind: 'exited', code: -(2n ** 62n) } }],
  ['with an odd name', { job: 'jöb name?#%2F', platform: 'p+q;r' }],
  ['that ended before it started', { finishedAt: new Date('2026-10-31T00:00:00.007Z') }],
  [
    'with times to the nanosecond, before the start, out of order',
    {
      console: [
        { deltaNs: -(2n ** 62n), text: Buffer.from('long ago') },
        { deltaNs: -1n, text: Buffer.from('before') },
        { deltaNs: 1_234_567_891n, text: Buffer.from('later') },
        { deltaNs: 1n, text: Buffer.from('earlier') },
        { deltaNs: 2n ** 62n - 1n, text: Buffer.from('for ever') },
      ],
    },
  ],
  [
    'with line breaks and other bytes in its console',
    {
      console: [
        '',
        '\n',
        '\n\n',
        'a\nb\n',
        '\nx',
        Buffer.of(0xff, 0xfe, 0x0a, 0x00),
        '1.000s:not a time',
      ].map((text, n) => ({ deltaNs: BigInt(n), text: Buffer.from(text) })),
    },
  ],
  [
    'with a console that is read in parts',
    {
      console: Array.from({ length: 20_000 }, (_, n) => ({
        deltaNs: BigInt(n) * 1_000_003n,
        text: Buffer.from(n % 1000 === 0 ? `${'long '.repeat(60_000)}${n}` : `line\n${n}`),
      })),
    },
  ],
  [
    'with entries of nothing but line breaks',
    {
      console: Array.from({ length: 3 }, (_, n) => ({
        deltaNs: BigInt(n),
        text: Buffer.alloc(100_000, '\n'),
      })),
    },
  ],
])('a record %s comes back', async (_case, parts) => {
  await expectGivenBack(site, sampleRecord(parts))
})

test('consoles come back whatever is in them', async () => {
  const entry = fc.record({
    deltaNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n - 1n }),
    text: fc
      .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0x0a) }, fc.nat(255)), { maxLength: 12 })
      .map((octets) => Buffer.from(octets)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 20 }), async (console) => {
      await expectGivenBack(site, sampleRecord({ console }))
    }),
    { numRuns: 100, seed: 17 },
  )
})

test('a record that one hub serves is accepted by another, which serves the same bytes', async () => {
  const [first, second] = [await openSite(), await openSite()]
  const record = sampleRecord({
    artifacts: [file('b/README.md', '# Hi'), file('bin/b', 'b'), file('a', 'a')],
  })
  const given = await expectGivenBack(first, record)
  expect((await second.upload(given)).status).toBe(201)
  expect((await giveBack(second, record)).equals(given)).toBe(true)
  const ask = (path: string) => second.ask(`/job/hello/build/${record.uuid}${path}`)
  expect((await ask('/f/bin/b')).body.toString()).toBe('b')
  const { data } = await second.app.graphql(
    `query ($uuid: UUID!) { build(uuid: $uuid) { job { readme { markdown } } } }`,
    { uuid: record.uuid },
  )
  expect(data.build.job.readme.markdown).toBe('# Hi')
})

test('a build of a release that did not note where the readme lay has it at the top', async () => {
  const site = await openSite()
  const record = sampleRecord({ artifacts: [file('docs/README.md', '# Hi')] })
  await site.upload(record)
  await site.app.deps.writer.transact([], (tx) => tx.build.updateMany({ data: { readmePath: null } }))
  const { artifacts } = await readWhole(chunksOf(await giveBack(site, record)))
  expect(artifacts.map(({ path, data }) => [path, data.toString()])).toEqual([['README.md', '# Hi']])
})

test('HEAD and a tag that is known save the making; the name is that of job and build', async () => {
  const record = sampleRecord({ job: 'jöb' })
  await site.upload(record)
  const get = await site.ask(execPath(record))
  expect(get.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="j_b-${record.uuid}.full"; filename*=UTF-8''j%C3%B6b-${record.uuid}.full`,
    etag: `"${record.uuid}.${get.body.length}.full"`,
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
  })
  const head = await site.ask(execPath(record), { method: 'HEAD' })
  expect({ ...head.headers, date: '', 'x-request-id': '' }).toEqual({
    ...get.headers,
    date: '',
    'x-request-id': '',
  })
  expect([head.status, head.body.length]).toEqual([200, 0])
  const known = await site.ask(execPath(record), { headers: { 'If-None-Match': get.headers.etag } })
  expect([known.status, known.body.length]).toEqual([304, 0])
})

test('a download that broke off goes on where it was', async () => {
  const record = sampleRecord({ artifacts: [file('bin/a', 'a'.repeat(200_000)), file('b', 'b')] })
  await site.upload(record)
  const whole = await giveBack(site, record)
  const { length } = whole
  const ask = (range: string, headers = {}) =>
    site.ask(execPath(record), { headers: { Range: `bytes=${range}`, ...headers } })
  const etag = `"${record.uuid}.${length}.full"`
  for (const [start, end] of [
    [0, 1],
    [0, length],
    [7, 9],
    [100_000, length],
    [length - 1, length],
  ] as const) {
    const { status, headers, body } = await ask(`${start}-${end - 1}`, { 'If-Range': etag })
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end - 1}/${length}`])
    expect(headers['content-length']).toBe(String(end - start))
    expect(body.equals(whole.subarray(start, end))).toBe(true)
  }
  expect((await ask('-5')).body.equals(whole.subarray(-5))).toBe(true)
  expect((await ask('5-', { 'If-Range': '"another"' })).body.equals(whole)).toBe(true)
  expect((await ask(`${length}-`)).status).toBe(416)
})

test('a record of another job, or none, is not there', async () => {
  const record = sampleRecord()
  await site.upload(record)
  for (const path of [execPath({ ...record, job: 'other' }), execPath({ ...record, uuid: 'x' })])
    expect((await site.ask(path)).status).toBe(404)
  expect((await site.ask(execPath({ ...record, uuid: record.uuid.toUpperCase() }))).status).toBe(200)
})

test('the content of a stored record is every blob that its build has, the readme too', async () => {
  const site = await openSite()
  const record = sampleRecord({ artifacts: [file('bin/a', 'main'), file('README.md', '# readme')] })
  await site.upload(record)
  const { deps } = site.app
  const found = await findStoredRecord(deps, record.job, record.uuid, new AbortController().signal)
  const blobs = new Set<string>()
  for await (const { model, id } of listReferences(deps.db))
    if (model === 'Artifact' || model === 'Build') blobs.add(id)
  expect(new Set(found?.content.map(({ sha256 }) => sha256))).toEqual(blobs)
  expect(blobs.size).toBe(5)
})

test('content that is missing breaks the answer off', async () => {
  const site = await openSite()
  const record = sampleRecord()
  await site.upload(record)
  const { blobs } = site.app.deps
  const { open } = blobs
  let opened = 0
  blobs.open = async (id, range) => (++opened > 3 ? null : open(id, range))
  await expect(site.ask(execPath(record))).rejects.toThrow()
  blobs.open = open
  await giveBack(site, record)
})

describe.skipIf(!hasCorpus)('with the corpus', () => {
  const filesOf = (folder: string, name: RegExp) =>
    readdirSync(corpusPath(folder))
      .filter((one) => name.test(one))
      .map((one) => `${folder}/${one}`)
  const records = hasCorpus
    ? [
        ...filesOf('exec', /\.exec$/),
        ...filesOf('http/upload', /\.body\.der$/),
        ...filesOf('web/full', /^\d.*\.full$/),
        ...filesOf('asn1', /^exec-.*\.der$/),
      ]
    : []

  test('a record of builder is served byte for byte if all its parts are kept', async () => {
    const site = await openSite()
    let identical = 0
    for (const name of records) {
      const sent = readFileSync(corpusPath(name))
      const { status } = await site.upload(sent)
      // Some are refused, and some share their UUID with another.
      if (status !== 201) continue
      const record = await readWhole(chunksOf(sent))
      const given = await giveBack(site, record)
      expect(given.equals(await bytesOf(encodeExecRecord(kept(encodable(record))))), name).toBe(true)
      // Nothing dropped, the readme last, times and paths as builder writes them: those bytes again.
      if (given.equals(sent)) identical++
    }
    expect(identical).toBeGreaterThan(40)
  })

  // Several have the same UUID: each gets one of its own, and is told as if it had kept its own.
  const accepted = hasCorpus
    ? readVerdicts().filter(({ file, verdict }) => verdict === 'ok' && !(file in refused))
    : []
  test("of each record what builder's decoder tells comes back", async () => {
    const site = await openSite()
    expect(accepted.length).toBe(70)
    for (const [n, verdict] of accepted.entries()) {
      const sent = readFileSync(corpusPath('asn1', verdict.file))
      const bytesOfUuid = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
      const { job, uuid: own } = await readWhole(chunksOf(sent))
      const uuid = uuidOf(n)
      bytesOfUuid(uuid).copy(sent, sent.indexOf(bytesOfUuid(own)))
      expect((await site.upload(sent)).status, verdict.file).toBe(201)
      const given = comparable(await readWhole(chunksOf(await giveBack(site, { job, uuid }))))
      expect({ ...given, uuid: own }, verdict.file).toEqual(kept(expected(verdict)))
    }
  })
})

test('the length of a console is known since the upload, and added up once for builds of older releases', async () => {
  const site = await openSite()
  const { db } = site.app.deps
  const entries = [0n, 1_500_000_000n, 61_000_000_000n].map((deltaNs, n) => ({
    deltaNs,
    text: Buffer.from(`line ${n}\n${'x'.repeat(n * 200)}`),
  }))
  const record = sampleRecord({ uuid: uuidOf(1), console: entries })
  const given = await expectGivenBack(site, record)
  const lengthOf = async () =>
    (await db.build.findUniqueOrThrow({ where: { uuid: uuidOf(1) } })).consoleDerBytes
  const length = await lengthOf()
  expect(length).toBeGreaterThan(400n)
  await site.app.deps.writer.transact([], (tx) => tx.build.updateMany({ data: { consoleDerBytes: null } }))
  expect((await giveBack(site, record)).equals(given)).toBe(true)
  expect(await lengthOf()).toBe(length)
})
