import type { ApolloClient } from '@apollo/client'
import { graphql } from '../gql/index.ts'
import type { AdminRepositoriesQuery as Loaded } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { ConfirmButton } from './ActButton.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminRepositoriesQuery = graphql(`
  query AdminRepositories {
    admin {
      mayChange
      repositoryPublishing {
        file
        fault
        error
        lastRunAt
        repositories {
          name
          url
          fingerprints
          architectures
          publishedAt
          validUntil
          packageCount
          shadowedCount
          shadowed {
            name
            version
            architecture
            sha256
            by
          }
          unreadableCount
          unreadable {
            jobName
            sha256
            problem
          }
        }
      }
    }
  }
`)

const RebuildRepositoriesMutation = graphql(`
  mutation RebuildRepositories {
    rebuildRepositories {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export const loadRepositoriesPage = (client: ApolloClient) => loadAdmin(client, AdminRepositoriesQuery, {})

/** The package repositories: what is published, and what is not. */
export function RepositoriesPage() {
  const loaded = useLoaded<typeof loadRepositoriesPage>()
  return (
    <AdminFrame title="Package repositories" command="hub repositories list" loaded={loaded}>
      {({ mayChange, repositoryPublishing: { error, fault, file, lastRunAt, repositories } }) =>
        file === null ? (
          <Empty>
            There are none. Write a file that says which there are, and name it by{' '}
            <code>--repositories-file</code>.
          </Empty>
        ) : (
          <>
            {(fault ?? error) !== null && (
              <p role="status" className="mb-3 whitespace-pre-wrap text-bad wrap-anywhere">
                {fault ?? error}
              </p>
            )}
            <Facts
              facts={[
                ['File', <code className="wrap-anywhere">{file}</code>],
                ['Last looked at', lastRunAt === null ? 'not yet' : <RelativeTime at={lastRunAt} />],
              ]}
            />
            {mayChange && (
              <div className="mt-3">
                <ConfirmButton
                  label="Publish all anew"
                  title="Read all packages anew, and publish all repositories?"
                  mutation={RebuildRepositoriesMutation}
                  variables={() => ({})}
                >
                  <p>
                    The server reads each package again. What clients see changes only if something differs.
                  </p>
                </ConfirmButton>
              </div>
            )}
            {repositories.map((repository) => (
              <Repository key={repository.name} repository={repository} />
            ))}
          </>
        )
      }
    </AdminFrame>
  )
}

type RepositoryFacts = NonNullable<Loaded['admin']>['repositoryPublishing']['repositories'][number]

function Repository({ repository }: { repository: RepositoryFacts }) {
  const { architectures, fingerprints, name, packageCount, publishedAt, url, validUntil } = repository
  return (
    <AdminSection title={name}>
      <Facts
        facts={[
          ['Address', <code className="wrap-anywhere">{url}</code>],
          ['Packages', packageCount.toLocaleString('en-US')],
          ['Architectures', architectures.join(', ') || 'none yet'],
          ['Published', <ExactTime at={publishedAt} />],
          ['Valid until', validUntil === null ? 'for ever' : <ExactTime at={validUntil} />],
          [
            'Keys',
            fingerprints.map((fingerprint) => (
              <code key={fingerprint} className="block wrap-anywhere">
                {fingerprint}
              </code>
            )),
          ],
        ]}
      />
      <Shadowed repository={repository} />
      <Unreadable repository={repository} />
    </AdminSection>
  )
}

function Shadowed({ repository: { name, shadowed, shadowedCount } }: { repository: RepositoryFacts }) {
  if (shadowedCount === 0) return null
  return (
    <>
      <p className="mt-3 mb-2">
        {shadowedCount.toLocaleString('en-US')} not published, because a newer package has the same version:
      </p>
      <Table
        label={`Packages of ${name} with the version of a newer one`}
        columns={[
          { name: 'Package' },
          { name: 'Version' },
          { name: 'Not published' },
          { name: 'In its place' },
        ]}
      >
        {shadowed.map((one) => (
          <Row key={one.sha256}>
            <Cell>
              <Name>{`${one.name} (${one.architecture})`}</Name>
            </Cell>
            <Cell>{one.version}</Cell>
            <Cell>
              <Hash value={one.sha256} of="the package that is not published" />
            </Cell>
            <Cell>
              <Hash value={one.by} of="the package in its place" />
            </Cell>
          </Row>
        ))}
      </Table>
    </>
  )
}

function Unreadable({ repository: { name, unreadable, unreadableCount } }: { repository: RepositoryFacts }) {
  if (unreadableCount === 0) return null
  return (
    <>
      <p className="mt-3 mb-2">{unreadableCount.toLocaleString('en-US')} cannot be read as packages:</p>
      <Table
        label={`Files of ${name} that cannot be read`}
        columns={[{ name: 'Job' }, { name: 'File' }, { name: 'Problem' }]}
      >
        {unreadable.map((one) => (
          <Row key={one.sha256}>
            <Cell>
              <Name>{one.jobName}</Name>
            </Cell>
            <Cell>
              <Hash value={one.sha256} of="the file" />
            </Cell>
            <Cell>{one.problem}</Cell>
          </Row>
        ))}
      </Table>
    </>
  )
}
