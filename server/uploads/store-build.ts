import { debugBinaryOf, type AnalysedBuild, type KindRegistry } from '../analyses/kind.ts'
import { enqueue, inputsOf } from '../analyses/queue.ts'
import type { Staged } from '../blobs/blob-store.ts'
import { isDatabaseFull, isUniqueViolation } from '../database-errors.ts'
import { StorageFullError } from '../errors.ts'
import type { ExecFacts, ExecResult } from '../formats/exec-record.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Verdict } from '../builds/verdict.ts'
import { slicesOf } from '../slices.ts'
import type { Transaction, Writer } from '../writer.ts'
import type { Uploader } from '../users/authenticate.ts'
import { correctClock } from './correct-clock.ts'
import { BuildExistsError } from './errors.ts'
import { computeVerdict } from './compute-verdict.ts'
import { updateHistory } from './update-history.ts'
import { updateJob } from './update-job.ts'
import { updateJobPlatform } from './update-job-platform.ts'
import { updateJobOutputs } from './update-job-outputs.ts'
import { inputIdOf, mainBinaryOf, type StagedArtifact } from './staged-upload.ts'

const { sql, join } = Prisma

/** Five parameters each, of the 32,766 that SQLite takes. */
const artifactsPerStatement = 5_000

/** A build whose blobs are durable. */
export type SettledBuild = {
  facts: ExecFacts
  user: Uploader
  artifacts: readonly StagedArtifact[]
  script: Staged
  consoleText: Staged
  consoleIndex: Staged
  consoleLineCount: number
  /** Bytes of its entries in a record. */
  consoleDerBytes: number
  readme: StagedArtifact | null
  receivedAt: Date
}

/**
 * COMMIT failed in an unknown way: the rows may or may not exist, now and after a restart.
 */
export class UncertainCommitError extends Error {
  override readonly name = 'UncertainCommitError'
}

/**
 * Writes the rows of a build in one transaction: the build, the facts derived from it (newest build per
 * job and platform, counts, verdicts), and its pending analyses. Throws BuildExistsError,
 * StorageFullError, DatabaseBusyError, UncertainCommitError. After any other error no row was written.
 */
export async function storeBuild(
  { writer, analyses }: { writer: Writer; analyses: { kinds: KindRegistry } },
  build: SettledBuild,
): Promise<BuildId> {
  const { facts } = build
  let isCommitting = false
  try {
    return await writer.transact(async (tx) => {
      const main = mainBinaryOf(build.artifacts)
      const times = correctClock(facts, build.receivedAt)
      const { startedAt, finishedAt } = times
      const isSuccess = resultColumns(facts.result).status === 'SUCCEEDED'
      const jobId = await updateJob(tx, {
        job: facts.job,
        startedAt,
        isSuccess: isSuccess || main !== null,
        readmeSha256: build.readme?.content.id ?? null,
        opamSwitchSha256: opamSwitchOf(build)?.content.id ?? null,
      })
      // The name is "updated" to what it is: with something to update, Prisma needs but one statement.
      const platform = await tx.platform.upsert({
        where: { name: facts.platform },
        create: { name: facts.platform },
        update: { name: facts.platform },
        select: { id: true },
      })
      const { receivedAt } = build
      const withOutput = main && { inputId: inputIdOf(build.artifacts), sha256: main.content.id, receivedAt }
      const verdict = withOutput ? await computeVerdict(tx, withOutput) : 'NO_OUTPUT'
      const place = { jobId, platformId: platform.id, verdict }
      const id = await insertBuild(tx, build, { ...place, ...times })
      await enqueue(tx, inputsOf(analyses.kinds, analysedColumnsOf(build)), build.receivedAt)
      const stored = { id, ...place, startedAt, isSuccess }
      const output = main && { sha256: main.content.id, sizeBytes: main.content.sizeBytes }
      await updateJobPlatform(tx, stored)
      await updateHistory(tx, { ...stored, finishedAt, output })
      if (output) await updateJobOutputs(tx, { ...stored, ...output })
      isCommitting = true
      return id
    })
  } catch (error) {
    if (isUniqueViolation(error, 'Build', 'uuid')) throw new BuildExistsError(facts.uuid)
    if (isDatabaseFull(error)) throw new StorageFullError()
    if (isCommitting) throw new UncertainCommitError('the commit of a build failed', { cause: error })
    throw error
  }
}

