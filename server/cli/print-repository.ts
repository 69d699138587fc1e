import type { PublishedPackage, PublishedRepository } from '../repositories/list-repositories.ts'
import type { SetupStep } from '../repositories/setup-steps.ts'
import { jsonText } from './json-text.ts'
import { shownRepository, type PrintedRepository } from './print-repositories.ts'

/** What `hub repositories show` prints. */
export type ShownRepository = PrintedRepository &
  Pick<PublishedRepository, 'shadowed' | 'unreadable'> & {
    setup: SetupStep[]
    packages: (Omit<PublishedPackage, 'sizeBytes'> & { sizeBytes: number })[]
  }

/** A repository with its packages as JSON. */
export function repositoryJson(repository: ShownRepository): string {
  const { packages, setup, shadowed, unreadable } = repository
  return jsonText({
    ...shownRepository(repository),
    ...{ shadowed: shadowed.map(shownShadowed), unreadable: unreadable.map(shownUnreadable) },
    setup: setup.map(({ title, text }) => ({ title, text })),
    packages: packages.map(shownPackage),
  })
}

const shownPackage = (one: ShownRepository['packages'][number]) => {
  const { name, version, architecture, path, sha256, sizeBytes, publishedAt } = one
  return { name, version, architecture, path, sha256, sizeBytes, publishedAt }
}

const shownShadowed = ({ name, version, architecture, sha256, by }: ShownRepository['shadowed'][number]) => ({
  ...{ name, version, architecture, sha256, by },
})

const shownUnreadable = ({ job, sha256, problem }: ShownRepository['unreadable'][number]) => ({
  ...{ job, sha256, problem },
})

/** How a machine is told of a repository, its keys, its packages, and what is not published. */
export function describeRepository(repository: ShownRepository): string {
  const { fingerprints, packages, setup, shadowed, unreadable } = repository
  const lines = [
    ...setup.map(({ title, text }) => `# ${title}\n${text}\n`),
    ...fingerprints.map((fingerprint) => `key ${fingerprint}`),
    ...packages.map((one) => `${one.name} ${one.version} ${one.architecture} ${one.path}`),
    ...shadowed.map(
      (one) =>
        `not published: ${one.name} ${one.version} ${one.architecture} ${one.sha256}, for ${one.by} has the same version`,
    ),
    ...unreadable.map((one) => `not published: ${one.sha256} of ${one.job}: ${one.problem}`),
  ]
  return `${lines.join('\n')}\n`
}
