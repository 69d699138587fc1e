import { expect, test } from 'vitest'
import { toBlobId } from '../../server/blobs/blob-store.ts'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

/** A server with one build, which has lost one of its files. */
async function appWithout(column: 'scriptSha256' | 'consoleSha256' | 'consoleIndexSha256') {
  const blobs = memoryBlobStore()
  let lost = ''
  const app = await testApp({
    blobs: {
      ...blobs,
      open: async (id, range) => (id === lost ? null : blobs.open(id, range)),
      sizeBytes: async (id) => (id === lost ? null : blobs.sizeBytes(id)),
    },
  })
  await app.upload(sampleRecord({ uuid: uuidOf(1) }))
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

test.each(['scriptSha256', 'consoleSha256', 'consoleIndexSha256'] as const)(
  'a build without its %s has no /exec, and the answer says why',
  async (column) => {
    const app = await appWithout(column)
    const response = await fetch(`${app.url}/job/hello/build/${uuidOf(1)}/exec`)
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('a stored file is missing or damaged')
  },
)
