import { useQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { readFragment } from '../gql/fragment-masking.ts'
import { graphql } from '../gql/index.ts'
import { adminPaths } from '../paths.ts'
import { HookRunRow, HookRunTable } from './HookRunTable.tsx'

const BuildHookRunsQuery = graphql(`
  query BuildHookRuns($uuid: UUID!) {
    admin {
      hookRuns(filter: { build: $uuid }, first: 20) {
        nodes {
          ...HookRunRow
        }
        totalCount
      }
    }
  }
`)

/** The runs of hooks for a build, for administrators; nothing for others, and without runs. */
export default function BuildHookRuns({ uuid }: { uuid: string }) {
  const { data } = useQuery(BuildHookRunsQuery, {
    ...{ variables: { uuid }, fetchPolicy: 'no-cache', errorPolicy: 'all' },
  })
  const runs = data?.admin?.hookRuns
  if (!runs || runs.totalCount === 0) return null
  return (
    <section aria-labelledby="hooks" className="mt-8">
      <h2 id="hooks" className="mb-2 scroll-mt-4">
        Hooks
      </h2>
      <HookRunTable runs={readFragment(HookRunRow, runs.nodes)} isOfBuild />
      {runs.totalCount > runs.nodes.length && (
        <p className="mt-2">
          <Link to={adminPaths.hookRunsOfBuild(uuid)}>All {runs.totalCount} runs</Link>
        </p>
      )}
    </section>
  )
}
