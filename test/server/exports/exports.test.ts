import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, siteOf, uuidOf } from '../graphql-site.ts'

let app: TestApp

beforeAll(async () => {
  app = await siteOf(2, 12)
  await receiveAll(app, [
    sampleRecord({
      ...{ uuid: uuidOf(100), job: '=cmd|"a",1', platform: '@sum, "quoted" 1' },
      ...{
        startedAt: new Date('2025-12-31T23:59:59Z'),
        result: { kind: 'aborted', message: Buffer.from('x') },
      },
      artifacts: [file('bin/x', 'x'), file('-rf', 'y')],
    }),
  ])
})
afterAll(() => app.close())

type Record = { [column: string]: string }

const read = (csv: string): Record[] => parse<Record>(csv, { columns: true, record_delimiter: '\r\n' })

async function get(path: string) {
  const answer = await fetch(app.url + path)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

async function rows(path: string): Promise<Record[]> {
  const { status, text } = await get(path)
  expect(status, text).toBe(200)
  return read(text)
}

test('all builds are a line each, with the verdict, newest first', async () => {
  const { status, headers, text } = await get('/export/builds.csv')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect(headers.get('content-disposition')).toBe('attachment; filename="builds.csv"')
  const found = read(text)
  expect(found).toHaveLength(25)
  expect(found[0]).toEqual({
    ...{ uuid: uuidOf(23), job: 'job-01', platform: 'freebsd-14', status: 'FAILED', verdict: 'NO_OUTPUT' },
    ...{ startedAt: '2026-10-01T00:05:00.000Z', finishedAt: '2026-10-01T00:06:01.500Z' },
    ...{ receivedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string, resultKind: 'EXITED', resultCode: '1' },
    ...{ grade: 'no output', inputId: '', mainBinaryPath: '', mainBinarySha256: '' },
    ...{ mainBinarySizeBytes: '', builder: 'alice' },
  })
  expect(found.find(({ uuid }) => uuid === uuidOf(22))).toMatchObject({
    ...{ verdict: 'REPRODUCED', grade: 'repeated here ×2', mainBinarySha256: sha256('binary 10') },
    ...{ mainBinaryPath: 'bin/hello', mainBinarySizeBytes: '9' },
  })
  expect(found.map(({ startedAt }) => startedAt)).toEqual(
    found
      .map(({ startedAt }) => startedAt)
      .toSorted()
      .reverse(),
  )
})

test('JSON Lines have the same rows, with their types', async () => {
  const { headers, text } = await get('/export/builds.jsonl')
  expect(headers.get('content-type')).toBe('application/jsonl')
  const objects = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { [column: string]: string | number | null })
  const asCsv = objects.map((one) =>
    Object.fromEntries(Object.entries(one).map(([name, value]) => [name, String(value ?? '')])),
  )
  const inCsv = (await rows('/export/builds.csv')).map((row) => ({
    ...row,
    job: row.job?.replace(/^'/, ''),
    platform: row.platform?.replace(/^'/, ''),
  }))
  expect(asCsv).toEqual(inCsv)
  expect(objects[0]).toMatchObject({ resultCode: 1, mainBinarySizeBytes: null })
})

test('what a spreadsheet would take for a formula is text', async () => {
  const [build] = await rows('/export/builds.csv?until=2025-12-31')
  expect(build).toMatchObject({
    ...{ job: `'=cmd|"a",1`, platform: `'@sum, "quoted" 1` },
    mainBinaryPath: 'bin/x',
  })
})

test.each([
  ['?since=2026-01-01&until=2026-12-31', 24],
  ['?job=job-00', 12],
  ['?job=job-00&platform=debian-12&status=succeeded', 4],
  ['?status=failed&platform=', 9],
  ['?verdict=reproduced', 16],
  ['?job=nowhere', 0],
])('the filter %s of builds gives %i', async (query, count) => {
  expect(await rows(`/export/builds.csv${query}`)).toHaveLength(count)
})

test('other lists', async () => {
  expect((await rows('/export/jobs.csv')).slice(1)).toMatchObject([
    { job: 'job-00', section: '', platformCount: '3', buildCount: '12', failedCount: '4' },
    { job: 'job-01', buildCount: '12' },
  ])
  expect(await rows('/export/jobs.csv?platform=debian-12')).toMatchObject([
    { job: 'job-00', platformCount: '1', buildCount: '4', failedCount: '0' },
    { job: 'job-01' },
  ])
  expect((await rows('/export/platforms.csv')).slice(1)).toEqual([
    { platform: 'debian-12', jobCount: '2', buildCount: '8', failedCount: '0' },
    { platform: 'debian-13', jobCount: '2', buildCount: '8', failedCount: '0' },
    { platform: 'freebsd-14', jobCount: '2', buildCount: '8', failedCount: '8' },
  ])
  expect(await rows('/export/outputs.csv?job=job-01')).toHaveLength(8)
  expect(await rows('/export/outputs.csv?job=job-01&platform=debian-12')).toHaveLength(4)
  expect(await rows('/export/outputs.csv?platform=nowhere')).toEqual([])
  expect(await rows(`/export/files.csv?build=${uuidOf(100)}`)).toEqual([
    { path: "'-rf", sha256: sha256('y'), sizeBytes: '1' },
    { path: 'bin/x', sha256: sha256('x'), sizeBytes: '1' },
  ])
  for (const name of ['packages', 'advisories', 'runs']) {
    expect(await rows(`/export/${name}.csv`)).toEqual([])
    expect((await get(`/export/${name}.jsonl`)).text).toBe('')
  }
})

test.each([
  ['/export/builds.xml', 404, 'there is no such list: builds, jobs'],
  ['/export/users.csv', 404, 'there is no such list: builds, jobs'],
  ['/export/constructor.csv', 404, 'there is no such list: builds, jobs'],
  ['/export/builds.csv?state=failed', 400, 'builds takes the parameters job, platform, status'],
  ['/export/builds.csv?since=yesterday', 400, 'since must be a day such as 2026-11-23'],
  ['/export/platforms.csv?job=a', 400, 'platforms takes no parameters, not "job"'],
  ['/export/files.csv', 400, 'files needs the parameter build'],
])('%s is refused', async (path, status, message) => {
  const answer = await get(path)
  expect(answer.status).toBe(status)
  expect(answer.text).toContain(message)
})

test('a hidden job is in no list of jobs', async () => {
  await app.deps.writer.transact(['facts'], (tx) =>
    tx.job.update({ where: { name: 'job-00' }, data: { isHidden: true } }),
  )
  expect((await rows('/export/jobs.csv')).map(({ job }) => job)).toEqual([`'=cmd|"a",1`, 'job-01'])
})
