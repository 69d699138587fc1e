import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecResult } from '../../server/formats/exec-record.ts'
import {
  encodeExecRecord,
  type ExecRecord,
  execRecordSizeBytes,
} from '../../server/formats/exec-record-encoder.ts'
import { findPathConflict } from '../../server/formats/exec-names.ts'
import { sampleRecord } from './sample-record.ts'
import { chunksOf, encodable, join, readWhole, seeded } from './whole-record.ts'

const sample: ExecRecord = {
  job: 'hello',
  platform: 'debian-12',
  uuid: '5ec0ffee-0000-4000-8000-00000000000a',
  startedAt: new Date('2026-03-14T15:09:26Z'),
  finishedAt: new Date('2026-03-14T15:19:27Z'),
  result: { kind: 'exited', code: 0n },
  script: Buffer.from('#!/bin/sh\n'),
  console: [{ deltaNs: 5n, text: Buffer.from('x') }],
  artifacts: [{ path: 'a.b', sizeBytes: 2, data: () => [Buffer.from('hi')] }],
}

test('a record is encoded as builder does', async () => {
  expect(await join(encodeExecRecord(sample))).toEqual(sampleRecord())
  expect(execRecordSizeBytes(sample)).toBe(sampleRecord().length)
})

test('the console is written newest first', async () => {
  const console = ['first', 'second'].map((line, i) => ({ deltaNs: BigInt(i), text: Buffer.from(line) }))
  const encoded = await join(encodeExecRecord({ ...sample, console }))
  expect(encoded.indexOf('second')).toBeLessThan(encoded.indexOf('first'))
  expect((await readWhole(chunksOf(encoded))).console).toEqual(console)
})

test('large content passes through as it is given, small pieces are gathered', async () => {
  const large = new Uint8Array(2 ** 20)
  const artifacts = [{ path: 'large', sizeBytes: 2 * large.length, data: () => [large, large] }]
  const chunks: Uint8Array[] = []
  for await (const chunk of encodeExecRecord({ ...sample, artifacts })) chunks.push(chunk)
  expect(chunks).toHaveLength(3)
  expect(chunks[1]).toBe(large)
  expect(chunks[2]).toBe(large)
})

test.each([
  ['too short', [Buffer.from('h')]],
  ['too long', [Buffer.from('hi'), Buffer.from('!')]],
])('data that is %s for its size is an error', async (_name, data) => {
  const artifacts = [{ path: 'a', sizeBytes: 2, data: () => data }]
  await expect(join(encodeExecRecord({ ...sample, artifacts }))).rejects.toThrow(
    'data of a is not 2 bytes long',
  )
})

const integer = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n - 1n })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((value) => !/[\p{Cc}\p{Cs}/]|^\.{1,2}$/u.test(value))
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
const instant = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
const result: fc.Arbitrary<ExecResult> = fc.oneof(
  integer.map((code) => ({ kind: 'exited' as const, code })),
  integer.map((signal) => ({ kind: 'signalled' as const, signal })),
  integer.map((signal) => ({ kind: 'stopped' as const, signal })),
  bytes(300).map((message) => ({ kind: 'aborted' as const, message: Uint8Array.from(message) })),
)
const record = fc.record({
  job: name,
  platform: name,
  uuid: fc.uuid(),
  startedAt: instant,
  finishedAt: instant,
  result,
  script: bytes(400),
  console: fc.array(fc.record({ deltaNs: integer, text: bytes(200) }), { maxLength: 20 }),
  artifacts: fc
    .uniqueArray(fc.record({ path, data: bytes(70_000) }), { maxLength: 5, selector: (file) => file.path })
    .filter((files) => !findPathConflict(files.map((file) => file.path))),
})

test('what is encoded is read as it was, in chunks of any size', async () => {
  const property = fc.asyncProperty(record, fc.integer(), async (given, seed) => {
    const artifacts = given.artifacts.map((file) => ({ ...file, sizeBytes: file.data.length }))
    const whole = { ...given, scriptSizeBytes: given.script.length, artifacts }
    const encoded = await join(encodeExecRecord(encodable(whole)))
    expect(encoded.length).toBe(execRecordSizeBytes(encodable(whole)))
    const random = seeded(seed)
    expect(await readWhole(chunksOf(encoded, () => 1 + random(200)))).toEqual(whole)
  })
  await fc.assert(property, { seed: 20261123, numRuns: 300 })
})
