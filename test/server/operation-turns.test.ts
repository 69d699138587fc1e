import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { BlobStore } from '../../server/blobs/blob-store.ts'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { limits } from '../../server/graphql/limits.ts'
import { projectDir, testApp, type TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

const uuid = uuidOf(1)

let app: TestApp
let held: ReturnType<typeof holdReads>

/** A store whose reads wait while `hold` is in force, so that operations that read stay under way. */
function holdReads(store: BlobStore) {
  let release = () => {}
  let released = Promise.resolve()
  let waiting = 0
  const blobs: BlobStore = {
    ...store,
    async sizeBytes(id) {
      waiting += 1
      await released
      waiting -= 1
      return store.sizeBytes(id)
    },
  }
  return {
    blobs,
    waiting: () => waiting,
    hold() {
      released = new Promise((resolve) => (release = resolve))
    },
    release: () => release(),
  }
}

beforeAll(async () => {
  held = holdReads(memoryBlobStore())
  app = await testApp({ keep: true, blobs: held.blobs, env: { BUILDER_HUB_TRUSTED_PROXIES: '1' } })
  await app.upload(sampleRecord({ uuid }))
})
afterAll(() => app.close())

async function ask(body: object, address = '192.0.2.1') {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as {
    errors?: { extensions: Record<string, unknown> }[]
    extensions?: { cost?: number }
  }
  return { status: response.status, ...answer }
}

/** It reads a script, and no other operation has its names. */
const expensive = (n: number) => ({
  query: `{ build(uuid: "${uuid}") { ${[1, 2, 3, 4, 5, 6].map((part) => `a${n}_${part}: script`).join(' ')} } }`,
})

/** Holds reads until they are released, or the test ends. */
function hold(): void {
  held.hold()
  onTestFinished(() => held.release())
}

test('expensive operations of all addresses have few places, and cheap ones do not wait for them', async () => {
  hold()
  const asked = [1, 2, 3, 4].map((n) => ask(expensive(n), `192.0.2.${n}`))
  await expect.poll(held.waiting).toBe(limits.expensiveOperations)
  const cheap = await ask({ query: '{ jobs { nodes { name } } }' })
  expect(cheap).toMatchObject({ status: 200 })
  expect(held.waiting()).toBe(limits.expensiveOperations)

  held.release()
  for (const { status, errors, extensions } of await Promise.all(asked)) {
    expect({ status, errors }).toEqual({ status: 200 })
    expect(extensions?.cost).toBeGreaterThan(limits.cheapCost)
  }
})

test('an operation of the application does not wait, whatever it costs', async () => {
  hold()
  const asked = [5, 6, 7].map((n) => ask(expensive(n)))
  await expect.poll(held.waiting).toBe(limits.expensiveOperations)
  const file = join(projectDir, 'web/gql/persisted-documents.json')
  const operations = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  const [hash] = Object.entries(operations).find(([, query]) => query.includes('query HomePage')) ?? []
  const home = await ask({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } })
  expect(home).toMatchObject({ status: 200 })
  expect(home.extensions?.cost).toBeGreaterThan(limits.cheapCost)
  held.release()
  for (const { status } of await Promise.all(asked)) expect(status).toBe(200)
})

test('of one address, few operations wait: one more is refused with 429, and other addresses are not', async () => {
  hold()
  const most = limits.expensiveOperations + limits.waitingPerAddress
  const refused: Awaited<ReturnType<typeof ask>>[] = []
  const asked = Array.from({ length: most + 1 }, async (_, n) => {
    const answer = await ask(expensive(100 + n))
    if (answer.status !== 200) refused.push(answer)
    return answer
  })
  await expect.poll(() => refused.length).toBe(1)
  expect(refused[0]).toMatchObject({
    status: 429,
    errors: [{ extensions: { code: 'RATE_LIMIT', max: limits.waitingPerAddress } }],
  })
  const other = ask(expensive(1_000), '192.0.2.99')
  held.release()
  expect((await other).status).toBe(200)
  await Promise.all(asked)
  expect(refused).toHaveLength(1)
})
