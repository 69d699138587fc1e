import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import type { LogPageQuery as Loaded } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { useSiteAddress } from '../site-address.ts'
import { present } from '../present.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Empty } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'

const LogPageQuery = graphql(`
  query LogPage {
    log {
      origin
      size
      root
      checkpointUrl
      verifierKey
      newestEntries {
        index
        kind
        sha256
        subjects
        at
      }
      witnesses {
        name
        size
        at
      }
    }
  }
`)

export const loadLogPage = async (client: ApolloClient) => ({
  query: await preload(client, LogPageQuery, {}),
})

type Log = NonNullable<Loaded['log']>

const words: Record<Log['newestEntries'][number]['kind'], string> = {
  ATTESTATION: 'Statement',
  KEY: 'New key',
  REVOCATION: 'Key revoked',
  REMOVAL: 'Statement removed',
  RESET: 'Continues an older log',
}

/** The public log: what it is for, how large it is, who watches it, and what was added last. */
export function LogPage() {
  const { origin } = useSiteAddress()
  const { query } = useLoaded<typeof loadLogPage>()
  const { log } = present(useReadQuery(query).data)
  return (
    <>
      <PageTitle>Log · Builder Hub</PageTitle>
      <h1 className="mb-3">Log</h1>
      <p className="mb-2 max-w-[45rem]">
        Each statement that this site signs is written into this log, and so is each key. Entries are only
        added. If the site changed or removed one later, the hash over all entries would change, and whoever
        has seen the log before would notice. So this site cannot tell you one thing, and others another
        thing.
      </p>
      <p className="mb-6 max-w-[45rem]">
        The log does not say that a program is good. It says that a statement was made, when, and that
        everybody can see it. “Check it yourself” at a download looks into it for you.
      </p>
      {log ? (
        <>
          <State log={log} />
          <Witnesses log={log} />
          <Entries log={log} />
          <p className="mt-8 border-t border-line pt-3 text-small text-quiet">
            For programs: <a href={new URL(log.checkpointUrl).pathname}>signed checkpoint</a>; tiles, entries
            and proofs as in C2SP tlog-tiles. From another site: <code>hub log follow {origin}</code>
          </p>
        </>
      ) : (
        <Empty>The log has no entry yet, or this site signs no statements.</Empty>
      )}
    </>
  )
}

function State({ log: { origin, size, root, verifierKey } }: { log: Log }) {
  const facts = [
    ['Entries', size.toLocaleString('en')],
    ['Name', origin],
    ['Hash over all entries', root],
    ['Key of the log', verifierKey],
  ] as const
  return (
    <section aria-labelledby="state" className="mb-8">
      <h2 id="state" className="mb-1">
        State
      </h2>
      <dl className="grid gap-x-6 gap-y-1 wide:grid-cols-[12rem_1fr]">
        {facts.map(([term, value]) =>
          value === null ? null : (
            <div key={term} className="contents">
              <dt className="text-quiet">{term}</dt>
              <dd className="flex items-start gap-2 narrow:mb-2">
                <code className="min-w-0 wrap-anywhere">{value}</code>
                {term !== 'Entries' && <CopyButton text={value} what={term} />}
              </dd>
            </div>
          ),
        )}
      </dl>
      <p className="mt-2 text-small text-quiet">
        The key is on the page <Link to={paths.keys}>Keys</Link>, too.
      </p>
    </section>
  )
}

function Witnesses({ log: { size, witnesses } }: { log: Log }) {
  return (
    <section aria-labelledby="witnesses" className="mb-8">
      <h2 id="witnesses" className="mb-1">
        Witnesses
      </h2>
      {witnesses.length === 0 ? (
        <p className="max-w-[45rem] text-quiet">No other site watches this log yet.</p>
      ) : (
        <>
          <p className="mb-2 max-w-[45rem]">
            These sites have checked that the log only grows, and have signed that.
          </p>
          <Table
            label="Witnesses"
            columns={[{ name: 'Site' }, { name: 'Entries seen', number: true }, { name: 'Signed' }]}
          >
            {witnesses.map((one) => (
              <Row key={one.name}>
                <Cell>
                  <span className="wrap-anywhere">{one.name}</span>
                </Cell>
                <Cell className="number">{one.size === size ? 'all' : one.size.toLocaleString('en')}</Cell>
                <Cell>
                  <ExactTime at={one.at} />
                </Cell>
              </Row>
            ))}
          </Table>
        </>
      )}
    </section>
  )
}

function Entries({ log: { newestEntries } }: { log: Log }) {
  return (
    <section aria-labelledby="entries" className="mb-8">
      <h2 id="entries" className="mb-1">
        Newest entries
      </h2>
      <Table
        label="Newest entries"
        columns={[
          { name: 'Entry', number: true },
          { name: 'What' },
          { name: 'Hash of it' },
          { name: 'About' },
          { name: 'Added' },
        ]}
      >
        {newestEntries.map(({ index, kind, sha256, subjects, at }) => (
          <Row key={index}>
            <Cell className="number">{index.toLocaleString('en')}</Cell>
            <Cell>{words[kind]}</Cell>
            <Cell>
              <Hash value={sha256} of={`entry ${index}`} />
            </Cell>
            <Cell>
              {subjects.slice(0, 1).map((subject) => (
                <Link key={subject} to={paths.hash(subject)} className="text-small">
                  file <code>{subject.slice(0, 12)}</code>
                </Link>
              ))}
              {subjects.length > 1 && <span className="text-small text-quiet"> and more</span>}
            </Cell>
            <Cell>
              <ExactTime at={at} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}
