import { useSuspenseQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { DependencyPicture } from './DependencyPicture.tsx'

const BuildDependenciesQuery = graphql(`
  query BuildDependencies($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      job {
        id
        name
      }
      platform {
        id
        name
      }
      dependencies {
        graph {
          names
          versions
          sourceUrls
          isDescribed
          from
          to
          parents
          dominators
          dependencyCounts
          dependantCounts
        }
      }
    }
  }
`)

/** The picture of a build whose dependencies are analysed. `isAlone`: on the page of its own. */
export default function DependenciesOfBuild({ uuid, isAlone }: { uuid: string; isAlone: boolean }) {
  const { build } = useSuspenseQuery(BuildDependenciesQuery, { variables: { uuid } }).data
  if (!build?.dependencies)
    return <p className="text-quiet">The stored result is missing: it is computed again.</p>
  const job = build.job.name
  return (
    <DependencyPicture
      columns={build.dependencies.graph}
      job={job}
      platform={build.platform.name}
      pageHref={isAlone ? undefined : paths.dependencies(job, uuid)}
    />
  )
}
