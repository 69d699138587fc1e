import type { VexJustification, VexStatus } from '../../advisories/vex.ts'
import { graphql } from '../../generated/operations/gql.ts'
import { FeedError } from '../../advisories/read-feed.ts'
import type { PrintedAdvisory, ShownAdvisory } from '../print-advisories.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

const listDocument = graphql(`
  query CommandAdvisories {
    advisories {
      id
      summary
      severity
      score
      publishedAt
      modifiedAt
      withdrawnAt
      isListed
      packageNames
      affectedBuilds {
        job
        platform
        uuid
        startedAt
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandAdvisory($id: String!) {
    advisory(id: $id) {
      advisory {
        id
        summary
        severity
        score
      }
      packages {
        name
        versions
      }
      places {
        job
        platform
        buildCount
        lastBuild
        fixedBuild
      }
      details
    }
  }
`)

const setVexDocument = graphql(`
  mutation CommandSetVex(
    $advisory: String!
    $jobs: String!
    $status: VexStatus!
    $justification: VexJustification
    $note: String
  ) {
    setVex(advisory: $advisory, jobs: $jobs, status: $status, justification: $justification, note: $note) {
      ... on SetVexSuccess {
        advisory
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listAdvisories`. */
export async function listAdvisoriesAt(site: RemoteSite): Promise<PrintedAdvisory[]> {
  const { advisories } = await site.ask(listDocument, {})
  return advisories.map(({ publishedAt, modifiedAt, withdrawnAt, affectedBuilds, ...own }) => ({
    ...{ ...own, publishedAt: toDateOrNull(publishedAt), modifiedAt: toDate(modifiedAt) },
    withdrawnAt: toDateOrNull(withdrawnAt),
    affected: affectedBuilds.map(({ startedAt, ...build }) => ({ ...build, startedAt: toDate(startedAt) })),
  }))
}

/** Says that there is no such advisory. */
export const noAdvisory = (id: string) =>
  new FeedError(`there is no advisory ${id}: "hub advisories list" prints all`)

/** Throws FeedError. */
export async function showAdvisoryAt(site: RemoteSite, id: string): Promise<ShownAdvisory> {
  const { advisory: found } = await site.ask(showDocument, { id })
  if (!found) throw noAdvisory(id)
  const { advisory, details, packages, places } = found
  return {
    ...{ ...advisory, details, affected: packages },
    places: places.map(({ lastBuild, fixedBuild, ...own }) => ({
      ...{ ...own, lastUuid: lastBuild, fixedUuid: fixedBuild },
    })),
  }
}

export async function setVexAt(
  site: RemoteSite,
  asked: {
    advisory: string
    jobs: string
    status: VexStatus
    justification: VexJustification | null
    note: string | null
  },
): Promise<void> {
  await site.act(setVexDocument, asked)
}
