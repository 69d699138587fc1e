import { createHash } from 'node:crypto'
import type { Reader } from '../database/reader.ts'
import { inputPaths, isBuildHashes, isReadme } from '../builds/artifact-roles.ts'
import { compareBytes } from '../compare-bytes.ts'
import type { Subject } from '../formats/signing/statement.ts'

const selected = {
  ...{ id: true, uuid: true, startedAt: true, finishedAt: true, receivedAt: true, inputId: true },
  ...{ mainBinaryPath: true, mainBinarySha256: true, opamSwitchSha256: true },
  ...{ scriptSha256: true, consoleSha256: true, readmeSha256: true, readmePath: true, uploaderId: true },
  job: { select: { name: true } },
  platform: { select: { name: true } },
  uploader: { select: { id: true, createdAt: true } },
  artifacts: { select: { path: true, sha256: true } },
} as const

/** A build as statements see it. */
export type StatedBuild = NonNullable<Awaited<ReturnType<typeof findStatedBuild>>>

/** Null: there is no such build, or it has no main binary, so that nothing is stated. */
export async function findStatedBuild(db: Reader, uuid: string) {
  const build = await db.build.findUnique({ where: { uuid }, select: selected })
  if (!build || build.mainBinaryPath === null || build.mainBinarySha256 === null) return null
  const { mainBinaryPath, mainBinarySha256, uploader, ...facts } = build
  return {
    ...facts,
    main: { path: mainBinaryPath, sha256: mainBinarySha256 },
    builder: builderLabel(uploader),
  }
}

/** A file that a build was made for: not its inputs, and nothing that says how it went. */
export const isOutput = (path: string): boolean =>
  !inputPaths.includes(path) && !isBuildHashes(path) && !isReadme(path)

/** Readers take 1,024 subjects of a statement at most. */
const maxSubjects = 1_000

/** The outputs as subjects of a statement: the main binary first, the others by their paths. */
export const subjectsOf = (build: Pick<StatedBuild, 'artifacts' | 'main'>): Subject[] =>
  outputsOf(build)
    .slice(0, maxSubjects)
    .map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }))

function outputsOf({ artifacts, main }: Pick<StatedBuild, 'artifacts' | 'main'>) {
  const others = artifacts
    .filter(({ path }) => isOutput(path) && path !== main.path)
    .toSorted((left, right) => compareBytes(left.path, right.path))
  return [main, ...others]
}

/** Names who sent a build, without saying who it is. It stays the same for each user. */
export const builderLabel = (uploader: { id: number; createdAt: Date } | null): string =>
  uploader === null
    ? 'unknown'
    : `u-${createHash('sha256').update(`${uploader.id} ${uploader.createdAt.toISOString()}`).digest('hex').slice(0, 8)}`
