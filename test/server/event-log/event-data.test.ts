import { expect, test } from 'vitest'
import { parseEventData } from '../../../server/event-log/event-data.ts'

test.each(['{}', '{"build":{}}', '{"build":{"job":"hello"},"cause":{"uuid":"x"},"later":1}'])(
  'the hub reads what it knows of %s',
  (json) =>
    expect(parseEventData(json)).toMatchObject(json.includes('hello') ? { build: { job: 'hello' } } : {}),
)

test('the end of a build is a time', () => {
  const { build } = parseEventData(
    '{"build":{"finishedAt":"2026-11-23T10:00:00.000Z","result":{"status":"FAILED"}}}',
  )
  expect(build).toEqual({ finishedAt: new Date('2026-11-23T10:00:00Z'), result: { status: 'FAILED' } })
})

test.each([
  '',
  '[]',
  'null',
  '{"build":[]}',
  '{"build":{"job":1}}',
  '{"build":{"finishedAt":"soon"}}',
  '{"isCopy":"yes"}',
])('no version writes %j', (json) => expect(() => parseEventData(json)).toThrow())
