import { expect, test } from 'vitest'
import { toBlobId } from '../../server/blobs/blob-store.ts'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { analyseAll } from './analyses/analyse-all.ts'
import { uuidOf } from './graphql-site.ts'

/** A server with one build, which has lost one of its files. */
async function appWithout(
  column: 'scriptSha256' | 'consoleSha256' | 'consoleIndexSha256',
  record: Parameters<typeof sampleRecord>[0] = {},
) {
  const blobs = memoryBlobStore()
  let lost = ''
  const app = await testApp({
    blobs: {
      ...blobs,
      open: async (id, range) => (id === lost ? null : blobs.open(id, range)),
      sizeBytes: async (id) => (id === lost ? null : blobs.sizeBytes(id)),
    },
  })
  await app.upload(sampleRecord({ ...record, uuid: uuidOf(1) }))
  const build = await app.deps.db.build.findFirstOrThrow()
  lost = toBlobId(build[column])
  return app
}

const query = `{ build(uuid: "${uuidOf(1)}") { uuid script console(first: 2) { nodes { text } } } }`

test('a lost script leaves the other fields of its build', async () => {
  const app = await appWithout('scriptSha256')
  const { data, errors } = await app.graphql(query)
  expect(data.build).toMatchObject({
    uuid: uuidOf(1),
    script: null,
    console: { nodes: [{ text: 'hello' }, {}] },
  })
  expect(errors).toHaveLength(1)
})

test('a comparison tells of a lost script, compares the rest, and all of it when the script is back', async () => {
  const blobs = memoryBlobStore()
  let lost = ''
  const open: typeof blobs.open = async (id, range) => (id === lost ? null : blobs.open(id, range))
  const app = await testApp({ blobs: { ...blobs, open } })
  const switchOf = (version: string) =>
    file('opam-switch', `opam-version: "2.0"\ninstalled: ["a.${version}"]\n`)
  for (const n of [1, 2])
    await app.upload(
      sampleRecord({ uuid: uuidOf(n), script: Buffer.from(`${n}`), artifacts: [switchOf(`${n}`)] }),
    )
  const { scriptSha256 } = await app.deps.db.build.findUniqueOrThrow({ where: { uuid: uuidOf(2) } })
  const compare = async () =>
    (
      await app.graphql(`{ diff(left: "${uuidOf(1)}", right: "${uuidOf(2)}") {
        opam { versionChanged { name } } script { addedCount } missing { input side reason } } }`)
    ).data.diff
  lost = scriptSha256
  const opam = { versionChanged: [{ name: 'a' }] }
  expect(await compare()).toMatchObject({
    ...{ opam, script: null },
    missing: expect.arrayContaining([
      { input: 'SCRIPT', side: 'RIGHT', reason: 'its stored file is missing or damaged' },
    ]),
  })
  lost = ''
  // The answer was kept for a moment.
  await expect.poll(compare).toMatchObject({ opam, script: { addedCount: 1 } })
})

test('a lost console leaves the other fields of its build', async () => {
  const app = await appWithout('consoleSha256')
  const { data, errors } = await app.graphql(query)
  expect(data.build).toMatchObject({
    uuid: uuidOf(1),
    script: expect.stringContaining('echo'),
    console: null,
  })
  expect(errors).toHaveLength(1)
})

test('a failed build that has lost the index of its console has its reason, one without its console has none', async () => {
  const failed = {
    result: { kind: 'exited', code: 20n },
    artifacts: [],
    console: [{ deltaNs: 0n, text: Buffer.from('curl: (6) no') }],
  } as const
  const outcomeWithout = async (column: 'consoleSha256' | 'consoleIndexSha256') => {
    const app = await appWithout(column, failed)
    await analyseAll(app)
    const { data } = await app.graphql(
      '{ builds { nodes { failure { class } analyses(kinds: [FAILURE]) { state } } } }',
    )
    return data.builds.nodes as unknown
  }
  expect(await outcomeWithout('consoleIndexSha256')).toEqual([
    { failure: { class: 'DOWNLOAD_FAILED' }, analyses: [{ state: 'READY' }] },
  ])
  expect(await outcomeWithout('consoleSha256')).toEqual([{ failure: null, analyses: [{ state: 'FAILED' }] }])
})

test.each(['scriptSha256', 'consoleSha256', 'consoleIndexSha256'] as const)(
  'a build without its %s has no /exec, and the answer says why',
  async (column) => {
    const app = await appWithout(column)
    const response = await fetch(`${app.url}/job/hello/build/${uuidOf(1)}/exec`)
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('this file is damaged on the server: its file is missing')
  },
)
