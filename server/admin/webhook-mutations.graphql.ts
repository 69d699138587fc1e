import { builder } from '../graphql/builder.ts'
import { Refusal } from '../graphql/refusal.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { SignInAgainError } from '../sessions/require-fresh-session.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { EndpointInput } from '../webhooks/checked-endpoint.ts'
import { BadWebhookError, DeliveryNotFoundError, WebhookNotFoundError } from '../webhooks/endpoint-errors.ts'
import {
  addEndpoint,
  removeEndpoint,
  rotateSecret,
  updateEndpoint,
  type ShownSecret,
} from '../webhooks/manage-endpoints.ts'
import { pingEndpoint, redeliver } from '../webhooks/redeliver.ts'
import { administrator, freshAdministrator } from './act.ts'
import { numberOf } from './number-of.graphql.ts'
import { resultOf } from './refusals.graphql.ts'
import { WebhookFilterInput, WebhookFormat } from './webhooks.graphql.ts'

for (const [type, name, description] of [
  [BadWebhookError, 'BadWebhookError', 'What is asked for is no webhook, or it is disabled.'],
  [WebhookNotFoundError, 'WebhookNotFoundError', 'No webhook has this number.'],
  [DeliveryNotFoundError, 'WebhookDeliveryNotFoundError', 'No delivery has this number.'],
] as const)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

const WebhookSecret = builder.objectRef<ShownSecret>('WebhookSecret').implement({
  description: 'The secret of a webhook. It is shown once.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Number of the webhook.' }),
    secret: t.exposeString('secret', { description: 'The secret, for the receiver.' }),
    publicKey: t.exposeString('publicKey', {
      nullable: true,
      description: 'Key of its Ed25519 signatures; null: it has none.',
    }),
  }),
})

type Given = {
  description?: string | null
  format?: string | null
  types?: string[] | null
  filter?: EndpointInput['filter'] | null
  accessToken?: string | null
}

/** What is null, or absent, stays. An empty list of types is all. */
const inputOf = ({ description, format, types, filter, accessToken }: Given): EndpointInput => ({
  ...(description == null ? {} : { description }),
  ...(format == null ? {} : { format }),
  ...(types == null ? {} : { types }),
  ...(filter == null ? {} : { filter }),
  ...(accessToken == null ? {} : { accessToken }),
})

const endpointOf = (id: string) => numberOf(id, 'webhook') as WebhookEndpointId

builder.mutationFields((t) => {
  const webhookId = () => t.arg.id({ required: true, description: 'Number of the webhook.' })
  const inputs = () => ({
    description: t.arg.string({ description: 'What it is, for people.' }),
    format: t.arg({ type: WebhookFormat, description: 'What it gets.' }),
    types: t.arg.stringList({ description: 'The types of events that it gets; empty: all.' }),
    filter: t.arg({ type: WebhookFilterInput, description: 'Which of these events.' }),
    accessToken: t.arg.string({
      description: 'What the receiver wants as `Authorization: Bearer`; empty: nothing.',
    }),
  })
  return {
    addWebhook: t.field({
      type: WebhookSecret,
      nullable: true,
      description:
        'Add an address that is told of what happens from then on. Its secret is in this answer alone.',
      args: {
        url: t.arg.string({ required: true, description: 'The address.' }),
        ...inputs(),
        isAsymmetric: t.arg.boolean({ description: 'True: it signs by Ed25519, too.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, BadWebhookError],
        ...resultOf('AddWebhook', 'The webhook is added.', 'secret', 'Its secret.'),
      },
      resolve: async (_root, { url, isAsymmetric, ...given }, context) =>
        addEndpoint(context, await freshAdministrator(context), {
          ...{ ...inputOf(given), url, isAsymmetric: isAsymmetric === true },
        }),
    }),
    updateWebhook: t.id({
      nullable: true,
      description: 'Change a webhook. What is absent stays.',
      args: {
        id: webhookId(),
        url: t.arg.string({ description: 'Another address.' }),
        ...inputs(),
        isEnabled: t.arg.boolean({ description: 'Whether it gets what happens from then on.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, BadWebhookError, WebhookNotFoundError],
        ...resultOf('UpdateWebhook', 'The webhook is as asked for.', 'id', 'Number of the webhook.'),
      },
      resolve: async (_root, { id, url, isEnabled, ...given }, context) => {
        await updateEndpoint(context, await freshAdministrator(context), endpointOf(id), {
          ...inputOf(given),
          ...(url == null ? {} : { url }),
          ...(isEnabled == null ? {} : { state: isEnabled ? 'ENABLED' : 'DISABLED' }),
        })
        return id
      },
    }),
    removeWebhook: t.id({
      nullable: true,
      description: 'Remove a webhook, and the log of what was sent to it.',
      args: { id: webhookId() },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, WebhookNotFoundError],
        ...resultOf('RemoveWebhook', 'The webhook is removed.', 'id', 'Number of the webhook.'),
      },
      resolve: async (_root, { id }, context) => {
        await removeEndpoint(context, await freshAdministrator(context), endpointOf(id))
        return id
      },
    }),
    rotateWebhookSecret: t.field({
      type: WebhookSecret,
      nullable: true,
      description:
        'Give a webhook a new secret, which is in this answer alone. The one before counts for a day, too.',
      args: {
        id: webhookId(),
        isAtOnce: t.arg.boolean({ description: 'True: the one before counts no longer.' }),
      },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, WebhookNotFoundError],
        ...resultOf('RotateWebhookSecret', 'The webhook has a new secret.', 'secret', 'Its secret.'),
      },
      resolve: async (_root, { id, isAtOnce }, context) =>
        rotateSecret(context, await freshAdministrator(context), endpointOf(id), {
          isAtOnce: isAtOnce === true,
        }),
    }),
    testWebhook: t.id({
      nullable: true,
      description: 'Send the event `test.ping` to a webhook.',
      args: { id: webhookId() },
      errors: {
        types: [NotAuthorizedError, BadWebhookError, WebhookNotFoundError],
        ...resultOf('TestWebhook', 'The ping waits to be sent.', 'deliveryId', 'Number of the delivery.'),
      },
      resolve: async (_root, { id }, context) =>
        pingEndpoint(context, await administrator(context), endpointOf(id)),
    }),
    redeliverWebhook: t.id({
      nullable: true,
      description: 'Send an event to a webhook again, with the id that it had.',
      args: { id: t.arg.id({ required: true, description: 'Number of the delivery.' }) },
      errors: {
        types: [NotAuthorizedError, BadWebhookError, DeliveryNotFoundError],
        ...resultOf(
          'RedeliverWebhook',
          'The event waits to be sent.',
          'deliveryId',
          'Number of the delivery.',
        ),
      },
      resolve: async (_root, { id }, context) => {
        await redeliver(context, await administrator(context), numberOf(id, 'delivery') as WebhookDeliveryId)
        return id
      },
    }),
  }
})
