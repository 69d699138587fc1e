import type { Actor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { attestTasks } from '../attestations/attest-task.ts'
import { hash } from '../database/sql.ts'
import type { KindRegistry } from '../analyses/kind.ts'
import { tasksOfUpload } from '../analyses/analysis-key.ts'
import type { ChangeKind } from '../changes/change.ts'
import type { Config } from '../config.ts'
import { isDatabaseFull, isUniqueViolation } from '../database/database-errors.ts'
import { StorageFullError } from '../errors.ts'
import { dispatchTask } from '../event-log/dispatch-task.ts'
import { eventsOfBuild } from '../event-log/events-of-build.ts'
import { isNews } from '../event-log/is-news.ts'
import { readPlaceState } from '../event-log/place-state.ts'
import { recordEvents } from '../event-log/record-events.ts'
import { addBuild } from '../facts/add-build.ts'
import { buildFactsOf } from '../facts/build-facts.ts'
import { placeBuild, type Place } from '../facts/place-build.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { InstalledHooks } from '../hooks/installed-hooks.ts'
import { findHooksOfUpload, queueHooksOfUpload } from '../hooks/queue-hook-runs.ts'
import type { BuildId } from '../ids.ts'
import { taskOfJob } from '../facts/describe-job-task.ts'
import { enqueue } from '../runner/enqueue.ts'
import type { Verdict } from '../builds/verdict.ts'
import { judgeTasksOfUpload } from '../policy/judge-task.ts'
import { notePackage } from '../repositories/request-publishing.ts'
import { slicesOf } from '../slices.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import { deriveColumns, type BuildColumns, type SettledBuild } from './derive-columns.ts'
import { BuildExistsError } from './errors.ts'
import type { StagedArtifact } from './staged-upload.ts'

const { sql, join } = Prisma

/** Five parameters each, of the 32,766 that SQLite takes. */
const artifactsPerStatement = 5_000

/**
 * COMMIT failed in an unknown way: the rows may or may not exist, now and after a restart.
 */
export class UncertainCommitError extends Error {
  override readonly name = 'UncertainCommitError'
}

/** What the transaction of a build writes besides, such as that the run is done that made it. */
export type Alongside = {
  changes: readonly ChangeKind[]
  write: (tx: Transaction) => Promise<void>
}

/**
 * Writes the rows of a build in one transaction: the build, the facts that are derived from it (server/facts), and its
 * queued tasks, and, if there is an `actor`, an entry of the audit log and the runs of hooks. `restoreContent` is called in the transaction, before a row refers to the content. Throws
 * BuildExistsError, StorageFullError, DatabaseBusyError, UncertainCommitError, and what `restoreContent` throws. After
 * any error but UncertainCommitError no row was written.
 */
export async function storeBuild(
  deps: {
    writer: Writer
    analyses: { kinds: KindRegistry }
    hooks: InstalledHooks
    config: Pick<Config, 'configDir' | 'repositoriesFile' | 'signing'>
  },
  build: SettledBuild,
  restoreContent: () => Promise<void>,
  { actor = null, alongside = null }: { actor?: Actor | null; alongside?: Alongside | null } = {},
): Promise<BuildId> {
  const { writer, analyses, config } = deps
  const { facts, artifacts, receivedAt } = build
  const columns = deriveColumns(build)
  const hasEvents = isNews(columns, actor)
  const hooks = actor && (await findHooksOfUpload(deps.hooks, columns))
  let isCommitting = false
  try {
    const store = async (tx: Transaction) => {
      isCommitting = false
      await restoreContent()
      // A removed build that is uploaded again is a build again. Raw SQL: Prisma would look first.
      await tx.$executeRaw(sql`DELETE FROM "Tombstone" WHERE uuid = ${facts.uuid}`)
      const place = await placeBuild(tx, facts)
      const before = hasEvents ? await readPlaceState(tx, place) : null
      const added = await addBuild(tx, buildFactsOf({ ...columns, ...place }), (verdict) =>
        insertBuild(tx, { ...columns, ...place, verdict }, artifacts),
      )
      if (before) {
        const { changes, verdict } = added
        const arrived = { ...facts, ...columns, verdict, isCopy: actor === null }
        await recordEvents(tx, eventsOfBuild(arrived, before, changes), receivedAt)
      }
      const ofJob = columns.opamSwitchSha256 === null ? [] : [taskOfJob(facts.job)]
      const isHeard = before?.isHeard === true
      const ofAnalyses = tasksOfUpload(analyses.kinds, columns, isHeard ? facts.uuid : null)
      await enqueue(
        tx,
        [
          ...ofAnalyses,
          ...attestTasks(config, columns),
          ...judgeTasksOfUpload(config, columns, added.verdict),
          ...ofJob,
          ...(isHeard ? [dispatchTask] : []),
        ],
        receivedAt,
      )
      if (hooks) await queueHooksOfUpload(tx, hooks, added, namesOf(facts), receivedAt)
      await notePackage(tx, config, columns.mainBinaryPath, receivedAt)
      if (actor)
        await recordAudit(tx, {
          ...{ at: receivedAt, actor, action: 'build.upload', target: facts.uuid },
          detail: { job: facts.job, platform: facts.platform },
        })
      await alongside?.write(tx)
      isCommitting = true
      return added.id
    }
    const changes: ChangeKind[] = ['builds', ...(alongside?.changes ?? [])]
    return await writer.transact(changes, store, () => (isCommitting = false), {
      durability: 'BEFORE_IT_RETURNS',
    })
  } catch (error) {
    if (isUniqueViolation(error, 'Build', 'uuid')) throw new BuildExistsError(facts.uuid)
    if (isDatabaseFull(error)) throw new StorageFullError()
    if (isCommitting) throw new UncertainCommitError('the commit of a build failed', { cause: error })
    throw error
  }
}

const namesOf = ({ uuid, job, platform }: SettledBuild['facts']) => ({ buildUuid: uuid, job, platform })

async function insertBuild(
  tx: Transaction,
  data: BuildColumns & Place & { verdict: Verdict },
  artifacts: readonly StagedArtifact[],
): Promise<BuildId> {
  const { id } = await tx.build.create({ data, select: { id: true } })
  // Raw SQL: with a row for each of some dozen artifacts, Prisma takes longer than all the rest.
  // In slices: a record may bring more artifacts than one statement takes parameters for.
  for (const slice of slicesOf(artifacts, artifactsPerStatement)) {
    const rows = slice.map(
      ({ path, content }) =>
        sql`(${id}, ${path}, ${hash(content.id)}, ${content.sizeBytes}, ${data.startedAt})`,
    )
    await tx.$executeRaw(
      sql`INSERT INTO "Artifact" ("buildId", path, sha256, "sizeBytes", "startedAt") VALUES ${join(rows)}`,
    )
  }
  if (data.mainBinaryPath !== null) {
    // Raw SQL: Prisma would read the artifact's id first.
    await tx.$executeRaw`UPDATE "Build" SET "mainBinaryId" =
      (SELECT a.id FROM "Artifact" a WHERE a."buildId" = ${id} AND a.path = ${data.mainBinaryPath}) WHERE id = ${id}`
  }
  return id
}
