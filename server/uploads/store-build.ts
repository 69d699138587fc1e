import type { Staged } from '../blobs/blob-store.ts'
import { StorageFullError } from '../errors.ts'
import type { ExecFacts, ExecResult } from '../formats/exec-record.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Verdict } from '../builds/verdict.ts'
import type { Uploader } from '../users/authenticate.ts'
import { BuildExistsError } from './errors.ts'
import { judgeBuild } from './judge-build.ts'
import { noteOutput } from './note-output.ts'
import { inputIdOf, mainBinaryOf, type StagedArtifact } from './staged-upload.ts'

/** A build whose content is durable already. */
export type SettledBuild = {
  facts: ExecFacts
  user: Uploader
  artifacts: readonly StagedArtifact[]
  script: Staged
  consoleText: Staged
  consoleIndex: Staged
  consoleLineCount: number
  readme: Staged | null
  receivedAt: Date
}

/**
 * Write a build's rows in one transaction, with what pages need to have at hand (newest build
 * per job and platform, counts, verdicts). Throws BuildExistsError, StorageFullError.
 */
export async function storeBuild(db: PrismaClient, build: SettledBuild): Promise<BuildId> {
  const { facts } = build
  try {
    return await db.$transaction(async (tx) => {
      const job = await tx.job.upsert({ where: { name: facts.job }, create: { name: facts.job }, update: {} })
      const platform = await tx.platform.upsert({
        where: { name: facts.platform },
        create: { name: facts.platform },
        update: {},
      })
      const main = mainBinaryOf(build.artifacts)
      const judged = main && { inputId: inputIdOf(build.artifacts), sha256: main.content.id }
      const verdict = judged ? await judgeBuild(tx, judged) : 'NO_OUTPUT'
      const stored = await insertBuild(tx, build, { jobId: job.id, platformId: platform.id, verdict })
      await noteOnPlatform(tx, stored, verdict)
      if (main)
        await noteOutput(tx, { ...stored, sha256: main.content.id, sizeBytes: main.content.sizeBytes })
      const opamSwitch = build.artifacts.find(({ path }) => path === 'opam-switch')
      const isSuccess = stored.status === 'SUCCEEDED' || stored.mainBinaryId !== null
      const isNewest = (previous: Date | null) => previous === null || previous <= facts.startedAt
      await tx.job.update({
        where: { id: job.id },
        data: {
          ...(isSuccess && isNewest(job.newestSuccessAt) ? { newestSuccessAt: facts.startedAt } : {}),
          ...(build.readme && isNewest(job.readmeAt)
            ? { readmeSha256: build.readme.id, readmeAt: facts.startedAt }
            : {}),
          ...(opamSwitch && isNewest(job.switchAt)
            ? { pendingSwitchSha256: opamSwitch.content.id, switchAt: facts.startedAt }
            : {}),
        },
      })
      return stored.id
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw new BuildExistsError(facts.uuid)
    if (isDatabaseFull(error)) throw new StorageFullError()
    throw error
  }
}

async function insertBuild(
  tx: Prisma.TransactionClient,
  build: SettledBuild,
  place: { jobId: JobId; platformId: PlatformId; verdict: Verdict },
) {
  const { facts, artifacts } = build
  const { id } = await tx.build.create({
    data: {
      uuid: facts.uuid,
      ...place,
      startedAt: facts.startedAt,
      finishedAt: facts.finishedAt,
      receivedAt: build.receivedAt,
      ...resultColumns(facts.result),
      inputId: inputIdOf(artifacts),
      uploaderId: build.user.id,
      scriptSha256: build.script.id,
      scriptSizeBytes: build.script.sizeBytes,
      consoleSha256: build.consoleText.id,
      consoleSizeBytes: build.consoleText.sizeBytes,
      consoleIndexSha256: build.consoleIndex.id,
      consoleLineCount: build.consoleLineCount,
      readmeSha256: build.readme?.id ?? null,
      artifactCount: artifacts.length,
      artifactsSizeBytes: artifacts.reduce((sum, { content }) => sum + content.sizeBytes, 0),
    },
    select: { id: true },
  })
  // The build row is the first to violate the uuid's uniqueness, so no artifact is written for nothing.
  if (artifacts.length > 0) {
    await tx.artifact.createMany({
      data: artifacts.map(({ path, content }) => ({
        buildId: id,
        path,
        sha256: content.id,
        sizeBytes: content.sizeBytes,
        startedAt: facts.startedAt,
      })),
    })
  }
  const main = mainBinaryOf(artifacts)
  const mainBinary =
    main &&
    (await tx.artifact.findUniqueOrThrow({ where: { buildId_path: { buildId: id, path: main.path } } }))
  return tx.build.update({
    where: { id },
    data: { mainBinaryId: mainBinary?.id ?? null, mainBinarySha256: mainBinary?.sha256 ?? null },
    select: {
      id: true,
      jobId: true,
      platformId: true,
      startedAt: true,
      status: true,
      mainBinaryId: true,
    },
  })
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

type StoredBuild = {
  id: BuildId
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  status: string
  mainBinaryId: number | null
}

/** The columns of `JobPlatform` that count builds by their verdict. */
const verdictCounts = {
  REPRODUCED: ['reproducedCount'],
  NOT_REPRODUCIBLE: ['notReproducibleCount'],
  UNCONFIRMED: ['unconfirmedCount'],
  NO_OUTPUT: [],
} as const

async function noteOnPlatform(
  tx: Prisma.TransactionClient,
  build: StoredBuild,
  verdict: Verdict,
): Promise<void> {
  const key = { jobId: build.jobId, platformId: build.platformId }
  const row = await tx.jobPlatform.findUnique({
    where: { jobId_platformId: key },
    select: {
      newestBuild: { select: { id: true, startedAt: true } },
      newestMainBinary: { select: { id: true, startedAt: true } },
    },
  })
  const counts = [
    build.status === 'SUCCEEDED' ? 'succeededCount' : 'failedCount',
    ...verdictCounts[verdict],
  ] as const
  const eachCount = <Change>(change: Change) => Object.fromEntries(counts.map((name) => [name, change]))
  if (!row) {
    await tx.jobPlatform.create({
      data: {
        ...key,
        ...eachCount(1),
        newestBuildId: build.id,
        newestMainBinaryId: build.mainBinaryId === null ? null : build.id,
      },
    })
    return
  }
  // Builds can arrive late: a worker's record that could not be sent for a day is not the newest.
  // Of two that started in the same instant the later row is newer, as in every list.
  const isNewer = (than: { startedAt: Date } | null) => than === null || than.startedAt <= build.startedAt
  await tx.jobPlatform.update({
    where: { jobId_platformId: key },
    data: {
      ...eachCount({ increment: 1 }),
      ...(isNewer(row.newestBuild) ? { newestBuildId: build.id } : {}),
      ...(build.mainBinaryId !== null && isNewer(row.newestMainBinary)
        ? { newestMainBinaryId: build.id }
        : {}),
    },
  })
}

/** Job and platform are upserted, and artifact paths are distinct: only the build's uuid can collide. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}

/** Prisma has no code of its own for this. It wraps the driver's error, but not that of a COMMIT. */
function isDatabaseFull(error: unknown): boolean {
  const isWrapped = error instanceof Prisma.PrismaClientKnownRequestError
  const driverError = isWrapped ? error.meta?.['driverAdapterError'] : error
  const cause = driverError instanceof Error ? driverError.cause : undefined
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'originalCode' in cause &&
    cause.originalCode === 'SQLITE_FULL'
  )
}
