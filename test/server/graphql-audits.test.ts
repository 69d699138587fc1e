import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApp, type TestApp } from '../app.ts'

let app: TestApp
const audits = serverAudits({ url: () => `${app.url}/graphql` })

beforeAll(async () => {
  app = await testApp({ keep: true })
})
afterAll(() => app.close())

test('all 61 audits of GraphQL over HTTP are here', () => {
  expect(audits).toHaveLength(61)
})

test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
  'audit %s: %s',
  async (_id, _name, audit) => {
    const result = await audit.fn()
    expect(result).toMatchObject({ status: 'ok' })
  },
)
