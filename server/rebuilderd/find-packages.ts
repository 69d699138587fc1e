import type { Reader } from '../database/reader.ts'
import type { BuildId } from '../ids.ts'

/** What a client of rebuilderd asks for. */
export type PackageQuery = {
  name?: string
  version?: string
  architecture?: string
  distribution?: string
  release?: string
  component?: string
}

/** A build whose main binary is a package. */
export type PackagedBuild = {
  id: BuildId
  uuid: string
  job: string
  platform: string
  artifactId: number
  path: string
  sha256: string
  verdict: string
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  name: string
  version: string
  architecture: string
  format: 'DEB' | 'FREEBSD'
}

/** Packages that one answer is made of. */
const maxPackages = 1_000

/** Packages have no components here. */
export const component = 'main'

/** `debian-12` is release 12 of debian, as rebuilderd splits it. */
export function splitPlatform(platform: string): { distribution: string; release: string | null } {
  const hyphen = platform.indexOf('-')
  if (hyphen < 0) return { distribution: platform, release: null }
  return { distribution: platform.slice(0, hyphen), release: platform.slice(hyphen + 1) }
}

/** The newest build of each package that fits, the newest first. */
export async function findPackagedBuilds(db: Reader, query: PackageQuery): Promise<PackagedBuild[]> {
  const { name, version, architecture } = query
  const packages = await db.package.findMany({
    where: { problem: null, name, version, architecture },
    take: maxPackages,
    select: { sha256: true, name: true, version: true, architecture: true, format: true },
  })
  const bySha = new Map(packages.map((one) => [one.sha256, one]))
  const builds = await newestBuilds(db, [...bySha.keys()])
  return builds
    .flatMap((build): PackagedBuild[] => {
      const { mainBinaryId, mainBinaryPath: path, mainBinarySha256: sha256, job, platform, ...facts } = build
      const found = sha256 === null ? undefined : bySha.get(sha256)
      if (!found || mainBinaryId === null || path === null || sha256 === null) return []
      const format = found.format === 'FREEBSD' ? 'FREEBSD' : 'DEB'
      return [
        {
          ...{ ...facts, ...found, format, path, sha256 },
          ...{ artifactId: mainBinaryId, job: job.name, platform: platform.name },
        },
      ]
    })
    .filter(({ platform }) => isOf(query, platform))
    .toSorted((left, right) => right.id - left.id)
}

function isOf({ distribution, release, component: part }: PackageQuery, platform: string): boolean {
  const split = splitPlatform(platform)
  return (
    (distribution === undefined || distribution === split.distribution) &&
    (release === undefined || release === split.release) &&
    (part === undefined || part === component)
  )
}

async function newestBuilds(db: Reader, hashes: readonly string[]) {
  const newest = await db.build.groupBy({
    by: ['mainBinarySha256'],
    where: { mainBinarySha256: { in: [...hashes] } },
    _max: { id: true },
  })
  const ids = newest.flatMap(({ _max: { id } }) => id ?? [])
  return db.build.findMany({ where: { id: { in: ids } }, select: selected })
}

const selected = {
  ...{ id: true, uuid: true, startedAt: true, finishedAt: true, receivedAt: true, verdict: true },
  ...{ mainBinaryId: true, mainBinaryPath: true, mainBinarySha256: true },
  job: { select: { name: true } },
  platform: { select: { name: true } },
} as const

/** A build by its number, if its main binary is a package. */
export async function findPackagedBuild(db: Reader, id: number): Promise<PackagedBuild | null> {
  const build = await db.build.findUnique({ where: { id: id as BuildId }, select: selected })
  if (
    !build ||
    build.mainBinaryId === null ||
    build.mainBinaryPath === null ||
    build.mainBinarySha256 === null
  )
    return null
  const found = await db.package.findUnique({
    where: { sha256: build.mainBinarySha256 },
    select: { sha256: true, name: true, version: true, architecture: true, format: true, problem: true },
  })
  if (!found || found.problem !== null) return null
  const { mainBinaryId, mainBinaryPath, mainBinarySha256: _, job, platform, ...facts } = build
  const { problem: _problem, format, ...names } = found
  return {
    ...{ ...facts, ...names, format: format === 'FREEBSD' ? 'FREEBSD' : 'DEB', path: mainBinaryPath },
    ...{ artifactId: mainBinaryId, job: job.name, platform: platform.name },
  }
}
