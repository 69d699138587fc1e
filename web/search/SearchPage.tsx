import type { ApolloClient } from '@apollo/client'
import { type LoaderFunctionArgs, redirect } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { paths } from '../paths.ts'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { ArtifactResults, ArtifactSearchQuery } from './ArtifactResults.tsx'
import { JobResults, JobSearchQuery } from './JobResults.tsx'
import { parseSearchTerm } from './term.ts'

const FindBuildQuery = graphql(`
  query FindBuild($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      uuid
      job {
        id
        name
      }
    }
    removedBuild(uuid: $uuid) {
      uuid
      jobName
    }
  }
`)

/** A UUID that is known leads straight to its build, or to what is left of it. */
export async function loadSearchPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const term = parseSearchTerm(search.get('q') ?? '')
  switch (term.kind) {
    case 'nothing':
      return term
    case 'text': {
      const variables = { text: term.text, ...readPage(search, 50) }
      return { ...term, query: await preload(client, JobSearchQuery, variables) }
    }
    case 'sha256': {
      const variables = { sha256: term.sha256, ...readPage(search, 50) }
      return { ...term, query: await preload(client, ArtifactSearchQuery, variables) }
    }
    case 'uuid': {
      const { data } = await client.query({
        query: FindBuildQuery,
        variables: term,
        fetchPolicy: 'network-only',
      })
      if (data?.build) return redirect(paths.build(data.build.job.name, data.build.uuid))
      if (data?.removedBuild) return redirect(paths.build(data.removedBuild.jobName, data.removedBuild.uuid))
      return term
    }
  }
}

export function SearchPage() {
  const found = useLoaded<typeof loadSearchPage>()
  return (
    <>
      <PageTitle>Search · Builder Hub</PageTitle>
      <Found found={found} />
    </>
  )
}

function Found({ found }: { found: ReturnType<typeof useLoaded<typeof loadSearchPage>> }) {
  switch (found.kind) {
    case 'nothing':
      return (
        <Notice title="Search">
          <p>Type one of these into the search box above:</p>
          <ul className="list-disc space-y-1 pl-5">
            <li>a part of the name or synopsis of a job,</li>
            <li>the SHA-256 of a file, to find the builds that produced it,</li>
            <li>the UUID of a build.</li>
          </ul>
        </Notice>
      )
    case 'uuid':
      return (
        <Notice title="No such build">
          <p>
            No build has the UUID <code>{found.uuid}</code>.
          </p>
        </Notice>
      )
    case 'text':
      return <JobResults text={found.text} query={found.query} />
    case 'sha256':
      return <ArtifactResults sha256={found.sha256} query={found.query} />
  }
}
