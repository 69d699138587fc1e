import { expect, test } from 'vitest'
import { kinds } from '../../../server/analyses/kinds.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { analyseAll } from './analyse-all.ts'
import { failureSamples } from './failure-samples.ts'

const failed = { kind: 'exited', code: 20n } as const

function recordOf(number: number, text: string, result: ExecRecord['result'] = failed): ExecRecord {
  return sampleRecord({
    uuid: uuidOf(number),
    result,
    artifacts: [],
    console: text
      .split('\n')
      .map((line, i) => ({ deltaNs: BigInt(i) * 1_000_000_000n, text: Buffer.from(line) })),
  })
}

async function analysedApp(records: readonly ExecRecord[]): Promise<TestApp> {
  const app = await testApp()
  await receiveAll(app, records)
  await analyseAll(app)
  return app
}

const query = `query ($uuid: UUID!) { build(uuid: $uuid) { failure {
  class rule reason excerpt { firstLine lines matchedLine } }
  console(first: 100) { nodes { number text } } } }`

test('a failed build has its reason, with the lines of the console that show it', async () => {
  const { text } = failureSamples['dune finds no library']!
  const app = await analysedApp([recordOf(1, `+ dune build\n${text}`)])
  const { data, errors } = await app.graphql(query, { uuid: uuidOf(1) })
  expect(errors).toBeUndefined()
  expect(data.build.failure).toEqual({
    class: 'COMPILE_ERROR',
    rule: 'ocaml-error',
    reason: 'the compiler, or dune, refused a file',
    excerpt: { firstLine: 2, lines: text.trimEnd().split('\n'), matchedLine: 5 },
  })
  // The numbers are the console's own.
  expect(data.build.console.nodes[4]).toEqual({ number: 5, text: 'Error: Library "seq" not found.' })
})

test('for a console without a known reason, the last lines are shown', async () => {
  const app = await analysedApp([
    recordOf(1, 'lights\nout'),
    recordOf(2, '', { kind: 'signalled', signal: -7n }),
  ])
  const failureOf = async (number: number) =>
    (await app.graphql(query, { uuid: uuidOf(number) })).data.build.failure as unknown
  expect(await failureOf(1)).toEqual({
    class: 'UNKNOWN',
    rule: null,
    reason: null,
    excerpt: { firstLine: 1, lines: ['lights', 'out'], matchedLine: null },
  })
  expect(await failureOf(2)).toEqual({
    class: 'KILLED',
    rule: 'result-signal',
    reason: 'SIGKILL ended it',
    excerpt: null,
  })
})

test('before the console is analysed, only the result of the build gives a reason', async () => {
  const app = await testApp()
  await receiveAll(app, [
    recordOf(1, 'curl: (6) no'),
    recordOf(2, 'curl: (6) no', { kind: 'aborted', message: Buffer.from('timeout') }),
  ])
  const { data } = await app.graphql(
    `{ builds(first: 9) { nodes { uuid failure { class excerpt { firstLine } } } } }`,
  )
  expect(data.builds.nodes).toEqual([
    { uuid: uuidOf(2), failure: { class: 'TIMEOUT', excerpt: null } },
    { uuid: uuidOf(1), failure: null },
  ])
})

test('if the console could not be analysed, the reason comes from the result, and the analysis has the error', async () => {
  const app = await testApp()
  await receiveAll(app, [
    recordOf(1, 'curl: (6) no'),
    recordOf(2, 'curl: (7) no', { kind: 'signalled', signal: -7n }),
  ])
  const failed = { state: 'FAILED', error: 'it takes too long', version: kinds.FAILURE!.version }
  await app.deps.writer.transact([], (tx) => tx.queuedTask.updateMany({ data: failed }))
  const { data } = await app.graphql(`{ builds(first: 9) { nodes {
    failure { class excerpt { firstLine } } analyses(kinds: [FAILURE]) { state error } } } }`)
  const analyses = [{ state: 'FAILED', error: 'it takes too long' }]
  expect(data.builds.nodes).toEqual([
    { failure: { class: 'KILLED', excerpt: null }, analyses },
    { failure: null, analyses },
  ])
})

test('a success has no failure, but without a main binary a reason', async () => {
  const app = await testApp()
  await receiveAll(app, [
    sampleRecord({ uuid: uuidOf(1) }),
    sampleRecord({ uuid: uuidOf(2), artifacts: [file('README.md', '# a')] }),
  ])
  const { data } = await app.graphql(
    `{ builds(first: 9) { nodes { uuid failure { class rule excerpt { firstLine } } } } }`,
  )
  expect(data.builds.nodes).toEqual([
    { uuid: uuidOf(2), failure: { class: 'NO_BINARY', rule: 'result-no-binary', excerpt: null } },
    { uuid: uuidOf(1), failure: null },
  ])
})

test('a page of builds costs one statement more, and none when none failed', async () => {
  const statements = async (app: TestApp, fields: string) => {
    app.takeQueries()
    expect((await app.graphql(`{ builds(first: 50) { nodes { uuid ${fields} } } }`)).errors).toBeUndefined()
    return app.takeQueries().length
  }
  const costOf = async (records: ExecRecord[]) => {
    const app = await analysedApp(records)
    return (await statements(app, 'failure { class rule reason }')) - (await statements(app, 'status'))
  }
  expect(await costOf([recordOf(1, 'a')])).toBe(1)
  expect(await costOf(Array.from({ length: 40 }, (_, n) => recordOf(n, `curl: (${n}) no`)))).toBe(1)
  expect(await costOf([sampleRecord({ uuid: uuidOf(1) })])).toBe(0)
})
