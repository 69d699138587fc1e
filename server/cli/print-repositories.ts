import type { PublishedRepository } from '../repositories/list-repositories.ts'

/** What `hub repositories list` prints. */
export type PrintedRepository = Pick<
  PublishedRepository,
  | ('name' | 'publishedAt' | 'validUntil' | 'packageCount' | 'fingerprints' | 'suite' | 'component')
  | ('architectures' | 'shadowedCount' | 'unreadableCount')
>

/** A repository as JSON has it. */
export function shownRepository(repository: PrintedRepository): PrintedRepository {
  const { name, publishedAt, validUntil, packageCount, fingerprints, suite, component } = repository
  const { architectures, shadowedCount, unreadableCount } = repository
  return {
    ...{ name, publishedAt, validUntil, packageCount, fingerprints, suite, component },
    ...{ architectures, shadowedCount, unreadableCount },
  }
}
