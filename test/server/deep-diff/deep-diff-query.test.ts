import { expect, test, beforeAll } from 'vitest'
import { createWorkerPool } from '../../../server/workers/worker-pool.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const [first, second, bare] = [1, 2, 3].map(uuidOf) as [string, string, string]
const built = (uuid: string, day: number) =>
  sampleRecord({
    uuid,
    startedAt: new Date(Date.UTC(2026, 10, day, 10)),
    finishedAt: new Date(Date.UTC(2026, 10, day, 11)),
    artifacts: [
      file('bin/hello.hvt', `a unikernel of 2026-11-0${day} 10:01:00`),
      file('notes.txt', `same\nline ${day}\n`),
      file('same.txt', 'same'),
    ],
  })

let app: TestApp
/** How many files were compared. */
let comparisons = 0

beforeAll(async () => {
  const workers = createWorkerPool()
  const counted: typeof workers = {
    ...workers,
    run(name, ...call) {
      if (name === 'diffFilesDeep') comparisons += 1
      return workers.run(name, ...call)
    },
  }
  app = await testApp({ keep: true, workers: counted })
  const failed = sampleRecord({ uuid: bare, result: { kind: 'exited', code: 1n }, artifacts: [] })
  for (const record of [built(first, 1), built(second, 2), failed])
    expect((await app.upload(record)).status).toBe(201)
  return async () => {
    await app.close()
    await workers.close()
  }
})

const query = `query ($left: UUID!, $right: UUID!, $path: String) { diff(left: $left, right: $right) { deep(path: $path) {
  path reason summary
  causes { kind likelihood description advice evidenceCount evidence { difference where left right } }
  differences { parent name kind presence leftSizeBytes rightSizeBytes remark placeCount
    values { name left right } text { unified }
    places { leftOffsetBytes leftLengthBytes leftWindowBytes left leftText
      rightOffsetBytes rightLengthBytes rightWindowBytes right rightText } }
} } }`

const ask = async (left: string, right: string, path?: string) => {
  const { data, errors } = await app.graphql(query, { left, right, path })
  expect(errors).toBeUndefined()
  return data.diff.deep
}

test('the main binaries are compared in depth, once, with two statements', async () => {
  app.takeQueries()
  const deep = await ask(first, second)
  // The builds, and their artifacts.
  expect(app.takeQueries().filter((statement) => statement.startsWith('SELECT')).length).toBeLessThanOrEqual(
    2,
  )
  await ask(first, second)
  expect(deep).toMatchObject({
    path: 'bin/hello.hvt',
    reason: null,
    summary: 'The time of the build is in the file.',
    causes: [
      {
        kind: 'TIMESTAMP',
        likelihood: 'LIKELY',
        evidenceCount: 1,
        evidence: [
          {
            difference: 0,
            where: 'bin/hello.hvt',
            left: '2026-11-01 10:01:00',
            right: '2026-11-02 10:01:00',
          },
        ],
      },
    ],
    differences: [{ parent: null, name: 'bin/hello.hvt', kind: 'TEXT', presence: 'BOTH', leftSizeBytes: 34 }],
  })
  expect(comparisons).toBe(1)
})

test.each([
  [
    'another artifact',
    first,
    second,
    'notes.txt',
    { reason: null, summary: /^The cause is unknown. The first/ },
  ],
  ['an equal one', first, second, 'same.txt', { reason: null, summary: /^The files are equal\.$/ }],
  [
    'an absent one',
    first,
    second,
    'none',
    { reason: 'the left and the right build has no artifact none', summary: null },
  ],
  [
    'a build without a main binary',
    bare,
    second,
    undefined,
    { reason: 'the left build has no main binary', summary: null },
  ],
])('%s', async (_name, left, right, path, { reason, summary }) => {
  const deep = await ask(left, right, path)
  expect(deep.reason).toBe(reason)
  if (summary) expect(deep.summary).toMatch(summary)
  else expect(deep).toMatchObject({ summary: null, causes: [], differences: [] })
})
