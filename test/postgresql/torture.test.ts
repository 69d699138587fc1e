import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifySite } from '../torture/check-site.ts'
import { failureTests } from '../torture/failure-tests.ts'
import { runFailureTest } from '../torture/failure-test.ts'
import { startSite, type TortureSite } from '../torture/site.ts'

// A few rounds of what `npm run torture` does for as long as one likes. Servers of one site fail under load, one test after the other.

let site: TortureSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.close())

const rounds: Record<string, number> = { 'killed-server': 4, 'postgresql-restarts': 3 }

for (const failureTest of failureTests)
  test.skipIf(failureTest.impediment?.() ?? false)(
    `${failureTest.name}: nothing that was acknowledged is lost`,
    async () => {
      const { lost, wrong, faults, acknowledged } = await runFailureTest(failureTest, site, {
        ...{ seed: 'suite', rounds: rounds[failureTest.name] ?? 1, isShort: true },
      })
      expect({ lost, wrong }).toEqual({ lost: [], wrong: [] })
      expect(faults).toBeGreaterThan(0)
      expect(acknowledged).toBeGreaterThan(0)
    },
  )

test('after all that the commands that verify a site find nothing wrong', async () => {
  expect(await verifySite(site)).toEqual([])
})
