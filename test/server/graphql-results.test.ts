import { expect, test } from 'vitest'
import type { ExecResult } from '../../server/formats/exec-record.ts'
import { testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { receiveAll, uuidOf } from './graphql-site.ts'

const two53 = 2n ** 53n

const results: [name: string, result: ExecResult, expected: Record<string, unknown>][] = [
  // Always a string: a number in JSON does not hold all of them.
  ...(
    [0n, 1n, 127n, 255n, -1n, two53 - 1n, 1n - two53, two53, -two53, 2n ** 62n - 1n, -(2n ** 62n)] as const
  ).map((code): [string, ExecResult, Record<string, unknown>] => [
    `exited ${code}`,
    { kind: 'exited', code },
    { __typename: 'ExitedResult', code: String(code) },
  ]),
  ...(
    [
      [-7n, 'SIGKILL'],
      [-11n, 'SIGTERM'],
      [-10n, 'SIGSEGV'],
      [-1n, 'SIGABRT'],
      [-28n, 'SIGXFSZ'],
      [9n, 'SIGKILL'],
      [15n, 'SIGTERM'],
      [6n, 'SIGABRT'],
      [0n, null],
      [-29n, null],
      [1000n, null],
    ] as const
  ).flatMap(([signal, name]): [string, ExecResult, Record<string, unknown>][] => [
    [
      `signalled ${signal}`,
      { kind: 'signalled', signal },
      { __typename: 'SignalledResult', signal: String(signal), name },
    ],
    [
      `stopped ${signal}`,
      { kind: 'stopped', signal },
      { __typename: 'StoppedResult', signal: String(signal), name },
    ],
  ]),
  [
    'signalled 2^62 - 1',
    { kind: 'signalled', signal: 2n ** 62n - 1n },
    { __typename: 'SignalledResult', signal: String(2n ** 62n - 1n), name: null },
  ],
  ...(
    [
      ['a reason', 'timeout after 7200s', 'timeout after 7200s'],
      ['no reason', '', ''],
      ['bytes that are not UTF-8', Buffer.of(0x61, 0xff, 0xfe, 0x62), 'a\u{fffd}\u{fffd}b'],
      ['NUL and escapes', '\0\u001b[31m', '\0\u001b[31m'],
    ] as const
  ).map(([name, bytes, message]): [string, ExecResult, Record<string, unknown>] => [
    `aborted, ${name}`,
    { kind: 'aborted', message: Buffer.from(bytes) },
    { __typename: 'AbortedResult', message },
  ]),
]

test('every kind of result is returned as it was reported', async () => {
  const app = await testApp()
  await receiveAll(
    app,
    results.map(([, result], number) => sampleRecord({ uuid: uuidOf(number), result })),
  )
  for (const [number, [name, , expected]] of results.entries()) {
    const { data } = await app.graphql(
      `query ($uuid: UUID!) { build(uuid: $uuid) { status result { __typename
        ... on ExitedResult { code } ... on SignalledResult { signal name }
        ... on StoppedResult { signal name } ... on AbortedResult { message } } } }`,
      { uuid: uuidOf(number) },
    )
    expect(data.build, name).toEqual({
      status: name === 'exited 0' ? 'SUCCEEDED' : 'FAILED',
      result: expected,
    })
  }
})

test('a build whose clock was set back ended before it started', async () => {
  const app = await testApp()
  const startedAt = new Date('2026-11-01T10:00:00Z')
  const finishedAt = new Date('2026-11-01T09:59:59.500Z')
  await receiveAll(app, [sampleRecord({ startedAt, finishedAt })])
  const { data } = await app.graphql(`{ builds { nodes { durationMs startedAt finishedAt } } }`)
  expect(data.builds.nodes).toEqual([
    { durationMs: -500, startedAt: '2026-11-01T10:00:00.000Z', finishedAt: '2026-11-01T09:59:59.500Z' },
  ])
})

test('the numbers of the site, empty and not', async () => {
  const app = await testApp()
  const query = `{ site { jobCount platformCount buildCount failingJobCount newestUploadAt expiredJobsDays } }`
  expect((await app.graphql(query)).data.site).toEqual({
    jobCount: 0,
    platformCount: 0,
    buildCount: 0,
    failingJobCount: 0,
    newestUploadAt: null,
    expiredJobsDays: 30,
  })
  const failed = { kind: 'exited', code: 1n } as const
  const before = Date.now()
  for (const record of [
    sampleRecord({ job: 'a', platform: 'x', result: failed }),
    sampleRecord({ job: 'a', platform: 'y', result: failed }),
    // A failure that a success has followed does not count.
    sampleRecord({ job: 'b', platform: 'x', result: failed }),
    sampleRecord({ job: 'b', platform: 'x' }),
  ]) {
    expect((await app.upload(record)).status).toBe(201)
  }
  const { newestUploadAt, ...counts } = (await app.graphql(query)).data.site
  expect(counts).toEqual({
    jobCount: 2,
    platformCount: 2,
    buildCount: 4,
    failingJobCount: 1,
    expiredJobsDays: 30,
  })
  expect(new Date(newestUploadAt as string).getTime()).toBeGreaterThanOrEqual(before)
})
