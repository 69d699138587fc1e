import { graphql } from '../../generated/operations/gql.ts'
import type { RepositoryOfCommandFragment } from '../../generated/operations/graphql.ts'
import type { PrintedRepository } from '../print-repositories.ts'
import type { ShownRepository } from '../print-repository.ts'
import { mostPerPage } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

export const repositoryFragment = graphql(`
  fragment RepositoryOfCommand on PackageRepository {
    name
    publishedAt
    validUntil
    packageCount
    fingerprints
    suite
    component
    architectures
    shadowedCount
    unreadableCount
  }
`)

const listDocument = graphql(`
  query CommandRepositories {
    repositories {
      ...RepositoryOfCommand
    }
  }
`)

const showDocument = graphql(`
  query CommandRepository {
    repositories {
      ...RepositoryOfCommand
      shadowed {
        name
        version
        architecture
        sha256
        by
      }
      unreadable {
        jobName
        sha256
        problem
      }
      setup {
        title
        text
      }
    }
  }
`)

const packagesDocument = graphql(`
  query CommandRepositoryPackages($repository: String!, $limit: Int!, $offset: Int!) {
    repositoryPackages(repository: $repository, limit: $limit, offset: $offset) {
      name
      version
      architecture
      path
      sha256
      sizeBytes
      publishedAt
    }
  }
`)

const rebuildDocument = graphql(`
  mutation CommandRebuildRepositories {
    rebuildRepositories {
      ... on RebuildRepositoriesSuccess {
        isQueued
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** The repositories of a site, by name. */
export async function listRepositoriesAt(site: RemoteSite): Promise<PrintedRepository[]> {
  return (await site.ask(listDocument, {})).repositories.map(toRepository)
}

const toRepository = <Found extends RepositoryOfCommandFragment>(found: Found) => ({
  ...found,
  ...{ publishedAt: toDate(found.publishedAt), validUntil: toDateOrNull(found.validUntil) },
})

/** Null: there is none of this name. */
export async function showRepositoryAt(site: RemoteSite, name: string): Promise<ShownRepository | null> {
  const { repositories } = await site.ask(showDocument, {})
  const found = repositories.find((one) => one.name === name)
  if (!found) return null
  return {
    ...toRepository(found),
    unreadable: found.unreadable.map(({ jobName, ...own }) => ({ ...own, job: jobName })),
    packages: await listPackagesOf(site, name),
  }
}

async function listPackagesOf(site: RemoteSite, repository: string): Promise<ShownRepository['packages']> {
  const packages: ShownRepository['packages'] = []
  for (;;) {
    const page = { limit: mostPerPage, offset: packages.length }
    const { repositoryPackages } = await site.ask(packagesDocument, { repository, ...page })
    const found = repositoryPackages ?? []
    packages.push(...found.map((one) => ({ ...one, publishedAt: toDate(one.publishedAt) })))
    if (found.length < mostPerPage) return packages
  }
}

export async function rebuildRepositoriesAt(site: RemoteSite): Promise<void> {
  await site.act(rebuildDocument, {})
}
