import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { WebhookDeliveryState } from '../gql/graphql.ts'
import { adminPaths } from '../paths.ts'
import { LongText } from '../ui/LongText.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton } from './ActButton.tsx'

const WebhookDeliveryRow = graphql(`
  fragment WebhookDeliveryRow on WebhookDelivery {
    id
    webhookId
    type
    happenedAt
    job
    platform
    state
    attemptCount
    dueAt
    status
    error
    lastDurationMs
    canBeRedelivered
  }
`)

export const RedeliverWebhookMutation = graphql(`
  mutation RedeliverWebhook($id: ID!) {
    redeliverWebhook(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export const stateWords: Record<WebhookDeliveryState, string> = {
  PENDING: 'waiting',
  DELIVERED: 'delivered',
  DEAD: 'given up',
}

export const stateTone = (state: WebhookDeliveryState) =>
  state === 'DEAD' ? 'font-semibold text-bad' : state === 'DELIVERED' ? 'text-good' : ''

const columns = [
  { name: 'Event' },
  { name: 'Webhook' },
  { name: 'State' },
  { name: 'Answer' },
  { name: 'Actions', hidden: true },
]

/** Events that were sent to webhooks, or wait. */
export function WebhookDeliveries(props: {
  deliveries: readonly (FragmentType<typeof WebhookDeliveryRow> & { id: string })[]
  mayChange: boolean
}) {
  const deliveries = readFragment(WebhookDeliveryRow, props.deliveries)
  return (
    <Table label="Deliveries" columns={columns} className="many-columns">
      {deliveries.map((one) => (
        <Row key={one.id}>
          <Cell className="whole-line wrap-anywhere roomy:min-w-72">
            <Link to={adminPaths.webhookDelivery(one.id)}>{one.type}</Link>{' '}
            {one.job && (
              <>
                of {visibleText(one.job)}
                {one.platform && <> on {visibleText(one.platform)}</>}{' '}
              </>
            )}
            <span className="text-small text-quiet">
              <RelativeTime at={one.happenedAt} />
            </span>
          </Cell>
          <Cell className="whitespace-nowrap">
            <span className="roomy:hidden">to webhook </span>
            {one.webhookId}
          </Cell>
          <Cell className={stateTone(one.state)}>
            {stateWords[one.state]}
            {one.dueAt && one.attemptCount > 0 && (
              <span className="block text-small font-normal text-quiet">
                attempt {one.attemptCount + 1} <RelativeTime at={one.dueAt} />
              </span>
            )}
          </Cell>
          <Cell className={`${one.error ? 'whole-line' : ''} wrap-anywhere roomy:w-full`}>
            {one.error ? (
              <LongText text={visibleText(one.error)} what="the error" />
            ) : (
              one.status !== null && <>{one.status}</>
            )}
            {one.lastDurationMs !== null && <span className="text-quiet"> in {one.lastDurationMs} ms</span>}
          </Cell>
          <Cell>
            {props.mayChange && one.canBeRedelivered && (
              <ActButton
                label="Send again"
                of={`delivery ${one.id}`}
                mutation={RedeliverWebhookMutation}
                variables={{ id: one.id }}
              />
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  )
}
