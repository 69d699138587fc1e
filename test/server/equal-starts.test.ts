import { expect, test } from 'vitest'
import { testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

test('of builds that started at the same time, the one that was stored last is the newest everywhere', async () => {
  const app = await testApp()
  await app.deps.runner.start()
  for (const n of [1, 2, 3]) {
    const artifacts = [
      file('bin/hello', 'the same output'),
      file('README.md', `Readme ${n}`),
      file(
        'opam-switch',
        `roots: "mirage-unikernel-a.1" package "mirage-unikernel-a" { synopsis: "Of ${n}" }`,
      ),
    ]
    expect((await app.upload(sampleRecord({ uuid: uuidOf(n), artifacts }))).status).toBe(201)
    await app.deps.runner.settled()
  }
  await app.deps.runner.close()
  const { data } = await app.graphql(`{ job(name: "hello") {
    synopsis readme { markdown } newestBuild { uuid }
    standings { newestBuild { uuid } newestSuccess { uuid } }
    outputs(first: 1) { nodes { firstBuild { uuid } newestBuild { uuid } } }
    builds(first: 3) { nodes { uuid } } } }`)
  expect(data.job).toEqual({
    synopsis: 'Of 3',
    readme: { markdown: 'Readme 3' },
    newestBuild: { uuid: uuidOf(3) },
    standings: [{ newestBuild: { uuid: uuidOf(3) }, newestSuccess: { uuid: uuidOf(3) } }],
    outputs: { nodes: [{ firstBuild: { uuid: uuidOf(1) }, newestBuild: { uuid: uuidOf(3) } }] },
    builds: { nodes: [3, 2, 1].map((n) => ({ uuid: uuidOf(n) })) },
  })
})
