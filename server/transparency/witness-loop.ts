import type { Deps } from '../deps.ts'
import { wakeableLoop } from '../runner/wakeable-loop.ts'
import { askWitness, WitnessContradictsError } from './ask-witnesses.ts'
import type { Published } from './transparency-log.ts'
import { readWitnesses } from './witnesses-file.ts'

type LoopDeps = Pick<Deps, 'clock' | 'config' | 'db' | 'fetch' | 'log' | 'writer'>

const firstRetryMs = 60_000
const longestRetryMs = 3_600_000

/** Lets witnesses sign each published checkpoint, sooner or later. The log does not wait for them. `onContradiction`: it must stop. */
export function createWitnessLoop(
  deps: LoopDeps,
  published: () => Published | null,
  onContradiction: (reason: string) => void,
) {
  const { clock, config, log } = deps
  let retryMs = firstRetryMs

  const loop = wakeableLoop(clock, async () => {
    const newest = published()
    if (!newest || config.witnessesFile === '') return
    let isBehind = false
    try {
      for (const witness of await readWitnesses(config.witnessesFile))
        try {
          await askWitness(deps, newest, witness)
        } catch (error) {
          isBehind = true
          if (error instanceof WitnessContradictsError) onContradiction(error.message)
          else log.warn({ err: error, witness: witness.signer.name }, 'a witness has not signed the log')
        }
    } catch (error) {
      isBehind = true
      log.error({ err: error }, 'no witness was asked')
    }
    if (isBehind) loop.wakeIn(retryMs)
    retryMs = isBehind ? Math.min(longestRetryMs, 2 * retryMs) : firstRetryMs
  })
  return loop
}
