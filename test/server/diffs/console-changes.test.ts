import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

let app: TestApp

const consoleOf = (...lines: readonly string[]) =>
  lines.map((text, line) => ({ deltaNs: BigInt(line) * 1_000_000n, text: Buffer.from(`${text}\n`) }))
const at = (commit: string) => `orb: [INFO] using opam repository default at ${commit}`

beforeAll(async () => {
  app = await testApp({ keep: true })
  const consoles = [
    consoleOf(at('aaaa'), '  ∗ install dns 9.0.0', '  ∗ install lwt 5.9.1', '  ∗ install tls 2.0'),
    consoleOf(at('bbbb'), '  ∗ install dns 9.1.0', '  ∗ install lwt 5.9.1', '  ∗ install ca-certs 1.0'),
    consoleOf(at('bbbb'), 'No solution found, exiting'),
    consoleOf('nothing'),
  ]
  await receiveAll(
    app,
    consoles.map((console, n) => sampleRecord({ uuid: uuidOf(n + 1), console })),
  )
})
afterAll(() => app.close())

async function changes(left: number, right: number) {
  app.takeQueries()
  const { data, errors } = await app.graphql(
    `{ consoleChanges(left: "${uuidOf(left)}", right: "${uuidOf(right)}") {
      packages { name left right } repositories { name left right } } }`,
  )
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(1)
  return data.consoleChanges
}

test('consoles tell which packages and repositories changed', async () => {
  expect(await changes(1, 2)).toEqual({
    packages: [
      { name: 'ca-certs', left: null, right: '1.0' },
      { name: 'dns', left: '9.0.0', right: '9.1.0' },
      { name: 'tls', left: '2.0', right: null },
    ],
    repositories: [{ name: 'default', left: 'aaaa', right: 'bbbb' }],
  })
  expect(await changes(2, 2)).toEqual({ packages: [], repositories: [] })
})

test('what a console does not name is null, and so are builds that do not exist', async () => {
  expect(await changes(2, 3)).toEqual({ packages: null, repositories: [] })
  expect(await changes(3, 4)).toEqual({ packages: null, repositories: null })
  expect(await changes(1, 99)).toBeNull()
})
