import { expect, test } from 'vitest'
import { uploadPause } from '../../../server/runner/upload-pause.ts'

/** How long analyses wait at `at`, after uploads were stored at `uploads`. */
function remainingMs(uploads: readonly number[], at: number): number {
  const pause = uploadPause()
  for (const upload of uploads) pause.note(upload)
  return pause.remainingMs(at)
}

const burst = (end: number) => Array.from({ length: end / 100 }, (_, n) => n * 100)

test.each([
  ['without an upload', [], 0, 0],
  ['right after one', [1000], 1000, 300],
  ['a while after one', [1000], 1299, 1],
  ['long after one', [1000], 1300, 0],
  ['from the last of a burst on', [1000, 1100, 1200], 1200, 300],
  ['in a burst of seconds', burst(4_900), 4_800, 200],
  ['in a burst that lasts longer than they wait', burst(6_000), 5_900, 0],
  ['in the next burst', [...burst(6_000), 7_000], 7_000, 300],
])('%s', (_when, uploads, at, expected) => {
  expect(remainingMs(uploads, at)).toBe(expected)
})

test('a caller that waits for all analyses ends the pause', () => {
  const pause = uploadPause()
  pause.note(1000)
  pause.end()
  expect(pause.remainingMs(1000)).toBe(0)
})
