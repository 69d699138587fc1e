import type { Command } from 'commander'
import { kinds } from '../analyses/kinds.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { groupCommits } from '../imports/group-commits.ts'
import type { ImportDeps } from '../imports/import-one.ts'
import { ownStaging } from '../imports/own-staging.ts'
import { noHooks } from '../hooks/installed-hooks.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createDamageMarks } from '../verify/damage-marks.ts'
import { guardedBlobs } from '../verify/guarded-blobs.ts'
import { commandLog } from './command-log.ts'
import { environmentOf } from './settings.ts'
import { untilSignal } from './until-signal.ts'
import { withDatabase } from './with-database.ts'

/**
 * Runs an action that stores builds, also while the server runs. `signal` is aborted by SIGINT and SIGTERM: the action
 * ends after the builds that are under way. `isCreated`: an operator may move in before the server has ever run.
 * `isMigrated` as in `withDatabase`.
 */
export async function withImportSite(
  command: Command,
  { isMigrated = true }: { isMigrated?: boolean },
  action: (deps: ImportDeps, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const config = readConfig(environmentOf(command))
  await withDatabase(
    command,
    async ({ db, writer, changes }) => {
      const staging = await ownStaging(config.dataDir)
      const log = commandLog(config)
      const stored = await siteBlobStore({ ...config, stagingDir: staging.dir })
      const deps = {
        ...{ db, writer: groupCommits(writer), log, clock: systemClock, analyses: { kinds } },
        config: { ...config, stagingDir: staging.dir },
        // An import replaces damaged content, as an upload does.
        blobs: guardedBlobs(stored, createDamageMarks({ db, writer, changes, log }, stored)),
        hooks: noHooks,
        metrics: createMetrics(),
        onUploadStep() {},
      }
      try {
        await untilSignal((signal) => action(deps, signal))
      } finally {
        await staging.release()
      }
    },
    { isCreated: true, isMigrated },
  )
}
