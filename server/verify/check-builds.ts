import { inputIdOf, inputPaths, mainBinaryOf, opamSwitchOf } from '../builds/artifact-roles.ts'
import type { Reader } from '../database/reader.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId } from '../ids.ts'
import type { ReferenceScope } from '../storage/list-references.ts'
import type { Finding } from './finding.ts'

const buildsPerPage = 500

/** The columns of a build that follow from its artifacts, as an upload derives them. */
export function columnsOfArtifacts(
  artifacts: readonly { path: string; sha256: string; sizeBytes: bigint }[],
) {
  const files = artifacts.map((one) => ({ path: one.path, content: { id: one.sha256, one } }))
  const mainBinary = mainBinaryOf(files)
  return {
    inputId: inputIdOf(files),
    mainBinaryPath: mainBinary?.path ?? null,
    mainBinarySha256: mainBinary?.content.id ?? null,
    mainBinarySizeBytes: mainBinary?.content.one.sizeBytes ?? null,
    opamSwitchSha256: opamSwitchOf(files)?.content.id ?? null,
  }
}

/** The artifacts of some builds on which those columns depend. */
export function roleArtifacts(db: Reader, buildIds: readonly BuildId[]) {
  return db.artifact.findMany({
    where: {
      buildId: { in: [...buildIds] },
      OR: [{ path: { in: [...inputPaths] } }, { path: { startsWith: 'bin/' } }],
    },
    orderBy: { id: 'asc' },
    select: { buildId: true, path: true, sha256: true, sizeBytes: true },
  })
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'bigint' ? String(value) : 'null'

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
      select: {
        ...{ id: true, uuid: true, jobId: true, artifactCount: true, job: { select: { name: true } } },
        ...{ inputId: true, mainBinaryPath: true, mainBinarySha256: true, mainBinarySizeBytes: true },
        opamSwitchSha256: true,
      },
    })
    const ids = builds.map(({ id }) => id)
    const counts = new Map(
      (await db.artifact.groupBy({ by: ['buildId'], where: { buildId: { in: ids } }, _count: true })).map(
        ({ buildId, _count }) => [buildId, _count],
      ),
    )
    const artifacts = groupBy(await roleArtifacts(db, ids), ({ buildId }) => buildId)
    for (const build of builds) {
      const subject = { job: build.job.name, build: build.uuid }
      const found = counts.get(build.id) ?? 0
      if (found !== build.artifactCount) {
        // Its removal deletes the build in the same transaction.
        if (await db.build.findUnique({ where: { id: build.id }, select: { id: true } }))
          yield {
            kind: 'ARTIFACTS_MISSING',
            subject,
            detail: `it has ${found} artifacts instead of ${build.artifactCount}`,
            repairs: [],
          }
        continue
      }
      const columns = Object.entries(columnsOfArtifacts(artifacts.get(build.id) ?? []))
      const stored: Record<string, unknown> = build
      const wrong = columns.filter(([name, value]) => stored[name] !== value)
      if (wrong.length > 0)
        yield {
          kind: 'BUILD_DIFFERS',
          subject,
          detail: wrong
            .map(([name, value]) => `${name} is ${textOf(stored[name])}, not ${textOf(value)}`)
            .join('; '),
          repairs: [{ act: 'DERIVE_COLUMNS', buildId: build.id, jobId: build.jobId }],
        }
    }
    count += builds.length
    onProgress(count)
    const last = builds.at(-1)
    if (!last || builds.length < buildsPerPage) return
    after = last.id
  }
}
