import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { PageTitle } from '../ui/PageTitle.tsx'
import { formatUtc } from '../ui/time.ts'
import { Name } from '../ui/Name.tsx'
import { visibleName } from '../ui/visible-text.ts'

const VizHeaderFragment = graphql(`
  fragment VizHeader on Build {
    id
    uuid
    startedAt
    job {
      id
      name
    }
    platform {
      id
      name
    }
  }
`)

/**
 * Head of a picture on a page of its own: whose picture it is, with the way to its build. `what`, e.g. "Dependencies",
 * names it for tabs.
 */
export function VizHeader(props: { build: FragmentType<typeof VizHeaderFragment>; what: string }) {
  const { uuid, startedAt, job, platform } = readFragment(VizHeaderFragment, props.build)
  return (
    <header className="mb-2 flex flex-wrap items-baseline gap-x-3">
      <PageTitle>{`${props.what} of ${visibleName(job.name)} on ${visibleName(platform.name)}, ${formatUtc(startedAt)} · Builder Hub`}</PageTitle>
      <h1 className="wrap-anywhere">
        <Name>{job.name}</Name>{' '}
        <span className="font-normal text-quiet">
          on <Name>{platform.name}</Name>
        </span>
      </h1>
      <Link to={paths.build(job.name, uuid)} className="text-small">
        build of {formatUtc(startedAt)}
      </Link>
    </header>
  )
}
