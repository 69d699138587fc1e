import { debugBinaryOf, inputIdOf, inputPaths, mainBinaryOf, opamSwitchOf } from '../builds/artifact-roles.ts'
import type { Reader } from '../database/reader.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId } from '../ids.ts'
import type { ReferenceScope } from '../storage/list-references.ts'
import type { Finding } from './finding.ts'

const buildsPerPage = 500

/** The columns of a build that follow from its artifacts, as an upload derives them. */
export function columnsOfArtifacts(artifacts: readonly RoleArtifact[], { sizeBytes }: Totals) {
  const files = artifacts.map((one) => ({ path: one.path, content: { id: one.sha256, one } }))
  const mainBinary = mainBinaryOf(files)
  return {
    inputId: inputIdOf(files),
    mainBinaryId: mainBinary?.content.one.id ?? null,
    mainBinaryPath: mainBinary?.path ?? null,
    mainBinarySha256: mainBinary?.content.id ?? null,
    mainBinarySizeBytes: mainBinary?.content.one.sizeBytes ?? null,
    opamSwitchSha256: opamSwitchOf(files)?.content.id ?? null,
    debugBinarySha256: debugBinaryOf(files, mainBinary?.path ?? null)?.content.id ?? null,
    artifactsSizeBytes: sizeBytes,
  }
}

/** Number of artifacts of a build, and the sum of their bytes. */
type Totals = { count: number; sizeBytes: bigint }

export async function totalsOf(db: Reader, buildId: BuildId): Promise<Totals> {
  const { _count, _sum } = await db.artifact.aggregate({
    where: { buildId },
    _count: true,
    _sum: { sizeBytes: true },
  })
  return { count: _count, sizeBytes: _sum.sizeBytes ?? 0n }
}

/** The artifacts of some builds on which those columns depend. */
export function roleArtifacts(db: Reader, buildIds: readonly BuildId[]) {
  return db.artifact.findMany({
    where: {
      buildId: { in: [...buildIds] },
      OR: [
        { path: { in: [...inputPaths] } },
        { path: { startsWith: 'bin/' } },
        { path: { endsWith: '.debug' } },
      ],
    },
    orderBy: { id: 'asc' },
    select: { id: true, buildId: true, path: true, sha256: true, sizeBytes: true },
  })
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number' ? String(value) : 'null'

const comparedColumns = {
  ...{ id: true, uuid: true, jobId: true, artifactCount: true, job: { select: { name: true } } },
  ...{ inputId: true, mainBinaryPath: true, mainBinarySha256: true, mainBinarySizeBytes: true },
  ...{ mainBinaryId: true, opamSwitchSha256: true, debugBinarySha256: true, artifactsSizeBytes: true },
} as const

type ComparedBuild = Prisma.BuildGetPayload<{ select: typeof comparedColumns }>
type RoleArtifact = Awaited<ReturnType<typeof roleArtifacts>>[number]

function compare(build: ComparedBuild, totals: Totals, artifacts: readonly RoleArtifact[]): Finding | null {
  const subject = { job: build.job.name, build: build.uuid }
  if (totals.count !== build.artifactCount)
    return {
      kind: 'ARTIFACTS_MISSING',
      subject,
      detail: `it has ${totals.count} artifacts instead of ${build.artifactCount}`,
      repairs: [],
    }
  const stored: Record<string, unknown> = build
  const wrong = Object.entries(columnsOfArtifacts(artifacts, totals)).filter(
    ([name, value]) =>
      stored[name] !== value && !(name === 'debugBinarySha256' && isOldDebug(build, artifacts)),
  )
  if (wrong.length === 0) return null
  return {
    kind: 'BUILD_DIFFERS',
    subject,
    detail: wrong
      .map(([name, value]) => `${name} is ${textOf(stored[name])}, not ${textOf(value)}`)
      .join('; '),
    repairs: [{ act: 'DERIVE_COLUMNS', buildId: build.id, jobId: build.jobId }],
  }
}

/** Whether the build has the first file with symbols, as builds of old releases have (`debugBinaryOf`). */
function isOldDebug({ debugBinarySha256 }: ComparedBuild, artifacts: readonly RoleArtifact[]): boolean {
  return debugBinarySha256 !== null && debugBinarySha256 === debugBinaryOf(artifacts, null)?.sha256
}

/**
 * Reads a build last: its removal deletes it together with its artifacts, so artifacts that were read before are all that it
 * has. Null: it is as it should be, or gone.
 */
async function compareAgain(db: Reader, id: BuildId): Promise<Finding | null> {
  const totals = await totalsOf(db, id)
  const artifacts = await roleArtifacts(db, [id])
  const build = await db.build.findUnique({ where: { id }, select: comparedColumns })
  return build && compare(build, totals, artifacts)
}

const none: Totals = { count: 0, sizeBytes: 0n }

/** Compares columns of builds, the input id above all, with their artifacts. */
export async function* checkBuilds(
  db: Reader,
  { jobId, firstBuildId }: ReferenceScope,
  onProgress: (builds: number) => void,
): AsyncGenerator<Finding, void, void> {
  let after = ((firstBuildId ?? 1) - 1) as BuildId
  let count = 0
  for (;;) {
    const builds = await db.build.findMany({
      where: { id: { gt: after }, ...(jobId === undefined ? {} : { jobId }) },
      orderBy: { id: 'asc' },
      take: buildsPerPage,
      select: comparedColumns,
    })
    const ids = builds.map(({ id }) => id)
    const sums = await db.artifact.groupBy({
      by: ['buildId'],
      where: { buildId: { in: ids } },
      _count: true,
      _sum: { sizeBytes: true },
    })
    const totals = new Map(
      sums.map(({ buildId, _count, _sum }) => [buildId, { count: _count, sizeBytes: _sum.sizeBytes ?? 0n }]),
    )
    const artifacts = groupBy(await roleArtifacts(db, ids), ({ buildId }) => buildId)
    for (const build of builds) {
      const suspicion = compare(build, totals.get(build.id) ?? none, artifacts.get(build.id) ?? [])
      const finding = suspicion && (await compareAgain(db, build.id))
      if (finding) yield finding
    }
    count += builds.length
    onProgress(count)
    const last = builds.at(-1)
    if (!last || builds.length < buildsPerPage) return
    after = last.id
  }
}
