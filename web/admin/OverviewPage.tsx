import type { ApolloClient } from '@apollo/client'
import { Link } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Icon } from '../ui/Icon.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { FailedMails } from './FailedMails.tsx'
import { loadAdmin } from './load-admin.ts'
import { Queues } from './Queues.tsx'

const AdminOverviewQuery = graphql(`
  query AdminOverview {
    admin {
      mails(isFailed: true) {
        id
        ...FailedMail
      }
      overview {
        version
        nodeVersion
        startedAt
        engine
        disk {
          freeBytes
          sizeBytes
        }
        databaseBytes
        content {
          count
          bytes
          countedAt
        }
        lastUploadAt
        lastBackupAt
        lastBackupFolder
        queues {
          kind
          waitingCount
          runningCount
          failedCount
          deadCount
          oldestDueAt
        }
        warnings {
          level
          text
          resourcePath
        }
      }
    }
  }
`)

/** It is no secret, and an error in it hides nothing else. */
const AdminScrubQuery = graphql(`
  query AdminScrub {
    site {
      scrub {
        everyDays
        startedAt
        checkedBytes
        finishedAt
        damagedCount
      }
    }
  }
`)

export const loadOverviewPage = async (client: ApolloClient) => {
  const { data } = await client
    .query({ query: AdminScrubQuery, fetchPolicy: 'no-cache' })
    .catch(() => ({ data: undefined }))
  return { site: data?.site ?? null, loaded: await loadAdmin(client, AdminOverviewQuery, {}) }
}

/** How the site is, and what should be looked at, first. */
export function OverviewPage() {
  const { site, loaded } = useLoaded<typeof loadOverviewPage>()
  return (
    <AdminFrame title="Overview" command="hub doctor" loaded={loaded}>
      {({ mails, overview }) => (
        <>
          <Warnings warnings={overview.warnings} />
          <AdminSection title="Server">
            <Facts
              facts={[
                ['Version', `${overview.version}, on Node.js ${overview.nodeVersion}`],
                ['Running since', <ExactTime at={overview.startedAt} />],
                [
                  'Last upload',
                  overview.lastUploadAt ? (
                    <RelativeTime at={overview.lastUploadAt} />
                  ) : (
                    'no build has arrived yet'
                  ),
                ],
                [
                  'Last backup',
                  overview.lastBackupAt ? (
                    <>
                      <RelativeTime at={overview.lastBackupAt} />, in{' '}
                      <code className="wrap-anywhere">{overview.lastBackupFolder}</code>
                    </>
                  ) : (
                    'none is known'
                  ),
                ],
              ]}
            />
          </AdminSection>
          <AdminSection title="Storage">
            <Facts
              facts={[
                [
                  'Database',
                  <>
                    {overview.engine === 'SQLITE' ? 'SQLite' : 'PostgreSQL'},{' '}
                    <ByteSize bytes={overview.databaseBytes} />
                  </>,
                ],
                [
                  'Content',
                  overview.content ? (
                    <>
                      <ByteSize bytes={overview.content.bytes} /> in{' '}
                      {overview.content.count.toLocaleString('en-US')} files, counted{' '}
                      <RelativeTime at={overview.content.countedAt} />
                    </>
                  ) : (
                    'not counted until the first check has ended'
                  ),
                ],
                [
                  'Disk',
                  overview.disk ? (
                    <>
                      <ByteSize bytes={overview.disk.freeBytes} /> free of{' '}
                      <ByteSize bytes={overview.disk.sizeBytes} />
                    </>
                  ) : (
                    'the system does not tell'
                  ),
                ],
                ['Check of content', site ? <ScrubState scrub={site.scrub} /> : 'not known'],
              ]}
            />
          </AdminSection>
          {mails.length > 0 && <FailedMails mails={mails} />}
          <AdminSection title="Queues">
            <Queues queues={overview.queues} />
          </AdminSection>
        </>
      )}
    </AdminFrame>
  )
}

type Warning = { level: 'WARNING' | 'PROBLEM'; text: string; resourcePath: string | null }

function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0)
    return (
      <p className="inline-flex items-center gap-1.5 text-good">
        <Icon name="check" /> Nothing needs to be looked at.
      </p>
    )
  return (
    <ul aria-label="What needs to be looked at" className="border-t border-line">
      {warnings.map(({ level, text, resourcePath }) => (
        <li key={text} className="flex items-start gap-2 border-b border-line py-2">
          <Icon name="alarm" className={`mt-0.5 ${level === 'PROBLEM' ? 'text-bad' : 'text-warn'}`} />
          <span className="min-w-0 flex-1 wrap-anywhere">
            <span className={`font-semibold ${level === 'PROBLEM' ? 'text-bad' : 'text-warn'}`}>
              {level === 'PROBLEM' ? 'Problem' : 'Warning'}
            </span>{' '}
            {text}
          </span>
          {resourcePath && (
            <Link to={resourcePath} className="whitespace-nowrap">
              Look<span className="sr-only"> at: {text}</span>
            </Link>
          )}
        </li>
      ))}
    </ul>
  )
}

function ScrubState({
  scrub,
}: {
  scrub: {
    everyDays: number | null
    startedAt: string | null
    checkedBytes: number
    finishedAt: string | null
    damagedCount: number
  }
}) {
  const { damagedCount, startedAt, checkedBytes, finishedAt, everyDays } = scrub
  return (
    <>
      {startedAt !== null && (
        <>
          runs since <RelativeTime at={startedAt} />, <ByteSize bytes={checkedBytes} /> read;{' '}
        </>
      )}
      {finishedAt === null ? (
        'none has ended yet'
      ) : (
        <>
          the last one ended <RelativeTime at={finishedAt} />
        </>
      )}
      {everyDays === null
        ? '; it is switched off'
        : `; every ${everyDays === 1 ? 'day' : `${everyDays} days`}`}
      ;{' '}
      {damagedCount === 0 ? (
        'nothing is damaged'
      ) : (
        <span className="font-semibold text-bad">{damagedCount} damaged</span>
      )}
    </>
  )
}
