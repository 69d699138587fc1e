import type { Reader } from '../database/reader.ts'

/** `isFinal`: the address has the hash of the content, which therefore never changes. */
export type RepositoryFileFacts = { sha256: string; sizeBytes: bigint; publishedAt: Date; isFinal: boolean }

const byHash = /^(.*\/)by-hash\/SHA256\/([0-9a-f]{64})$/
const columns = { sha256: true, sizeBytes: true, publishedAt: true } as const

/**
 * The file at a path of a repository as it is now; null: there is none. By its hash, and in the pool, a file is also found when it was replaced
 * within the last day: a client may have read the index that names it.
 */
export async function findRepositoryFile(
  db: Reader,
  repository: string,
  path: string,
): Promise<RepositoryFileFacts | null> {
  const [, folder, sha256] = byHash.exec(path) ?? []
  if (folder !== undefined && sha256 !== undefined) {
    const paths = ['', '.gz', '.xz'].map((extension) => `${folder}Packages${extension}`)
    const file = await db.repositoryFile.findFirst({
      where: { repository, path: { in: paths }, sha256 },
      select: columns,
    })
    return file && { ...file, isFinal: true }
  }
  const isFinal = path.startsWith('pool/') || path.startsWith('All/Hashed/')
  const file = await db.repositoryFile.findFirst({
    where: { repository, path, ...(isFinal ? {} : { replacedAt: null }) },
    orderBy: { id: 'desc' },
    select: columns,
  })
  return file && { ...file, isFinal }
}
