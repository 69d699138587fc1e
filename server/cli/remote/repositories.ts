import { graphql } from '../../generated/operations/gql.ts'
import type { PrintedRepository } from '../print-repositories.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

const listDocument = graphql(`
  query CommandRepositories {
    repositories {
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
  const { repositories } = await site.ask(listDocument, {})
  return repositories.map(({ publishedAt, validUntil, ...own }) => ({
    ...{ ...own, publishedAt: toDate(publishedAt), validUntil: toDateOrNull(validUntil) },
  }))
}

export async function rebuildRepositoriesAt(site: RemoteSite): Promise<void> {
  await site.act(rebuildDocument, {})
}
