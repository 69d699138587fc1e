import fc from 'fast-check'
import { expect, test } from 'vitest'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import type { BuildId } from '../../../server/ids.ts'
import { definedFacts, storedFacts } from './defined-facts.ts'
import { differences, factSite, rebuildAll, removeAll, store, told, testRemoval } from './fact-site.ts'

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: told.map((build) => ({ kind: 'add' as const, build })) },
    { weight: 4, arbitrary: fc.nat().map((which) => ({ kind: 'remove' as const, which })) },
    { weight: 1, arbitrary: fc.constant({ kind: 'rebuild' as const }) },
  ),
  { minLength: 8, maxLength: 30, size: 'max' },
)

test('after any additions, removals and rebuilds, all facts are as defined, and those of no builds are none', async () => {
  const site = await factSite()
  let number = 0
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const ids: BuildId[] = []
      for (const step of sequence) {
        if (step.kind === 'add') ids.push(await store(site, step.build, ++number))
        else if (step.kind === 'rebuild') expect(await rebuildAll(site)).toBe(0)
        else if (ids.length > 0) await removeAll(site, ids.splice(step.which % ids.length, 1))
        expect(await storedFacts(site.db)).toEqual(await definedFacts(site.db))
      }
      expect(await differences(site)).toEqual([])
      await removeAll(site, ids)
      for (const rows of Object.values(await storedFacts(site.db))) expect(rows).toEqual({})
      expect(await site.db.artifact.count()).toBe(0)
    }),
    { seed: 20261129, numRuns: 12, endOnFailure: true },
  )
})

test('a site from which any builds were removed has the facts of one that never had them', async () => {
  const arbitrary = fc.array(fc.tuple(told, fc.boolean()), { minLength: 120, maxLength: 120 })
  const [whole, without] = [await factSite(), await factSite()]
  const [builds = []] = fc.sample(arbitrary, { seed: 28, numRuns: 1 })
  const removed: BuildId[] = []
  for (const [number, [build, isRemoved]] of builds.entries()) {
    const id = await store(whole, build, number)
    if (isRemoved) removed.push(id)
    else await store(without, build, number)
  }
  // In an order of their own.
  removed.sort((a, b) => ((a * 7919) % 127) - ((b * 7919) % 127))
  await removeAll(whole, removed)
  expect(removed.length).toBeGreaterThan(40)
  expect(await storedFacts(whole.db)).toEqual(await storedFacts(without.db))
  expect(await whole.db.artifact.count()).toBe(await without.db.artifact.count())
})

test('a build that is not there is not removed', async () => {
  const { writer } = await factSite()
  expect(await writer.transact([], (tx) => removeBuild(tx, 1 as BuildId, testRemoval))).toBe(false)
})
