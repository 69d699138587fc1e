import { expect, test } from 'vitest'
import { wrapWords } from '../../../web/charts/wrap-words.ts'

const measure = (line: string) => line.length

test.each([
  ['', 10, []],
  ['one line', 10, ['one line']],
  ['exactly ten', 7, ['exactly', 'ten']],
  ['a b c d', 3, ['a b', 'c d']],
  ['unbreakable-word is wide', 6, ['unbreakable-word', 'is', 'wide']],
  ['  spaces \n and lines ', 40, ['spaces and lines']],
])('%j in %d', (text, width, lines) => {
  expect(wrapWords(text, width, measure)).toEqual(lines)
})
