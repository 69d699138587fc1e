import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { BadConfigError, type Config } from '../config.ts'
import type { Writer } from '../database/writer.ts'
import { DomainError } from '../errors.ts'
import { readRepositoriesFile } from './repositories-file.ts'
import { beginKeyRotation, endKeyRotation, type RepositoryKeys } from './repository-keys.ts'
import { requestPublishing } from './request-publishing.ts'

/** There is no file of repositories, or it has a fault. */
export class NoRepositoriesError extends DomainError {
  override readonly name = 'NoRepositoriesError'
}

type Site = { writer: Writer; config: Pick<Config, 'dataDir' | 'repositoriesFile'> }

/** No repository was ever made from that: each is made anew. */
const nothing = '0'.repeat(64)

/** Lets the server read all packages anew, and publish all repositories. Throws NoRepositoriesError. */
export async function rebuildRepositories({ config, writer }: Site, act: Act): Promise<void> {
  checkFile(config)
  await writer.transact(['tasks'], async (tx) => {
    await tx.package.deleteMany()
    await tx.repository.updateMany({ data: { contentSha256: nothing } })
    await requestPublishing(tx, act.at)
    await recordAudit(tx, { ...act, action: 'repository.rebuild' })
  })
}

/**
 * Makes new keys, with which everything is signed beside the old ones; or, with `isFinish`, forgets the old ones. Throws KeyRotationError,
 * NoRepositoriesError.
 */
export async function rotateKeys(
  { config, writer }: Site,
  act: Act,
  isFinish: boolean,
): Promise<RepositoryKeys> {
  checkFile(config)
  const keys = await (isFinish ? endKeyRotation : beginKeyRotation)(config.dataDir, act.at)
  await writer.transact(['tasks'], async (tx) => {
    await requestPublishing(tx, act.at)
    await recordAudit(tx, { ...act, action: 'repository.rotate-key', detail: { isFinish } })
  })
  return keys
}

function checkFile({ repositoriesFile }: Site['config']): void {
  if (repositoriesFile === '')
    throw new NoRepositoriesError('there are no package repositories: name their file by --repositories-file')
  try {
    readRepositoriesFile(repositoriesFile)
  } catch (error) {
    throw error instanceof BadConfigError ? new NoRepositoriesError(error.message) : error
  }
}
