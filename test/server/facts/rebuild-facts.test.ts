import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ruleNames } from '../../../server/facts/rules.ts'
import { markForRebuild, rebuildNext } from '../../../server/facts/rebuild-facts.ts'
import type { BuildId } from '../../../server/ids.ts'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'
import { definedFacts, storedFacts } from './defined-facts.ts'
import { factSite, removeAll, store, told, type FactSite } from './fact-site.ts'

/** As after a migration that made the tables anew and left the builds. */
async function forgetFacts({ writer }: FactSite): Promise<void> {
  await writer.transact([], async (tx) => {
    await tx.output.deleteMany()
    await tx.jobOutput.deleteMany()
    await tx.jobPeriod.deleteMany()
    await tx.jobPlatform.deleteMany()
    await tx.build.updateMany({ data: { verdict: 'NO_OUTPUT' } })
    const nothing = { newestSuccessAt: null, readmeSha256: null, readmeAt: null, pendingSwitchSha256: null }
    await tx.job.updateMany({ data: { ...nothing, switchAt: null } })
    await markForRebuild(tx, ruleNames)
  })
}

class KilledError extends Error {}

/** One step of one job, and as good as killed before its commit. */
async function killedStep({ db, writer }: FactSite): Promise<void> {
  const killing: typeof writer = {
    ...writer,
    transact: (_changes, action) =>
      writer.transact([], async (tx) => {
        await action(tx)
        throw new KilledError()
      }),
  }
  await rebuildNext({ db, writer: killing }, 0).catch((error: unknown) => {
    if (!(error instanceof KilledError)) throw error
  })
}

const job = fc.constantFrom('one', 'two', 'three', 'four')
const meanwhile = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'step' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'killed' as const }) },
    {
      weight: 3,
      arbitrary: fc.tuple(told, job).map(([build, name]) => ({ kind: 'add' as const, build, job: name })),
    },
    { weight: 1, arbitrary: fc.nat().map((which) => ({ kind: 'remove' as const, which })) },
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
)

test('a rebuild that is killed at any step goes on, and builds that come or go meanwhile are counted once', async () => {
  const site = await factSite()
  const ids: BuildId[] = []
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 20 }), meanwhile, async (stepsBefore, sequence) => {
      await forgetFacts(site)
      for (let n = 0; n < stepsBefore; n++) await rebuildNext(site, 0)
      for (const step of sequence) {
        if (step.kind === 'add') ids.push(await store(site, { ...step.build, job: step.job }, ++number))
        else if (step.kind === 'killed') await killedStep(site)
        else if (step.kind === 'step') await rebuildNext(site, 0)
        else if (ids.length > 0) await removeAll(site, ids.splice(step.which % ids.length, 1))
      }
      while (await rebuildNext(site, 0));
      expect(await storedFacts(site.db)).toEqual(await definedFacts(site.db))
    }),
    { seed: 15, numRuns: 10, endOnFailure: true },
  )
  expect(ids.length).toBeGreaterThan(25)
})

test('a step remembers how far it came, and the last one of a rule removes its mark', async () => {
  const site = await factSite()
  const [build] = fc.sample(told, { seed: 1, numRuns: 1 })
  if (!build) throw new Error('no sample')
  for (const [number, name] of ['one', 'two', 'three'].entries())
    await store(site, { ...build, job: name }, number)
  await site.writer.transact([], (tx) => markForRebuild(tx, ['job-periods']))
  const lastJobs = []
  for (let step = await rebuildNext(site, 0); step; step = await rebuildNext(site, 0))
    lastJobs.push(step.lastJob)
  expect(lastJobs).toEqual(['one', 'two', 'three', null])
  expect(await site.db.factRebuild.count()).toBe(0)
  // Small jobs share a step.
  await site.writer.transact([], (tx) => markForRebuild(tx, ['job-periods']))
  expect(await rebuildNext(site, 60_000)).toMatchObject({ jobCount: 3, lastJob: 'three', changedCount: 0 })
})

test('a mark of a rule that is no more is removed', async () => {
  const site = await factSite()
  await site.writer.transact([], (tx) => tx.factRebuild.create({ data: { rule: 'of an older release' } }))
  expect(await rebuildNext(site)).toBe(null)
  expect(await site.db.factRebuild.count()).toBe(0)
})

test('the server rebuilds what is marked, and its next answers show it', async () => {
  const app = await testApp()
  await receiveAll(app, [sampleRecord(), sampleRecord({ artifacts: [file('bin/other', 'other')] })])
  const { writer } = app.deps
  await writer.transact([], (tx) => tx.build.updateMany({ data: { verdict: 'REPRODUCED' } }))
  await writer.transact([], (tx) => markForRebuild(tx, ruleNames))
  const ask = async () =>
    (await app.graphql('{ builds(first: 2) { nodes { reproducibility { verdict } } } }')).data
  expect(await ask()).toEqual({
    builds: { nodes: Array(2).fill({ reproducibility: { verdict: 'REPRODUCED' } }) },
  })
  await app.deps.runner.start()
  await app.deps.runner.settled(['REBUILD_FACTS'])
  await app.deps.runner.close()
  expect(await ask()).toEqual({
    builds: { nodes: Array(2).fill({ reproducibility: { verdict: 'UNCONFIRMED' } }) },
  })
})
