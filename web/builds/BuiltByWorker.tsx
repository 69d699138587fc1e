import { useQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { Name } from '../ui/Name.tsx'

const RunOfBuildQuery = graphql(`
  query RunOfBuild($uuid: UUID!) {
    run(uuid: $uuid) {
      uuid
      tries {
        uuid
        workerName
      }
    }
  }
`)

/** Of a build that no user has uploaded: the worker that built it for this site, and its run, while the run is remembered. */
export function BuiltByWorker({ uuid }: { uuid: string }) {
  const { data, loading } = useQuery(RunOfBuildQuery, { variables: { uuid } })
  const run = data?.run
  const worker = run?.tries.find((one) => one.uuid === uuid)?.workerName
  if (loading) return null
  if (!run || worker === undefined)
    return <span className="text-quiet"> by a user who is not known here</span>
  return (
    <span>
      {' by the worker '}
      <Link to={paths.runsOfWorker(worker)}>
        <Name>{worker}</Name>
      </Link>
      {', in '}
      <Link to={paths.run(run.uuid)}>this run</Link>
    </span>
  )
}
