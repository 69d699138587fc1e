import type { Command } from 'commander'
import { kinds } from '../analyses/kinds.ts'
import { diskBlobStore } from '../blobs/disk-blob-store.ts'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { groupCommits } from '../imports/group-commits.ts'
import type { ImportDeps } from '../imports/import-one.ts'
import { ownStaging } from '../imports/own-staging.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/**
 * Runs an action that stores builds, also while the server runs. `signal` is aborted by SIGINT and SIGTERM: the action
 * ends after the builds that are under way. `isCreated`: an operator may move in before the server has ever run.
 */
export async function withImportSite(
  command: Command,
  action: (deps: ImportDeps, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const config = readConfig(environmentOf(command))
  await withDatabase(
    command,
    async ({ db, writer }) => {
      const staging = await ownStaging(config.dataDir)
      const stopping = new AbortController()
      const stop = () => stopping.abort()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
      try {
        const deps = {
          ...{ db, writer: groupCommits(writer), clock: systemClock, analyses: { kinds } },
          config: { ...config, stagingDir: staging.dir },
          blobs: diskBlobStore({ dir: config.blobDir, stagingDir: staging.dir }),
          log: createLog(config.logLevel === 'info' ? 'error' : config.logLevel),
          metrics: createMetrics(),
          onUploadStep() {},
        }
        await action(deps, stopping.signal)
      } finally {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
        await staging.release()
      }
    },
    { isCreated: true },
  )
}
