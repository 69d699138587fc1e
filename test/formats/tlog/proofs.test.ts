import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashRanges } from '../../../server/formats/tlog/merkle.ts'
import { consistencyRanges, inclusionRanges } from '../../../server/formats/tlog/tree.ts'
import { areEqual, isConsistent, rootByInclusion } from '../../../server/formats/tlog/verify-proof.ts'
import { isLong } from '../../long.ts'
import { flipped } from '../signing/test-keys.ts'
import { nodeReaderOf, rootsOf, sampleLeaves } from './sample-tree.ts'

const maxSize = 300
const leaves = sampleLeaves(maxSize)
const roots = rootsOf(leaves)
const read = nodeReaderOf(leaves)
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const at = (values: readonly Uint8Array[], n: number) => values[n] ?? new Uint8Array()

/** All sizes of a long run; otherwise the small ones, and those around powers of two. */
const sizes = Array.from({ length: maxSize }, (_, n) => n + 1).filter(
  (size) => isLong || size <= 18 || (size & (size - 1)) <= 1 || size % 97 === 0,
)

test('every entry of every tree has an inclusion proof, which is good for no other', async () => {
  let count = 0
  for (const size of sizes)
    for (let index = 0; index < size; index++) {
      const proof = await hashRanges(inclusionRanges(index, size), read)
      const given = { leaf: at(leaves, index), index, size, proof }
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
      if (!areEqual(await rootByInclusion(digest, given), at(roots, size))) expect.fail(`${index} of ${size}`)
      const other = { ...given, leaf: flipped(given.leaf, 0) }
      if (areEqual(await rootByInclusion(digest, other), at(roots, size))) expect.fail(`${index} of ${size}`)
      count++
    }
  expect(count).toBeGreaterThan(500)
})

test('every tree is consistent with every larger one, and with no other', async () => {
  for (const to of sizes)
    for (const from of sizes.filter((size) => size <= to)) {
      const proof = await hashRanges(consistencyRanges(from, to), read)
      const [old, now] = [from, to].map((size) => ({ size, root: at(roots, size) })) as [Tree, Tree]
      if (!(await isConsistent(digest, old, now, proof))) expect.fail(`${from} of ${to}`)
      const forked = { ...old, root: flipped(old.root, 31) }
      if (await isConsistent(digest, forked, now, proof)) expect.fail(`${from} of ${to}`)
      if (await isConsistent(digest, old, { ...now, root: flipped(now.root, 0) }, proof))
        expect.fail(`${from} of ${to}`)
    }
})

type Tree = { size: number; root: Uint8Array }

test('proofs of another length are refused', async () => {
  const proof = await hashRanges(inclusionRanges(3, 7), read)
  const given = { leaf: at(leaves, 3), index: 3, size: 7 }
  await expect(rootByInclusion(digest, { ...given, proof: proof.slice(1) })).rejects.toThrow('too short')
  await expect(rootByInclusion(digest, { ...given, proof: [...proof, ...proof] })).rejects.toThrow('too long')
  await expect(rootByInclusion(digest, { ...given, index: 7, proof })).rejects.toThrow('no entry 7')
  const [old, now] = [3, 7].map((size) => ({ size, root: at(roots, size) })) as [Tree, Tree]
  const path = await hashRanges(consistencyRanges(3, 7), read)
  for (const bad of [[], path.slice(1), path.slice(0, -1), [...path, ...path]])
    expect(await isConsistent(digest, old, now, bad)).toBe(false)
  expect(await isConsistent(digest, now, old, path)).toBe(false)
  expect(await isConsistent(digest, { size: 0, root: digest(new Uint8Array()) }, now, [])).toBe(true)
  expect(await isConsistent(digest, { size: 0, root: digest(new Uint8Array()) }, now, path)).toBe(false)
})
