import { graphql } from '../../generated/operations/gql.ts'
import { UnknownPlaceError } from '../../retention/places.ts'
import type { RemoteSite } from './remote-site.ts'

const updateDocument = graphql(`
  mutation CommandUpdateJob($name: String!, $section: String, $isHidden: Boolean) {
    updateJob(name: $name, section: $section, isHidden: $isHidden) {
      ... on UpdateJobSuccess {
        name
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removalDocument = graphql(`
  query CommandJobRemoval($name: String!) {
    job(name: $name) {
      name
    }
    admin {
      jobRemoval(name: $name) {
        buildCount
        pinnedCount
      }
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveJob($name: String!) {
    removeJob(name: $name, confirmation: $name) {
      ... on RemoveJobSuccess {
        leftCount
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const leftDocument = graphql(`
  query CommandBuildsOfJob($name: String!, $first: Int!) {
    job(name: $name) {
      builds(first: $first) {
        nodes {
          uuid
        }
      }
    }
  }
`)

/** `section` empty: the one that its builds name. */
export async function updateJobAt(
  site: RemoteSite,
  name: string,
  change: { section?: string; isHidden?: boolean },
): Promise<void> {
  await site.act(updateDocument, { name, ...change })
}

/** How many builds the removal of a job takes away, and how many of them are pinned; null: there is no such job. */
export async function measureJobAt(
  site: RemoteSite,
  name: string,
): Promise<{ buildCount: number; pinnedCount: number } | null> {
  const { admin, job } = await site.ask(removalDocument, { name })
  return job && admin ? admin.jobRemoval : null
}

/** Says that there is no such job. */
export const noJob = (name: string) => new UnknownPlaceError(`there is no job ${JSON.stringify(name)}`)

/**
 * Removes a job with its builds. The site stops after 20 seconds: then it is asked again, unless nothing
 * was removed meanwhile. Yields how many builds are left.
 */
export async function* removeJobAt(site: RemoteSite, name: string): AsyncGenerator<number, void, void> {
  let before = Number.POSITIVE_INFINITY
  for (;;) {
    const { leftCount } = await site.act(removeDocument, { name })
    yield leftCount
    if (leftCount === 0 || leftCount >= before) return
    before = leftCount
  }
}

/** UUIDs of the newest builds of a job, at most `count`, which is 100 at most. */
export async function buildsOfJobAt(site: RemoteSite, name: string, count: number): Promise<string[]> {
  const { job } = await site.ask(leftDocument, { name, first: count })
  return (job?.builds?.nodes ?? []).map(({ uuid }) => uuid)
}
