import { expect, test } from 'vitest'
import { diffFiles } from '../../../server/diffs/diff-files.ts'

const file = (path: string, sha256: string, sizeBytes = 1) => ({ path, sha256, sizeBytes })

test('files are compared by path and hash', () => {
  const left = [file('a', '1'), file('b', '2'), file('c', '3')]
  const right = [file('b', '2'), file('c', '4', 9), file('d', '1')]
  expect(diffFiles(left, right)).toEqual({
    onlyLeft: [file('a', '1')],
    onlyRight: [file('d', '1')],
    changed: [{ path: 'c', left: file('c', '3'), right: file('c', '4', 9) }],
    equalCount: 1,
  })
})
