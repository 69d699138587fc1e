import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import type { ReactNode } from 'react'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import type { AdvisoryPageQuery as Loaded } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { present } from '../present.ts'
import { NotFound } from '../shell/NotFound.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { SeverityWord } from './SeverityWord.tsx'

const AdvisoryPageQuery = graphql(`
  query AdvisoryPage($id: String!) {
    advisory(id: $id) {
      advisory {
        id
        summary
        severity
        score
        publishedAt
        modifiedAt
        withdrawnAt
        isListed
        affectedBuilds {
          job
          platform
          uuid
        }
      }
      aliases
      packages {
        name
        versions
      }
      references {
        type
        url
      }
      credits
      html
      places {
        job
        platform
        buildCount
        lastBuild
        lastBuildAt
        fixedBuild
        fixedBuildAt
      }
    }
  }
`)

export const loadAdvisoryPage = async (client: ApolloClient, { params }: LoaderFunctionArgs) => ({
  id: params['id'] ?? '',
  query: await preload(client, AdvisoryPageQuery, { id: params['id'] ?? '' }),
})

type Details = NonNullable<Loaded['advisory']>

/** An advisory: what it says, and which builds have the issue. */
export function AdvisoryPage() {
  const { id, query } = useLoaded<typeof loadAdvisoryPage>()
  const { advisory: details } = present(useReadQuery(query).data)
  if (!details) return <NotFound what={`This site has no advisory ${id}.`} />
  const { advisory, places } = details
  const isOpen = (place: Details['places'][number]) =>
    advisory.affectedBuilds.some(({ job, platform }) => job === place.job && platform === place.platform)
  return (
    <>
      <PageTitle>{`${advisory.id} · Builder Hub`}</PageTitle>
      <p className="mb-1">
        <Link to={paths.advisories}>Known issues</Link>
      </p>
      <h1 className="mb-3">
        {advisory.id} <span className="font-normal text-quiet">{advisory.summary}</span>
      </h1>
      {advisory.withdrawnAt !== null && (
        <p className="mb-3 font-semibold">
          Its authors took this advisory back on <ExactTime at={advisory.withdrawnAt} />.
        </p>
      )}
      <Facts details={details} />
      <PlaceTable title="Affected now" places={places.filter(isOpen)}>
        No newest build of a job is known to have this issue.
      </PlaceTable>
      <PlaceTable title="Affected before" places={places.filter((place) => !isOpen(place))}>
        No earlier build is known to have had it.
      </PlaceTable>
      {details.html !== null && (
        <section aria-labelledby="advisory-text" className="mt-8 max-w-[50rem]">
          <h2 id="advisory-text" className="mb-2">
            What the advisory says
          </h2>
          {/* The server lets no scripts, styles or foreign pictures through. */}
          <div className="prose wrap-anywhere" dangerouslySetInnerHTML={{ __html: details.html }} />
        </section>
      )}
    </>
  )
}

function Facts({ details }: { details: Details }) {
  const { advisory, aliases, packages, references, credits } = details
  const facts: [term: string, value: ReactNode][] = [
    ['Severity', <SeverityWord key="severity" severity={advisory.severity} score={advisory.score} />],
    [
      'Versions',
      packages.map(({ name, versions }) => (
        <span key={name + versions} className="block">
          <Link to={paths.package('opam', name)}>
            <Name>{name}</Name>
          </Link>{' '}
          <Name>{versions}</Name>
        </span>
      )),
    ],
    ['Published', advisory.publishedAt && <ExactTime at={advisory.publishedAt} />],
    ['Also known as', aliases.join(', ')],
    ['Found by', credits.join(', ')],
    [
      'More',
      references.length > 0 &&
        references.map(({ url }) => (
          <a key={url} href={url} rel="noopener noreferrer nofollow" className="block wrap-anywhere">
            {url}
          </a>
        )),
    ],
  ]
  return (
    <dl className="mb-8 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1">
      {facts.map(([term, value]) =>
        value ? (
          <div key={term} className="contents">
            <dt className="text-quiet">{term}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}

const columns = [
  { name: 'Job' },
  { name: 'Platform' },
  { name: 'Builds with it', number: true },
  { name: 'The newest of them' },
  { name: 'First build without it' },
]

function PlaceTable({
  title,
  places,
  children,
}: {
  title: string
  places: Details['places']
  children: string
}) {
  return (
    <section aria-label={title} className="mb-8">
      <h2 className="mb-1">
        {title} <span className="font-normal text-quiet tabular-nums">{places.length}</span>
      </h2>
      {places.length === 0 ? (
        <Empty>{children}</Empty>
      ) : (
        <Table label={title} columns={columns}>
          {places.map((place) => (
            <Row key={`${place.job} ${place.platform}`}>
              <Cell className="whole-line">
                <Link to={paths.job(place.job)}>
                  <Name>{place.job}</Name>
                </Link>
              </Cell>
              <Cell>
                <Name>{place.platform}</Name>
              </Cell>
              <Cell number>{place.buildCount}</Cell>
              <Cell>
                <Link to={paths.build(place.job, place.lastBuild)}>
                  <ExactTime at={place.lastBuildAt} />
                </Link>
              </Cell>
              <Cell className="to-the-end">
                {place.fixedBuild !== null && place.fixedBuildAt !== null ? (
                  <Link to={paths.build(place.job, place.fixedBuild)}>
                    <ExactTime at={place.fixedBuildAt} />
                  </Link>
                ) : (
                  <span className="text-quiet">none yet</span>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  )
}
