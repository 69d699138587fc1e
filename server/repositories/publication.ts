import { createHash } from 'node:crypto'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import type { BlobStore, Staged } from '../blobs/blob-store.ts'
import { inOnePiece } from '../blobs/in-one-piece.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { architecturesOf } from './apt-index.ts'
import type { Choice } from './choose-packages.ts'
import { makeFiles, pathOf } from './make-files.ts'
import { maxListed, type PublishedDetails } from './published-details.ts'
import type { RepositoryDefinition } from './repositories-file.ts'
import { openPgpFingerprints, rsaFingerprint, type RepositoryKeys } from './repository-keys.ts'

/** A repository as it is to be, with the content of its index files in the blob store. */
export type Publication = {
  name: string
  contentSha256: string
  at: Date
  validUntil: Date | null
  packageCount: number
  details: PublishedDetails
  files: readonly { path: string; sha256: string; sizeBytes: bigint }[]
  /** SHA-256 of each package. */
  packages: readonly string[]
  staged: readonly Staged[]
}

/** A package was removed while the repository was made: it has to be made again. */
export class PackageRemovedError extends Error {
  override readonly name = 'PackageRemovedError'
}

const dayMs = 24 * 3_600_000
/** What is replaced is still given to clients that have read the index before. */
const replacedMs = dayMs

