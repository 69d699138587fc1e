import type { ApolloClient } from '@apollo/client'
import { type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { useState } from 'react'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import { graphql } from '../gql/index.ts'
import type { WebhookDeliveryState, WebhookFormat } from '../gql/graphql.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Empty } from '../ui/Notice.tsx'
import { TextField } from '../ui/TextField.tsx'
import { ConfirmButton, textOf } from './ActButton.tsx'
import { AdminFrame, AdminSection } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { WebhookDeliveries } from './WebhookDeliveries.tsx'
import { FormatField } from './WebhookFields.tsx'
import { WebhookTable } from './WebhookTable.tsx'

const AdminWebhooksQuery = graphql(`
  query AdminWebhooks(
    $webhook: ID
    $state: WebhookDeliveryState
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    admin {
      mayChange
      webhooks {
        id
        ...WebhookRow
      }
      webhookDeliveries(
        webhook: $webhook
        state: $state
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        nodes {
          id
          ...WebhookDeliveryRow
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

const AddWebhookMutation = graphql(`
  mutation AddWebhook(
    $url: String!
    $description: String
    $format: WebhookFormat
    $types: [String!]
    $filter: WebhookFilterInput
    $accessToken: String
  ) {
    addWebhook(
      url: $url
      description: $description
      format: $format
      types: $types
      filter: $filter
      accessToken: $accessToken
    ) {
      __typename
      ... on Refusal {
        message
      }
      ... on AddWebhookSuccess {
        secret {
          secret
        }
      }
    }
  }
`)

const states: Record<string, WebhookDeliveryState> = {
  waiting: 'PENDING',
  delivered: 'DELIVERED',
  'given up': 'DEAD',
}

export const loadWebhooksPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  const state = search.get('state') ?? ''
  const webhook = search.get('webhook') ?? ''
  return loadAdmin(client, AdminWebhooksQuery, {
    webhook: /^\d{1,9}$/.test(webhook) ? webhook : null,
    state: Object.hasOwn(states, state) ? (states[state] ?? null) : null,
    ...readPage(search, 50),
  })
}

const wordsIn = (form: FormData, name: string) =>
  textOf(form, name)
    .split(/[\s,]+/)
    .filter(Boolean)
const orAll = (words: string[]) => (words.length > 0 ? words : null)

/** Addresses that are told of what happens, and what was sent to them. */
export function WebhooksPage() {
  const loaded = useLoaded<typeof loadWebhooksPage>()
  const [search] = useSearchParams()
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <AdminFrame
      title="Webhooks"
      command="hub webhooks list · hub webhooks add URL · hub webhooks deliveries · hub webhooks test NUMBER"
      loaded={loaded}
    >
      {({ mayChange, webhooks, webhookDeliveries }) => (
        <>
          {secret !== null && (
            <p role="status" className="mb-3 rounded-md border border-line bg-raised p-3">
              The secret for the receiver, which is shown only now:{' '}
              <code className="wrap-anywhere">{secret}</code> <CopyButton text={secret} what="the secret" />
            </p>
          )}
          {mayChange && (
            <div className="mb-3">
              <ConfirmButton
                label="Add webhook"
                title="Add a webhook"
                mutation={AddWebhookMutation}
                variables={(form) => ({
                  url: textOf(form, 'url'),
                  description: textOf(form, 'description'),
                  format: textOf(form, 'format') as WebhookFormat,
                  types: wordsIn(form, 'types'),
                  filter: {
                    jobs: orAll(wordsIn(form, 'jobs')),
                    platforms: orAll(wordsIn(form, 'platforms')),
                  },
                  accessToken: textOf(form, 'accessToken'),
                })}
                onDone={(outcome) => setSecret(secretOf(outcome))}
              >
                <TextField name="url" label="Address" type="url" required />
                <TextField name="description" label="What it is" />
                <FormatField />
                <TextField
                  name="types"
                  label="Types of events"
                  hint="Such as build.newly_failing build.fixed; empty: all."
                />
                <TextField name="jobs" label="Jobs" hint="* stands for any characters; empty: all." />
                <TextField name="platforms" label="Platforms" hint="Empty: all." />
                <TextField
                  name="accessToken"
                  label="Access token of the receiver"
                  type="password"
                  hint="Matrix and ntfy want one."
                />
              </ConfirmButton>
            </div>
          )}
          {webhooks.length > 0 ? (
            <WebhookTable webhooks={webhooks} mayChange={mayChange} onSecret={setSecret} />
          ) : (
            <Empty>No address is told of what happens here.</Empty>
          )}
          <AdminSection title="Deliveries">
            <BuildFilters
              filters={[
                {
                  parameter: 'state',
                  label: 'State',
                  options: Object.keys(states).map((value) => ({ value, label: value })),
                },
                {
                  parameter: 'webhook',
                  label: 'Webhook',
                  options: webhooks.map(({ id }) => ({ value: id, label: id })),
                },
              ]}
            />
            <p className="mt-2 mb-2 text-small text-quiet tabular-nums">
              {webhookDeliveries.totalCount.toLocaleString('en-US')}{' '}
              {webhookDeliveries.totalCount === 1 ? 'delivery' : 'deliveries'}
            </p>
            {webhookDeliveries.nodes.length > 0 ? (
              <WebhookDeliveries deliveries={webhookDeliveries.nodes} mayChange={mayChange} />
            ) : (
              <Empty>
                {search.has('state') || search.has('webhook')
                  ? 'No delivery is like this.'
                  : 'Nothing has been sent yet.'}
              </Empty>
            )}
            <Pager pageInfo={webhookDeliveries.pageInfo} label="Pages of deliveries" />
          </AdminSection>
        </>
      )}
    </AdminFrame>
  )
}

/** The secret in the result of a mutation. */
function secretOf(outcome: Record<string, unknown>): string | null {
  const { secret } = outcome as { secret?: { secret?: string } }
  return secret?.secret ?? null
}
