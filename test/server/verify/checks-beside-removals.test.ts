import { expect, onTestFinished, test, vi } from 'vitest'
import type { Reader } from '../../../server/database/reader.ts'
import type { Difference } from '../../../server/facts/fact-rule.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { factRules } from '../../../server/facts/rules.ts'
import type { BuildId } from '../../../server/ids.ts'
import { checkBuilds } from '../../../server/verify/check-builds.ts'
import { checkFacts } from '../../../server/verify/check-facts.ts'
import type { Finding } from '../../../server/verify/finding.ts'
import { factSite, store, type FactSite, type Told } from '../facts/fact-site.ts'

const build: Told = {
  ...{ job: 'one', platform: 'debian-12', failed: false, durationMs: 5_000, input: 1, output: 1 },
  ...{ readme: null, opamSwitch: null, startedAt: new Date(0) },
}

const remove = ({ writer }: FactSite, id: BuildId) =>
  writer.transact(['builds'], (tx) => removeBuild(tx, id, { removedAt: new Date(0), reason: 'a test' }))

async function all(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = []
  for await (const finding of findings) found.push(finding)
  return found
}

/** A reader in which `before` happens before each call of a method of artifacts. */
function readerWith(
  { db }: FactSite,
  method: 'groupBy' | 'findMany',
  before: () => Promise<unknown>,
): Reader {
  const artifact = new Proxy(db.artifact, {
    get: (target, key): unknown =>
      key === method
        ? async (args: unknown) => {
            await before()
            return (target[method] as (args: unknown) => Promise<unknown>)(args)
          }
        : Reflect.get(target, key),
  })
  return new Proxy(db, { get: (target, key: keyof Reader) => (key === 'artifact' ? artifact : target[key]) })
}

test.each(['groupBy', 'findMany'] as const)(
  'a build that is removed before artifacts.%s is not reported',
  async (method) => {
    const site = await factSite()
    const ids = [await store(site, build, 1), await store(site, build, 2)] as const
    await site.writer.transact([], (tx) =>
      tx.build.update({ where: { id: ids[1] }, data: { inputId: '0'.repeat(64) } }),
    )
    let isRemoved = false
    const reader = readerWith(site, method, async () => {
      if (!isRemoved) await remove(site, ids[0])
      isRemoved = true
    })
    const found = await all(checkBuilds(reader, {}, () => {}))
    expect(isRemoved).toBe(true)
    // The other one is wrong indeed.
    expect(found.map(({ kind, repairs }) => [kind, repairs])).toEqual([
      ['BUILD_DIFFERS', [expect.objectContaining({ buildId: ids[1] })]],
    ])
  },
)

test('facts that differ between two looks take no lock; others are read in it alone', async () => {
  const site = await factSite()
  await store(site, build, 1)
  const [rule] = factRules.filter(({ name }) => name === 'job-platforms')
  if (!rule) throw new Error('there is no such rule')
  const difference: Difference = { rule: rule.name, table: 'JobPlatform', key: {}, expected: null, found: {} }
  const checks = factRules.map((one) => vi.spyOn(one, 'check'))
  const transact = vi.spyOn(site.writer, 'transact')
  onTestFinished(() => [transact, ...checks].forEach((spy) => spy.mockRestore()))
  const ofRule = vi.mocked(rule.check)

  ofRule.mockResolvedValueOnce([difference])
  expect(await all(checkFacts(site, {}, () => {}))).toEqual([])
  expect(transact).not.toHaveBeenCalled()

  for (const spy of checks) spy.mockClear()
  for (let look = 0; look < 3; look++) ofRule.mockResolvedValueOnce([difference])
  expect((await all(checkFacts(site, {}, () => {}))).map(({ kind }) => kind)).toEqual(['FACT_DIFFERS'])
  expect(transact).toHaveBeenCalledOnce()
  // Of the one job, and of the rows that belong to none.
  expect(checks.map(({ mock }) => mock.calls.length).sort()).toEqual([2, 2, 2, 2, 2, 4])
})

test('a job without builds is checked with --since, too', async () => {
  const site = await factSite()
  await site.writer.transact([], (tx) => tx.job.create({ data: { name: 'empty' } }))
  const scope = { firstBuildId: 1 as BuildId }
  await expect(all(checkFacts(site, scope, () => {}))).resolves.toBeInstanceOf(Array)
})