/** What a publication follows from: while it stays, and is valid for long enough, there is nothing to do. */
export function contentHash(definition: RepositoryDefinition, choice: Choice, keys: RepositoryKeys): string {
  const parts = {
    definition,
    fingerprints: fingerprintsOf(definition, keys),
    packages: choice.packages.map(({ sha256 }) => sha256),
    shadowed: choice.shadowed,
    unreadable: choice.unreadable,
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

const fingerprintsOf = ({ kind }: RepositoryDefinition, keys: RepositoryKeys) =>
  kind === 'APT' ? openPgpFingerprints(keys) : keys.rsa.map(rsaFingerprint)

/** Less than half of the time of validity is left. */
export const needsSignature = (
  published: { publishedAt: Date; validUntil: Date | null },
  now: Date,
): boolean =>
  published.validUntil !== null &&
  published.validUntil.getTime() - now.getTime() <
    (published.validUntil.getTime() - published.publishedAt.getTime()) / 2

/** Makes the files of a repository, durable in the blob store. Nothing refers to them yet. */
export async function preparePublication(
  blobs: BlobStore,
  definition: RepositoryDefinition,
  choice: Choice,
  keys: RepositoryKeys,
  at: Date,
): Promise<Publication> {
  const validUntil =
    definition.kind === 'APT' && definition.validDays > 0
      ? new Date(at.getTime() + definition.validDays * dayMs)
      : null
  const indexes = await makeFiles(definition, { packages: choice.packages, keys, at, validUntil })
  const staged: Staged[] = []
  try {
    for (const { content } of indexes) staged.push(await blobs.stage(inOnePiece(content)))
  } catch (error) {
    await blobs.discard(staged)
    throw error
  }
  // A commit that fails discards what was staged.
  await blobs.commit(staged)
  return {
    name: definition.name,
    contentSha256: contentHash(definition, choice, keys),
    at,
    validUntil,
    packageCount: choice.packages.length,
    details: detailsOf(definition, choice, keys),
    files: [
      ...indexes.map(({ path }, index) => {
        const { id, sizeBytes } = staged[index] ?? { id: '', sizeBytes: 0 }
        return { path, sha256: id, sizeBytes: BigInt(sizeBytes) }
      }),
      ...choice.packages.map((one) => ({
        path: pathOf(definition, one),
        sha256: one.sha256,
        sizeBytes: one.sizeBytes,
      })),
    ],
    packages: choice.packages.map(({ sha256 }) => sha256),
    staged,
  }
}

function detailsOf(definition: RepositoryDefinition, choice: Choice, keys: RepositoryKeys): PublishedDetails {
  const isApt = definition.kind === 'APT'
  return {
    fingerprints: fingerprintsOf(definition, keys),
    suite: isApt ? definition.suite : null,
    component: isApt ? definition.component : null,
    architectures: isApt ? architecturesOf(definition, choice.packages) : [definition.abi],
    shadowedCount: choice.shadowed.length,
    shadowed: choice.shadowed.slice(0, maxListed),
    unreadableCount: choice.unreadable.length,
    unreadable: choice.unreadable.slice(0, maxListed),
  }
}

/**
 * Makes a publication the one that clients get, in the caller's transaction: until it is committed they get the one before, and from then
 * on this one. Throws PackageRemovedError, VanishedBlobError.
 */
export async function switchTo(tx: Transaction, blobs: BlobStore, publication: Publication): Promise<void> {
  const { at, contentSha256, details, files, name, packageCount, validUntil } = publication
  await blobs.restore(publication.staged)
  const current = await tx.repositoryFile.findMany({
    where: { repository: name, replacedAt: null },
    select: { id: true, path: true, sha256: true },
  })
  const known = new Set(current.map(keyOf))
  const wanted = new Set(files.map(keyOf))
  const added = files.filter((file) => !known.has(keyOf(file)))
  await checkStored(tx, publication, added)
  const gone = current.filter((file) => !wanted.has(keyOf(file))).map(({ id }) => id)
  for (const slice of slicesOf(gone, parametersPerStatement))
    await tx.repositoryFile.updateMany({ where: { id: { in: slice } }, data: { replacedAt: at } })
  // What was replaced within the last day may come back, at the same place.
  const back = new Set(added.map(keyOf))
  for (const slice of slicesOf(added, parametersPerStatement)) {
    const ids = slice.map(({ sha256 }) => sha256)
    const replaced = await tx.repositoryFile.findMany({
      where: { repository: name, sha256: { in: ids }, replacedAt: { not: null } },
      select: { id: true, path: true, sha256: true },
    })
    const old = replaced.filter((file) => back.has(keyOf(file))).map(({ id }) => id)
    for (const some of slicesOf(old, parametersPerStatement))
      await tx.repositoryFile.deleteMany({ where: { id: { in: some } } })
  }
  // Five parameters each.
  for (const slice of slicesOf(added, parametersPerStatement / 5))
    await tx.repositoryFile.createMany({
      data: slice.map(({ path, sha256, sizeBytes }) => ({
        ...{ repository: name, path, sha256, sizeBytes, publishedAt: at },
      })),
    })
  const facts = { contentSha256, publishedAt: at, validUntil, packageCount, details: JSON.stringify(details) }
  await tx.repository.upsert({ where: { name }, create: { name, ...facts }, update: facts })
}

const keyOf = ({ path, sha256 }: { path: string; sha256: string }) => `${sha256} ${path}`

/** A package that was removed since it was chosen may be deleted by now. */
async function checkStored(
  tx: Transaction,
  { packages }: Publication,
  added: readonly { sha256: string }[],
): Promise<void> {
  const chosen = new Set(packages)
  const ids = added.map(({ sha256 }) => sha256).filter((id) => chosen.has(id))
  for (const slice of slicesOf(ids, parametersPerStatement)) {
    const stored = await tx.artifact.groupBy({ by: ['sha256'], where: { sha256: { in: slice } } })
    if (stored.length < new Set(slice).size)
      throw new PackageRemovedError('a package was removed while the repository was made')
  }
}

/** Forgets, in the caller's transaction, repositories that are no longer wanted, and what was replaced a day ago. */
export async function forgetReplaced(tx: Transaction, names: readonly string[], now: Date): Promise<void> {
  const unwanted = { notIn: [...names] }
  await tx.repository.deleteMany({ where: { name: unwanted } })
  await tx.repositoryFile.updateMany({
    where: { repository: unwanted, replacedAt: null },
    data: { replacedAt: now },
  })
  await tx.repositoryFile.deleteMany({ where: { replacedAt: { lte: new Date(now.getTime() - replacedMs) } } })
  // What packages say goes with the last build that gave them.
  await tx.$executeRaw`DELETE FROM "Package"
    WHERE NOT EXISTS (SELECT 1 FROM "Output" o WHERE o.sha256 = "Package".sha256)
    AND NOT EXISTS (SELECT 1 FROM "RepositoryFile" f WHERE f.sha256 = "Package".sha256)`
}

/** What is published now. */
export const findPublished = (db: Reader, name: string) => db.repository.findUnique({ where: { name } })
