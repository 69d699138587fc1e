import type { Reader } from '../database/reader.ts'
import type { BuildId } from '../ids.ts'
import { buildPath } from '../paths.ts'
import { findContents, type BuildIssue } from './find-contents.ts'

/** The known issues of a build with what the operator says of them, for documents about them. */
export type BuildVex = {
  /** Of the page of the build. */
  url: string
  /** Of the site. */
  site: string
  mainBinarySha256: string | null
  issues: readonly BuildIssue[]
  /** When the newest of it was said; before anything was said, the end of the build. */
  statedAt: Date
}

/** `site`: its address, without a slash at the end. */
export async function findVex(db: Reader, buildId: BuildId, site: string): Promise<BuildVex> {
  const build = await db.build.findUniqueOrThrow({
    where: { id: buildId },
    select: { uuid: true, finishedAt: true, mainBinarySha256: true, job: { select: { name: true } } },
  })
  const issues = (await findContents(db, [buildId])).get(buildId)?.issues ?? []
  const times = issues.flatMap(({ vex }) => (vex ? [Number(vex.statedAt)] : []))
  return {
    ...{ url: site + buildPath(build.job.name, build.uuid), site, issues },
    mainBinarySha256: build.mainBinarySha256,
    statedAt: new Date(Math.max(Number(build.finishedAt), ...times)),
  }
}
