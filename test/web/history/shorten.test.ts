import { expect, test } from 'vitest'
import { shorten } from '../../../web/history/shorten.ts'

test.each([
  ['debian-12', 16, 'debian-12'],
  ['debian-12-amd64-', 16, 'debian-12-amd64-'],
  ['debian-12-bookworm-amd64', 16, 'debian-1…m-amd64'],
  ['debian-12-bookworm-arm64', 16, 'debian-1…m-arm64'],
  ['😀😀😀😀😀', 4, '😀😀…😀'],
])('the label of %j in %d letters', (name, most, label) => {
  expect(shorten(name, most)).toBe(label)
})
