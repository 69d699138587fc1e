import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs, useParams } from 'react-router'
import type { AdminWebhookDeliveryQuery as DeliveryAnswer } from '../gql/graphql.ts'
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
          build
          state
          dueAt
          canBeRedelivered
        }
        attempts {
          at
          method
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
                ...(found.delivery.job && found.delivery.build
                  ? [
                      [
                        'Build',
                        <Link
                          key="build"
                          to={paths.build(found.delivery.job, found.delivery.build)}
                          className="wrap-anywhere"
                        >
                          {found.delivery.build}
                        </Link>,
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
            <Attempts attempts={found.attempts} />
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

type Attempt = NonNullable<NonNullable<DeliveryAnswer['admin']>['webhookDelivery']>['attempts'][number]

/** What was sent, once where all attempts have sent the same, and each attempt. */
function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <Empty>No attempt was made yet.</Empty>
  // An attempt that failed before its request has none; a changed format of the webhook changes the body.
  const bodies = new Set(attempts.flatMap(({ requestBody }) => requestBody || []))
  return (
    <>
      {bodies.size === 1 && (
        <AdminSection title="Body">
          <Body label="Body" text={[...bodies].join()} />
        </AdminSection>
      )}
      {attempts.map((attempt, index) => (
        <AttemptSection
          key={attempt.at}
          number={attempts.length - index}
          attempt={attempt}
          hasBody={bodies.size > 1 && attempt.requestBody !== ''}
        />
      ))}
    </>
  )
}

function AttemptSection({
  number,
  attempt,
  hasBody,
}: {
  number: number
  attempt: Attempt
  hasBody: boolean
}) {
  const { at, error, status, durationMs, method, url, requestHeaders, requestBody, responseHead } = attempt
  return (
    <AdminSection
      title={`Attempt ${number}: ${error === null ? `answered ${status}` : 'failed'} after ${durationMs} ms`}
    >
      <p className="mb-2 text-small text-quiet">
        <ExactTime at={at} />
      </p>
      {error !== null && <p className="mb-2 text-bad wrap-anywhere">{visibleText(error)}</p>}
      <h3 className="text-small text-quiet">Request</h3>
      <CodeBlock
        label={`Request of attempt ${number}`}
        text={visibleText([`${method} ${url}`, ...requestHeaders].join('\n'))}
      />
      {hasBody && (
        <>
          <h3 className="mt-2 text-small text-quiet">Body</h3>
          <Body label={`Body of attempt ${number}`} text={requestBody} />
        </>
      )}
      {responseHead !== null && (
        <>
          <h3 className="mt-2 text-small text-quiet">Answer</h3>
          <CodeBlock label={`Answer to attempt ${number}`} text={visibleText(responseHead)} />
        </>
      )}
    </AdminSection>
  )
}

const Body = ({ label, text }: { label: string; text: string }) => (
  <CodeBlock label={label} text={visibleText(indentJson(text))} />
)

/** JSON with a line for each property; another text, such as that for ntfy, as it is. */
function indentJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
