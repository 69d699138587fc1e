import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs, useParams } from 'react-router'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { adminPaths, paths } from '../paths.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton } from './ActButton.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { RedeliverWebhookMutation, stateTone, stateWords } from './WebhookDeliveries.tsx'

const AdminWebhookDeliveryQuery = graphql(`
  query AdminWebhookDelivery($id: ID!) {
    admin {
      mayChange
      webhookDelivery(id: $id) {
        delivery {
          id
          webhookId
          url
          eventId
          type
          happenedAt
          job
          platform
          state
          dueAt
          canBeRedelivered
        }
        attempts {
          at
          url
          requestHeaders
          requestBody
          status
          durationMs
          responseHead
          error
        }
      }
    }
  }
`)

export const loadWebhookDeliveryPage = (client: ApolloClient, { params }: LoaderFunctionArgs) => {
  const { delivery = '' } = params
  return loadAdmin(client, AdminWebhookDeliveryQuery, { id: /^\d{1,9}$/.test(delivery) ? delivery : '0' })
}

/** An event for a webhook: each attempt with its request and its answer. */
export function WebhookDeliveryPage() {
  const loaded = useLoaded<typeof loadWebhookDeliveryPage>()
  const { delivery: number = '' } = useParams()
  return (
    <AdminFrame
      title="Delivery"
      command={`hub webhooks show ${number} · hub webhooks retry ${number}`}
      loaded={loaded}
    >
      {({ mayChange, webhookDelivery: found }) =>
        found ? (
          <>
            <Facts
              facts={[
                ['Event', found.delivery.type],
                ...(found.delivery.job
                  ? [
                      [
                        'Job',
                        <JobOf key="job" job={found.delivery.job} platform={found.delivery.platform} />,
                      ] as const,
                    ]
                  : []),
                ['Id of the event', <code className="wrap-anywhere">{found.delivery.eventId}</code>],
                ['Happened', <ExactTime at={found.delivery.happenedAt} />],
                [
                  'Webhook',
                  <>
                    <Link to={adminPaths.webhooks}>{found.delivery.webhookId}</Link>{' '}
                    <code className="wrap-anywhere">{visibleText(found.delivery.url)}</code>
                  </>,
                ],
                [
                  'State',
                  <span className={stateTone(found.delivery.state)}>{stateWords[found.delivery.state]}</span>,
                ],
                ...(found.delivery.dueAt
                  ? [['Next attempt', <ExactTime key="next" at={found.delivery.dueAt} />] as const]
                  : []),
              ]}
            />
            {mayChange && found.delivery.canBeRedelivered && (
              <p className="mt-3">
                <ActButton
                  label="Send again"
                  mutation={RedeliverWebhookMutation}
                  variables={{ id: found.delivery.id }}
                />
              </p>
            )}
            {found.attempts.length === 0 && <Empty>No attempt was made yet.</Empty>}
            {found.attempts.map((attempt) => (
              <Attempt key={attempt.at} attempt={attempt} />
            ))}
          </>
        ) : (
          <Empty>There is no such delivery: it may have been removed with its event.</Empty>
        )
      }
    </AdminFrame>
  )
}

function JobOf({ job, platform }: { job: string; platform: string | null }) {
  return (
    <>
      <Link to={paths.job(job)}>
        <Name>{job}</Name>
      </Link>
      {platform && (
        <>
          {' '}
          on <Name>{platform}</Name>
        </>
      )}
    </>
  )
}

function Attempt({
  attempt,
}: {
  attempt: {
    at: string
    url: string
    requestHeaders: readonly string[]
    requestBody: string
    status: number | null
    durationMs: number
    responseHead: string | null
    error: string | null
  }
}) {
  const { at, error, status, durationMs, url, requestHeaders, requestBody, responseHead } = attempt
  return (
    <AdminSection
      title={error === null ? `Answered ${status} after ${durationMs} ms` : `Failed after ${durationMs} ms`}
    >
      <p className="mb-2 text-small text-quiet">
        <ExactTime at={at} />
      </p>
      {error !== null && <p className="mb-2 text-bad wrap-anywhere">{visibleText(error)}</p>}
      <h3 className="text-small text-quiet">Request</h3>
      <CodeBlock label="Request" text={visibleText([url, ...requestHeaders, '', requestBody].join('\n'))} />
      {responseHead !== null && (
        <>
          <h3 className="mt-2 text-small text-quiet">Answer</h3>
          <CodeBlock label="Answer" text={visibleText(responseHead)} />
        </>
      )}
    </AdminSection>
  )
}
