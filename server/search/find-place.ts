import { findContentsByPrefix } from '../contents/find-content.ts'
import type { Reader } from '../database/reader.ts'
import { buildPath, hashPath } from '../paths.ts'
import type { SearchTerm } from './read-term.ts'

/** Hashes of files of builds that begin with the digits of a term. */
export async function findContentsOfTerm(db: Reader, { digits }: SearchTerm): Promise<string[]> {
  return digits === null ? [] : findContentsByPrefix(db, digits)
}

/**
 * The page that a term names: that of a SHA-256, which need not be known; of a build by its UUID, or of what is left of it; of the
 * only content with these first digits. Null: it names none, or more than one.
 */
export async function findPlaceOfTerm(db: Reader, term: SearchTerm): Promise<string | null> {
  const { sha256, uuid, digits } = term
  if (sha256 !== null) return hashPath(sha256)
  if (uuid !== null) {
    const build = await db.build.findUnique({
      where: { uuid },
      select: { uuid: true, job: { select: { name: true } } },
    })
    if (build) return buildPath(build.job.name, build.uuid)
    const removed = await db.tombstone.findUnique({ where: { uuid }, select: { uuid: true, job: true } })
    return removed && buildPath(removed.job, removed.uuid)
  }
  // A text without any digit may be a word.
  if (digits === null || !/\d/.test(digits)) return null
  const [only, another] = await findContentsOfTerm(db, term)
  return only !== undefined && another === undefined ? hashPath(only) : null
}