async function insertBuild(
  tx: Transaction,
  build: SettledBuild,
  place: { jobId: JobId; platformId: PlatformId; verdict: Verdict } & ReturnType<typeof correctClock>,
): Promise<BuildId> {
  const { facts, artifacts } = build
  const main = mainBinaryOf(artifacts)
  const { id } = await tx.build.create({
    data: {
      uuid: facts.uuid,
      ...place,
      receivedAt: build.receivedAt,
      ...resultColumns(facts.result),
      ...analysedColumnsOf(build),
      inputId: inputIdOf(artifacts),
      mainBinaryPath: main?.path ?? null,
      mainBinarySizeBytes: main?.content.sizeBytes ?? null,
      uploaderId: build.user.id,
      scriptSha256: build.script.id,
      scriptSizeBytes: build.script.sizeBytes,
      consoleSizeBytes: build.consoleText.sizeBytes,
      consoleLineCount: build.consoleLineCount,
      consoleDerBytes: build.consoleDerBytes,
      readmeSha256: build.readme?.content.id ?? null,
      readmePath: build.readme?.path ?? null,
      artifactCount: artifacts.length,
      artifactsSizeBytes: artifacts.reduce((sum, { content }) => sum + content.sizeBytes, 0),
    },
    select: { id: true },
  })
  // The build row is the first to violate the uuid's uniqueness, so no artifact is written for nothing.
  if (artifacts.length > 0) {
    // Raw SQL: with a row for each of some dozen artifacts, Prisma takes longer than all the rest.
    // In slices: a record may bring more artifacts than one statement takes parameters for.
    for (const slice of slicesOf(artifacts, artifactsPerStatement)) {
      const rows = slice.map(
        ({ path, content }) => sql`(${id}, ${path}, ${content.id}, ${content.sizeBytes}, ${place.startedAt})`,
      )
      await tx.$executeRaw(
        sql`INSERT INTO "Artifact" ("buildId", path, sha256, "sizeBytes", "startedAt") VALUES ${join(rows)}`,
      )
    }
  }
  if (main) {
    // Raw SQL: Prisma would read the artifact's id first.
    await tx.$executeRaw`UPDATE "Build" SET "mainBinaryId" =
      (SELECT a.id FROM "Artifact" a WHERE a."buildId" = ${id} AND a.path = ${main.path}) WHERE id = ${id}`
  }
  return id
}

function opamSwitchOf({ artifacts }: SettledBuild) {
  return artifacts.find(({ path }) => path === 'opam-switch')
}

/** The columns that analyses find their input by. */
function analysedColumnsOf(build: SettledBuild): AnalysedBuild {
  const mainBinary = mainBinaryOf(build.artifacts)
  return {
    status: resultColumns(build.facts.result).status,
    mainBinarySha256: mainBinary?.content.id ?? null,
    debugBinarySha256: debugBinaryOf(build.artifacts, mainBinary?.path ?? null)?.content.id ?? null,
    opamSwitchSha256: opamSwitchOf(build)?.content.id ?? null,
    consoleSha256: build.consoleText.id,
    consoleIndexSha256: build.consoleIndex.id,
  }
}

/** A result as the columns of a build's row have it. */
function resultColumns(result: ExecResult) {
  switch (result.kind) {
    case 'exited':
      return {
        status: result.code === 0n ? 'SUCCEEDED' : 'FAILED',
        resultKind: 'EXITED',
        resultCode: result.code,
      }
    case 'signalled':
      return { status: 'FAILED', resultKind: 'SIGNALLED', resultCode: result.signal }
    case 'stopped':
      return { status: 'FAILED', resultKind: 'STOPPED', resultCode: result.signal }
    case 'aborted':
      return { status: 'FAILED', resultKind: 'ABORTED', resultMessage: Uint8Array.from(result.message) }
  }
}
