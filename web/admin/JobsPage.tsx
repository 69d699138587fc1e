import type { ApolloClient } from '@apollo/client'
import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { Form, Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { TextField } from '../ui/TextField.tsx'
import { ActButton, ConfirmButton, textOf } from './ActButton.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminJobsQuery = graphql(`
  query AdminJobs($filter: AdministeredJobFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      jobs(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          name
          section
          chosenSection
          isHidden
          builds(first: 0) {
            totalCount
          }
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

const JobRemovalQuery = graphql(`
  query JobRemoval($name: String!) {
    admin {
      jobRemoval(name: $name) {
        buildCount
        pinnedCount
        bytes
      }
    }
  }
`)

const UpdateJobMutation = graphql(`
  mutation UpdateJob($name: String!, $section: String, $isHidden: Boolean) {
    updateJob(name: $name, section: $section, isHidden: $isHidden) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RemoveJobMutation = graphql(`
  mutation RemoveJob($name: String!, $confirmation: String!) {
    removeJob(name: $name, confirmation: $confirmation) {
      __typename
      ... on Refusal {
        message
      }
      ... on RemoveJobSuccess {
        leftCount
      }
    }
  }
`)

const shownFilter = {
  parameter: 'shown',
  label: 'Show',
  options: [
    { value: 'listed', label: 'listed jobs' },
    { value: 'hidden', label: 'hidden jobs' },
  ],
}

export const loadJobsPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  const shown = search.get('shown')
  const filter = {
    search: search.get('name'),
    isHidden: shown === 'hidden' ? true : shown === 'listed' ? false : null,
  }
  return loadAdmin(client, AdminJobsQuery, { filter, ...readPage(search, 50) })
}

const columns = [
  { name: 'Job' },
  { name: 'Section' },
  { name: 'Builds', number: true },
  { name: 'Actions', hidden: true },
]

/** All jobs, hidden ones, too: where lists show them, and their removal. */
export function JobsPage() {
  const loaded = useLoaded<typeof loadJobsPage>()
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  return (
    <AdminFrame
      title="Jobs"
      command="hub job update NAME --section TEXT --hide · hub job remove NAME"
      loaded={loaded}
    >
      {({ jobs, mayChange }) => (
        <>
          <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            <Form
              className="flex items-center gap-2 text-small"
              onSubmit={(event) => {
                event.preventDefault()
                const name = textOf(new FormData(event.currentTarget), 'name')
                changeSearch((now) => {
                  if (name) now.set('name', name)
                  else now.delete('name')
                  now.delete('after')
                  now.delete('before')
                }, 'push')
              }}
            >
              <label htmlFor="job-name" className="text-quiet">
                Name
              </label>
              <input
                // Another address replaces the text of this field.
                key={search.get('name')}
                id="job-name"
                name="name"
                type="search"
                defaultValue={search.get('name') ?? ''}
                className="h-8 w-44 rounded-md border border-line-strong bg-surface px-2"
              />
            </Form>
            <BuildFilters filters={[shownFilter]} />
            <span className="text-small text-quiet tabular-nums">
              {jobs.totalCount.toLocaleString('en-US')} {jobs.totalCount === 1 ? 'job' : 'jobs'}
            </span>
          </div>
          {jobs.nodes.length === 0 ? (
            <Empty>{search.size > 0 ? 'No job is like this.' : 'No build has arrived yet.'}</Empty>
          ) : (
            <Table label="Jobs" columns={columns}>
              {jobs.nodes.map((job) => (
                <Row key={job.id}>
                  <Cell className="name whole-line">
                    <Link to={paths.job(job.name)}>
                      <Name>{job.name}</Name>
                    </Link>
                    {job.isHidden && <span className="text-quiet"> hidden</span>}
                  </Cell>
                  <Cell className="wrap-anywhere wide:w-full">
                    {job.section ?? <span className="text-quiet">none</span>}
                    {job.chosenSection !== null && <span className="text-quiet"> (chosen)</span>}
                  </Cell>
                  <Cell number>
                    {job.builds.totalCount.toLocaleString('en-US')}
                    <span className="wide:hidden"> {job.builds.totalCount === 1 ? 'build' : 'builds'}</span>
                  </Cell>
                  <Cell className="whole-line">
                    {mayChange && (
                      <span className="flex items-start gap-1 py-1">
                        <ActButton
                          label={job.isHidden ? 'Show' : 'Hide'}
                          of={job.name}
                          mutation={UpdateJobMutation}
                          variables={{ name: job.name, isHidden: !job.isHidden }}
                        />
                        <ConfirmButton
                          label="Set section"
                          of={`of ${job.name}`}
                          title={`Section of ${job.name}`}
                          mutation={UpdateJobMutation}
                          variables={(form) => ({ name: job.name, section: textOf(form, 'section') })}
                        >
                          <TextField
                            name="section"
                            label="Heading in lists of jobs"
                            defaultValue={job.chosenSection ?? ''}
                            hint="Empty: the one that its builds name."
                          />
                        </ConfirmButton>
                        <RemoveJobButton name={job.name} />
                      </span>
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          )}
          <Pager pageInfo={jobs.pageInfo} label="Pages of jobs" backward="Previous" forward="Next" />
        </>
      )}
    </AdminFrame>
  )
}

export function RemoveJobButton({ name, onDone }: { name: string; onDone?: () => void }) {
  const [leftCount, setLeftCount] = useState(0)
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <ConfirmButton
        label="Remove"
        of={name}
        title={`Remove ${name}?`}
        mutation={RemoveJobMutation}
        variables={() => ({ name, confirmation: name })}
        name={name}
        onDone={(outcome) => {
          const left = leftOf(outcome)
          setLeftCount(left)
          if (left === 0) onDone?.()
        }}
      >
        <JobRemoval name={name} />
      </ConfirmButton>
      {leftCount > 0 && (
        <span role="status" className="text-small text-warn">
          {leftWords(leftCount)}
        </span>
      )}
    </span>
  )
}

/** The removal stops after some seconds: how many builds of the job it has left. */
const leftOf = ({ leftCount }: Record<string, unknown>) => (typeof leftCount === 'number' ? leftCount : 0)

const leftWords = (count: number) =>
  `${count.toLocaleString('en-US')} ${count === 1 ? 'build is' : 'builds are'} left: remove again`

function JobRemoval({ name }: { name: string }) {
  const { data, error } = useQuery(JobRemovalQuery, { variables: { name }, fetchPolicy: 'no-cache' })
  if (error) return <p className="text-bad">{error.message}</p>
  if (!data) return <p className="text-quiet">Counting …</p>
  const { buildCount, pinnedCount, bytes } = present(data.admin).jobRemoval
  return (
    <>
      <p>
        {buildCount.toLocaleString('en-US')} {buildCount === 1 ? 'build' : 'builds'} with{' '}
        <ByteSize bytes={bytes} /> are removed for good. Content that other builds have, too, stays.
      </p>
      {pinnedCount > 0 && (
        <p className="text-bad">Pinned builds: {pinnedCount}. Unpin them first, or nothing is removed.</p>
      )}
    </>
  )
}
