import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { preload } from '../apollo.ts'
import type { AdvisoriesPageQuery as Loaded } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { rowLink } from '../shell/shortcuts.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { ExportLinks } from '../exports/ExportLinks.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { SeverityWord } from './SeverityWord.tsx'

const AdvisoriesPageQuery = graphql(`
  query AdvisoriesPage {
    advisories {
      id
      summary
      severity
      score
      publishedAt
      withdrawnAt
      isListed
      packageNames
      affectedBuilds {
        job
        uuid
      }
    }
  }
`)

export const loadAdvisoriesPage = async (client: ApolloClient) => ({
  query: await preload(client, AdvisoriesPageQuery, {}),
})

type Advisory = Loaded['advisories'][number]

const columns = [
  { name: 'Issue' },
  { name: 'Severity' },
  { name: 'Package' },
  { name: 'Published' },
  { name: 'Jobs affected now', number: true },
]

/** Known issues of packages, those first that the newest builds of jobs have. */
export function AdvisoriesPage() {
  const { query } = useLoaded<typeof loadAdvisoriesPage>()
  const { advisories } = present(useReadQuery(query).data)
  const affected = advisories.filter(({ affectedBuilds }) => affectedBuilds.length > 0)
  const others = advisories.filter(({ affectedBuilds }) => affectedBuilds.length === 0)
  return (
    <>
      <PageTitle>Known issues · Builder Hub</PageTitle>
      <h1 className="mb-3">Known issues</h1>
      <p className="mb-2 max-w-[45rem]">
        Advisories tell which versions of a package have a fault. This site compares them with the packages in
        its builds, also with those that a unikernel vendors: <Link to={paths.packages}>all packages</Link>.
      </p>
      <p className="mb-6 max-w-[45rem] text-quiet">
        A build with such a version need not be open to attack. A build without one is not proven to be safe:
        nobody has told of an issue yet, or a package is not identified.
      </p>
      {advisories.length === 0 ? (
        <Empty>This site has no advisories: nothing is known, neither good nor bad.</Empty>
      ) : (
        <>
          <AdvisoryTable
            title="In the newest builds"
            advisories={affected}
            none="No newest build is known to have one."
          />
          <AdvisoryTable title="In no newest build" advisories={others} none="None." />
          <p className="mt-8 border-t border-line pt-3 text-small text-quiet">
            <a href="/advisories.atom">Feed of known issues</a>{' '}
            <ExportLinks list="advisories" of="known issues" />
          </p>
        </>
      )}
    </>
  )
}

function AdvisoryTable({
  title,
  advisories,
  none,
}: {
  title: string
  advisories: readonly Advisory[]
  none: string
}) {
  return (
    <section aria-label={title} className="mb-8">
      <h2 className="mb-1">
        {title} <span className="font-normal text-quiet tabular-nums">{advisories.length}</span>
      </h2>
      {advisories.length === 0 ? (
        <Empty>{none}</Empty>
      ) : (
        <Table label={title} columns={columns}>
          {advisories.map((advisory) => (
            <AdvisoryRow key={advisory.id} advisory={advisory} />
          ))}
        </Table>
      )}
    </section>
  )
}

function AdvisoryRow({ advisory }: { advisory: Advisory }) {
  const { id, summary, severity, score, publishedAt, withdrawnAt, isListed, packageNames } = advisory
  const jobs = new Set(advisory.affectedBuilds.map(({ job }) => job))
  return (
    <Row>
      <Cell className="whole-line wide:w-full">
        <Link to={paths.advisory(id)} className="whitespace-nowrap" {...rowLink}>
          {id}
        </Link>{' '}
        <Name>{summary}</Name>
        {withdrawnAt !== null && <span className="text-quiet"> (withdrawn)</span>}
        {!isListed && <span className="text-quiet"> (not in its feed any more)</span>}
      </Cell>
      <Cell>
        <SeverityWord severity={severity} score={score} />
      </Cell>
      <Cell>
        <Name>{packageNames.join(', ')}</Name>
      </Cell>
      <Cell className="whitespace-nowrap text-quiet">
        {publishedAt === null ? '' : <ExactTime at={publishedAt} />}
      </Cell>
      <Cell number className="to-the-end">
        {jobs.size}
      </Cell>
    </Row>
  )
}
