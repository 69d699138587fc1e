import fc from 'fast-check'
import { applyPatch } from 'diff'
import { expect, test } from 'vitest'
import { diffTexts, unifiedDiff } from '../../../server/diffs/text-diff.ts'

const wide = () => ({ characters: 1_000_000, milliseconds: 10_000 })

test('equal texts have no hunks', () => {
  expect(diffTexts('a\n', 'a\n', wide())).toEqual({
    removedCount: 0,
    addedCount: 0,
    isCut: false,
    lineEnds: null,
    hunks: [],
  })
})

test('a hunk has three lines around the change, and counts from 1', () => {
  const left = Array.from({ length: 12 }, (_, n) => `line ${n + 1}\n`).join('')
  const right = left.replace('line 6\n', 'line six\nline six and a half\n')
  expect(diffTexts(left, right, wide())).toEqual({
    removedCount: 1,
    addedCount: 2,
    isCut: false,
    lineEnds: null,
    hunks: [
      {
        leftStart: 3,
        leftCount: 7,
        rightStart: 3,
        rightCount: 8,
        lines: [
          ' line 3',
          ' line 4',
          ' line 5',
          '-line 6',
          '+line six',
          '+line six and a half',
          ' line 7',
          ' line 8',
          ' line 9',
        ],
      },
    ],
  })
})

test('a last line without a line end is marked', () => {
  expect(diffTexts('a', 'a\n', wide()).hunks[0]?.lines).toEqual(['-a', '\\ No newline at end of file', '+a'])
})

test('hunks beyond the budget are cut, but counted', () => {
  const lines = (word: string) =>
    Array.from({ length: 100 }, (_, n) => (n % 20 === 10 ? word : `same ${n}`)).join('\n')
  const budget = { characters: 200, milliseconds: 10_000 }
  const { hunks, ...rest } = diffTexts(lines('left'), lines('right'), budget)
  expect(rest).toEqual({ removedCount: 5, addedCount: 5, isCut: true, lineEnds: null })
  expect(hunks.length).toBe(3)
  expect(budget.characters).toBeLessThan(50)
})

test('texts that differ in everything are shown as replaced', () => {
  const lines = (word: string) => Array.from({ length: 6_000 }, (_, n) => `${word} ${n}\n`).join('')
  const { removedCount, addedCount, hunks } = diffTexts(lines('left'), lines('right'), wide())
  expect({ removedCount, addedCount, hunks: hunks.length }).toEqual({
    removedCount: 6_000,
    addedCount: 6_000,
    hunks: 1,
  })
})

test('when the time is used up, a text is shown as replaced', () => {
  const { hunks } = diffTexts('a\nb\n', 'a\nc\n', { characters: 100, milliseconds: 0 })
  expect(hunks[0]?.lines).toEqual(['-a', '-b', '+a', '+c'])
})

test('the unified diff turns the left text into the right one', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '-', '+x', ' y')).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (left, right) => {
      const unified = unifiedDiff(diffTexts(left, right, wide()), 'left', 'right')
      if (left === right) expect(unified).toBe('')
      else expect(applyPatch(left, unified)).toBe(right)
    }),
    { seed: 3, numRuns: 2_000 },
  )
})
