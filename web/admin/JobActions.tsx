import { useQuery } from '@apollo/client/react'
import { Link, useNavigate } from 'react-router'
import { adminPaths, paths } from '../paths.ts'
import { RemoveJobButton } from './JobsPage.tsx'
import { MayChangeQuery } from './may-change.ts'

/** What an administrator can do to a job; nothing for others. */
export default function JobActions({ name }: { name: string }) {
  const navigate = useNavigate()
  const { data } = useQuery(MayChangeQuery, { fetchPolicy: 'no-cache', errorPolicy: 'all' })
  if (!data?.admin?.mayChange) return null
  return (
    <div role="group" aria-label="Administration of this job" className="mt-2 flex flex-wrap gap-1">
      <Link className="control" to={adminPaths.jobsNamed(name)}>
        Hide or move to a section
      </Link>
      <RemoveJobButton name={name} onDone={() => void navigate(paths.home)} />
    </div>
  )
}
