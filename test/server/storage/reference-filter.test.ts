import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { referenceFilter } from '../../../server/storage/reference-filter.ts'

const idOf = (n: number) => toBlobId(createHash('sha256').update(String(n)).digest('hex'))
const count = 100_000

test('every member is found, and few others', () => {
  const filter = referenceFilter(count)
  for (let n = 0; n < count; n++) filter.add(idOf(n))
  let missing = 0
  let mistaken = 0
  for (let n = 0; n < count; n++) if (!filter.mayHave(idOf(n))) missing += 1
  for (let n = count; n < 2 * count; n++) if (filter.mayHave(idOf(n))) mistaken += 1
  expect(missing).toBe(0)
  // 0.24 % are expected; a share of 1 % has a probability below 10^-100.
  expect(mistaken / count).toBeLessThan(0.01)
})

test('members beyond the expected number are found, too', () => {
  const filter = referenceFilter(0)
  for (let n = 0; n < count; n++) filter.add(idOf(n))
  expect(Array.from({ length: count }, (_, n) => filter.mayHave(idOf(n)))).not.toContain(false)
})

test('two filters mistake different blobs', () => {
  const filters = [referenceFilter(count), referenceFilter(count)]
  for (const filter of filters) for (let n = 0; n < count; n++) filter.add(idOf(n))
  let both = 0
  for (let n = count; n < 2 * count; n++) if (filters.every((filter) => filter.mayHave(idOf(n)))) both += 1
  // Some 0.24 % of 0.24 %: less than one of them, where one filter mistakes some 240.
  expect(both).toBeLessThan(20)
})
