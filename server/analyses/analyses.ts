import type { Deps } from '../deps.ts'
import { prioritize } from '../runner/enqueue.ts'
import { taskOf, type AnalysisKey } from './analysis-key.ts'
import type { KindRegistry } from './kind.ts'

/** What pages need of the analyses. */
export type Analyses = {
  kinds: KindRegistry
  /** Somebody looks at an analysis that is missing or outdated: it runs first. Costs next to nothing. */
  prioritize: (key: AnalysisKey) => void
  /** The content of this result is missing: forgets the result, and runs the analysis first. */
  remake: (key: AnalysisKey, resultSha256: string) => void
}

export function createAnalyses(
  { clock, log, runner, writer }: Pick<Deps, 'clock' | 'log' | 'runner' | 'writer'>,
  kinds: KindRegistry,
): Analyses {
  return {
    kinds,
    prioritize: (key) => runner.prioritize(taskOf(key)),
    remake(key, resultSha256) {
      writer
        .transact(['tasks'], async (tx) => {
          await tx.queuedTask.updateMany({
            // Another result by now is left alone.
            where: { ...taskOf(key), resultSha256 },
            data: { version: 0, resultSha256: null, resultSizeBytes: null, summary: null },
          })
          await prioritize(tx, [{ ...taskOf(key), version: kinds[key.kind]?.version ?? 0 }], clock.now())
        })
        .catch((error: unknown) => log.error({ err: error, ...key }, 'missing result not forgotten'))
    },
  }
}
