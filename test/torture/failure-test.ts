import { seededRandom, type Random } from '../../demo/random.ts'
import { checkSite, verifySite } from './check-site.ts'
import { startLoad, type Load } from './load.ts'
import type { TortureSite } from './site.ts'
import type { Upload } from './uploads.ts'

/** What one failure test is given. */
export type Torture = {
  site: TortureSite
  load: Load
  random: Random
  rounds: number
  /** Counts a fault that was made. */
  fault: () => void
  /** Notes what does not hold. */
  expect: (holds: boolean, otherwise: string) => void
}

export type FailureTest = {
  name: string
  /** What fails. */
  summary: string
  /** Rounds unless the user says otherwise. */
  rounds: number
  /** Why this machine cannot run it; null: it can. */
  impediment?: () => string | null
  run: (torture: Torture) => Promise<void>
}

export type Result = {
  name: string
  rounds: number
  faults: number
  acknowledged: number
  again: number
  lost: string[]
  wrong: string[]
  p95Ms: number
}

export type Options = { seed: string; rounds?: number }

/** Everything that was acknowledged on a site: each failure test checks what those before it have sent, too. */
const sent = new WeakMap<TortureSite, Upload[]>()

/** Runs one failure test under load, and checks the site after it. */
export async function runFailureTest(
  test: FailureTest,
  site: TortureSite,
  { seed, rounds = test.rounds }: Options,
): Promise<Result> {
  const all = sent.get(site) ?? []
  sent.set(site, all)
  const random = seededRandom(`${seed} ${test.name}`)
  const load = startLoad(site, {
    ...{ seed: `${seed} ${test.name} ${all.length}`, random },
  })
  const { tally } = load
  let faults = 0
  await test.run({
    ...{ site, load, random, rounds },
    fault: () => void (faults += 1),
    expect: (holds, otherwise) => void (holds || tally.wrong.push(otherwise)),
  })
  await load.stop()
  all.push(...tally.acknowledged)
  const lost = [
    ...tally.lost,
    ...(await checkSite(site, all, tally.acknowledged)),
    ...(await verifySite(site)),
  ]
  return {
    ...{ name: test.name, rounds, faults, lost, wrong: tally.wrong, again: tally.again },
    acknowledged: tally.acknowledged.length,
    p95Ms: percentile95(tally.pageMs),
  }
}

function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0
}
