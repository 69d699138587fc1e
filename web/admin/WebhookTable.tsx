import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { WebhookRowFragment } from '../gql/graphql.ts'
import { LongText } from '../ui/LongText.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton, ConfirmButton } from './ActButton.tsx'
import { formatWords } from './WebhookFields.tsx'

const WebhookRow = graphql(`
  fragment WebhookRow on Webhook {
    id
    url
    description
    format
    types
    filter {
      jobs
      platforms
      sections
      results
      verdicts
    }
    state
    stateReason
    failureCount
    failingSince
    pendingCount
    deadCount
  }
`)

const TestWebhookMutation = graphql(`
  mutation TestWebhook($id: ID!) {
    testWebhook(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const UpdateWebhookMutation = graphql(`
  mutation UpdateWebhook($id: ID!, $isEnabled: Boolean) {
    updateWebhook(id: $id, isEnabled: $isEnabled) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const RotateWebhookSecretMutation = graphql(`
  mutation RotateWebhookSecret($id: ID!) {
    rotateWebhookSecret(id: $id) {
      __typename
      ... on Refusal {
        message
      }
      ... on RotateWebhookSecretSuccess {
        secret {
          secret
        }
      }
    }
  }
`)

const RemoveWebhookMutation = graphql(`
  mutation RemoveWebhook($id: ID!) {
    removeWebhook(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const columns = [
  { name: 'Number' },
  { name: 'Address, what it gets' },
  { name: 'State' },
  { name: 'Actions', hidden: true },
]

/** The addresses that are told of what happens. `onSecret`: one has a new secret. */
export function WebhookTable(props: {
  webhooks: readonly (FragmentType<typeof WebhookRow> & { id: string })[]
  mayChange: boolean
  onSecret: (secret: string | null) => void
}) {
  const webhooks = readFragment(WebhookRow, props.webhooks)
  return (
    <Table label="Webhooks" columns={columns} className="many-columns">
      {webhooks.map((webhook) => (
        <Row key={webhook.id}>
          <Cell>
            <span className="roomy:hidden">webhook </span>
            {webhook.id}
          </Cell>
          <Cell className="whole-line wrap-anywhere roomy:w-full">
            <code>{visibleText(webhook.url)}</code>
            {webhook.description && <> {visibleText(webhook.description)}</>}
            <span className="block text-small text-quiet">{wantedWords(webhook)}</span>
          </Cell>
          <Cell className="whole-line">
            <StateOf webhook={webhook} />
          </Cell>
          <Cell className="whole-line">
            {props.mayChange && <Actions webhook={webhook} onSecret={props.onSecret} />}
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

/** `Slack, Mattermost: build.failed; jobs web*`. */
function wantedWords({ format, types, filter }: WebhookRowFragment): string {
  const { jobs, platforms, sections, results, verdicts } = filter
  const filters = Object.entries({ jobs, platforms, sections, results, verdicts }).flatMap(
    ([name, values]) => (values ? [`${name} ${values.join(', ')}`] : []),
  )
  return visibleText(
    [`${formatWords[format]}: ${types ? types.join(', ') : 'all events'}`, ...filters].join('; '),
  )
}

function StateOf({ webhook }: { webhook: WebhookRowFragment }) {
  const { state, stateReason, failureCount, failingSince, pendingCount, deadCount } = webhook
  return (
    <>
      <span
        className={state === 'SUSPENDED' ? 'font-semibold text-bad' : state === 'ENABLED' ? 'text-good' : ''}
      >
        {state.toLowerCase()}
      </span>
      {stateReason && (
        <>
          : <LongText text={visibleText(stateReason)} what="the reason" />
        </>
      )}
      {failingSince && (
        <span className="block text-small text-bad">
          {failureCount} failed since <RelativeTime at={failingSince} />
        </span>
      )}
      {pendingCount > 0 && <span className="block text-small">{pendingCount} waiting</span>}
      {deadCount > 0 && <span className="block text-small text-bad">{deadCount} given up</span>}
    </>
  )
}

function Actions(props: { webhook: WebhookRowFragment; onSecret: (secret: string | null) => void }) {
  const { id, state, url } = props.webhook
  const of = `webhook ${id}`
  return (
    <span className="flex flex-wrap gap-2 roomy:flex-nowrap">
      {state === 'ENABLED' && (
        <ActButton label="Test" of={of} mutation={TestWebhookMutation} variables={{ id }} />
      )}
      <ActButton
        label={state === 'ENABLED' ? 'Disable' : 'Enable'}
        of={of}
        mutation={UpdateWebhookMutation}
        variables={{ id, isEnabled: state !== 'ENABLED' }}
      />
      <ConfirmButton
        label="New secret"
        of={of}
        title="Make a new secret"
        mutation={RotateWebhookSecretMutation}
        variables={() => ({ id })}
        onDone={({ secret }) => props.onSecret((secret as { secret?: string } | undefined)?.secret ?? null)}
      >
        <p>Requests have signatures with the secret before, too, for a day.</p>
      </ConfirmButton>
      <ConfirmButton
        label="Remove"
        of={of}
        title="Remove a webhook"
        mutation={RemoveWebhookMutation}
        variables={() => ({ id })}
      >
        <p className="wrap-anywhere">
          <code>{visibleText(url)}</code> gets no more events, and the log of what was sent to it goes.
        </p>
      </ConfirmButton>
    </span>
  )
}
