import { eventTypes } from '../event-log/event-types.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../ids.ts'
import { endpointFormats, type EndpointFormat } from '../webhooks/endpoint-format.ts'
import {
  findDeliveries,
  findDelivery,
  nextAttemptAt,
  type DeliveryState,
  type ListedDelivery,
  type ShownAttempt,
} from '../webhooks/list-deliveries.ts'
import { linesOfHeaders } from '../webhooks/request-headers.ts'
import { listEndpoints, type EndpointFacts, type EndpointState } from '../webhooks/list-endpoints.ts'
import { Administration } from './administration.graphql.ts'
import { byNewestId, findByNewestId } from '../list-by-id.ts'
import { numberOf } from './number-of.graphql.ts'

export const WebhookFormat = builder.enumType('WebhookFormat', {
  description: 'What a webhook gets.',
  values: Object.fromEntries(
    Object.entries(endpointFormats).map(([name, description]) => [name, { description }]),
  ) as Record<EndpointFormat, { description: string }>,
})

const WebhookState = builder.enumType('WebhookState', {
  description: 'Whether a webhook gets events.',
  values: {
    ENABLED: { description: 'It does.' },
    DISABLED: { description: 'An administrator has said that it gets none.' },
    SUSPENDED: { description: 'It wanted no more, or all attempts of five days have failed.' },
  } satisfies Record<EndpointState, unknown>,
})

const DeliveryStateEnum = builder.enumType('WebhookDeliveryState', {
  description: 'How a delivery stands.',
  values: {
    PENDING: { description: 'It waits for its next attempt.' },
    DELIVERED: { description: 'The receiver has got the event.' },
    DEAD: { description: 'It was given up after the last attempt.' },
  } satisfies Record<DeliveryState, unknown>,
})

type FilterName = keyof EndpointFacts['filter']
const filterDescriptions: Record<FilterName, string> = {
  jobs: 'Only events of these jobs; * stands for any characters. Null: of all.',
  platforms: 'Only events of these platforms. Null: of all.',
  sections: 'Only events of jobs in these sections. Null: of all.',
  results: 'Only events of builds with these results: SUCCEEDED, FAILED. Null: of all.',
  verdicts:
    'Only events of builds with these verdicts: REPRODUCED, NOT_REPRODUCIBLE, UNCONFIRMED, NO_OUTPUT. Null: of all.',
}

export const WebhookFilterInput = builder.inputType('WebhookFilterInput', {
  description: 'Which events of builds and jobs a webhook gets. Absent: all.',
  fields: (t) => ({
    jobs: t.stringList({ description: filterDescriptions.jobs }),
    platforms: t.stringList({ description: filterDescriptions.platforms }),
    sections: t.stringList({ description: filterDescriptions.sections }),
    results: t.stringList({ description: filterDescriptions.results }),
    verdicts: t.stringList({ description: filterDescriptions.verdicts }),
  }),
})

const WebhookFilter = builder.objectRef<EndpointFacts['filter']>('WebhookFilter').implement({
  description: 'Which events of builds and jobs a webhook gets.',
  fields: (t) => ({
    jobs: t.exposeStringList('jobs', { nullable: true, description: filterDescriptions.jobs }),
    platforms: t.exposeStringList('platforms', { nullable: true, description: filterDescriptions.platforms }),
    sections: t.exposeStringList('sections', { nullable: true, description: filterDescriptions.sections }),
    results: t.exposeStringList('results', { nullable: true, description: filterDescriptions.results }),
    verdicts: t.exposeStringList('verdicts', { nullable: true, description: filterDescriptions.verdicts }),
  }),
})

const Webhook = builder.objectRef<EndpointFacts>('Webhook').implement({
  description: 'An address that is told of what happens.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number.' }),
    url: t.exposeString('url', { description: 'The address.' }),
    description: t.exposeString('description', { description: 'What it is; may be empty.' }),
    format: t.expose('format', { type: WebhookFormat, description: 'What it gets.' }),
    types: t.exposeStringList('types', {
      nullable: true,
      description: 'The types of events that it gets. Null: all.',
    }),
    filter: t.expose('filter', { type: WebhookFilter, description: 'Which of these events.' }),
    state: t.expose('state', { type: WebhookState, description: 'Whether it gets events.' }),
    stateReason: t.exposeString('stateReason', {
      nullable: true,
      description: 'Why it is suspended; null if it is not.',
    }),
    failureCount: t.exposeInt('failureCount', {
      description: 'Number of attempts that have failed since the last success.',
    }),
    failingSince: t.expose('failingSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When the first of them failed; null: there is none.',
    }),
    pausedUntil: t.expose('pausedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Nothing is sent before: the receiver was too busy.',
    }),
    previousSecretUntil: t.expose('previousSecretUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the secret before counts, too; null: it does not.',
    }),
    publicKey: t.exposeString('publicKey', {
      nullable: true,
      description: 'Key of its Ed25519 signatures; null: it has none.',
    }),
    hasAccessToken: t.exposeBoolean('hasAccessToken', {
      description: 'Whether requests bear an access token of the receiver.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    pendingCount: t.exposeInt('pendingCount', { description: 'Number of deliveries that wait.' }),
    deadCount: t.exposeInt('deadCount', { description: 'Number of deliveries that were given up.' }),
  }),
})

const Attempt = builder.objectRef<ShownAttempt>('WebhookAttempt').implement({
  description: 'A request that was sent to a webhook, and what came back.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it was sent.' }),
    method: t.exposeString('method', {
      description: 'Method of the request: `POST`, or `PUT` for Matrix.',
    }),
    url: t.exposeString('url', { description: 'Where to.' }),
    requestHeaders: t.stringList({
      description: 'Headers of the request, each as `name: value`. An access token is left out.',
      resolve: ({ requestHeaders }) => linesOfHeaders(requestHeaders),
    }),
    requestBody: t.exposeString('requestBody', { description: 'Body of the request; empty: none was made.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'Status of the answer; null: there was none.',
    }),
    durationMs: t.exposeInt('durationMs', { description: 'Time until the answer was read.' }),
    responseHead: t.exposeString('responseHead', {
      nullable: true,
      description: 'First 2,000 characters of the answer: headers, an empty line, the body.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed; null: it did not.' }),
  }),
})

const Delivery = builder.objectRef<ListedDelivery>('WebhookDelivery').implement({
  description: 'An event for a webhook.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number, for `redeliverWebhook`.' }),
    webhookId: t.id({ description: 'Number of the webhook.', resolve: ({ endpoint }) => endpoint.id }),
    url: t.string({ description: 'Address of the webhook.', resolve: ({ endpoint }) => endpoint.url }),
    eventId: t.id({
      description: 'Id of the event, which receivers get as `webhook-id`.',
      resolve: ({ event }) => event.uuid,
    }),
    type: t.string({ description: 'Type of the event.', resolve: ({ event }) => event.type }),
    happenedAt: t.field({
      type: 'DateTime',
      description: 'When it happened.',
      resolve: ({ event }) => event.at,
    }),
    job: t.string({
      nullable: true,
      description: 'Name of the job that it is of; null: of none.',
      resolve: ({ event }) => event.job,
    }),
    platform: t.string({
      nullable: true,
      description: 'Name of the platform.',
      resolve: ({ event }) => event.platform,
    }),
    build: t.field({
      type: 'UUID',
      nullable: true,
      description: 'UUID of the build that it is of, which may have been removed since; null: of none.',
      resolve: ({ event }) => event.build,
    }),
    state: t.field({
      type: DeliveryStateEnum,
      description: 'How it stands.',
      resolve: ({ state }) => state as DeliveryState,
    }),
    attemptCount: t.exposeInt('attempts', { description: 'Attempts since it was last asked for.' }),
    dueAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next attempt is made; null: at once, or there is none.',
      resolve: nextAttemptAt,
    }),
    status: t.exposeInt('status', { nullable: true, description: 'Status of the last answer.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why the last attempt failed.' }),
    lastAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last attempt was made.',
      resolve: ({ tries: [last] }) => last?.at ?? null,
    }),
    lastDurationMs: t.int({
      nullable: true,
      description: 'How long it took.',
      resolve: ({ tries: [last] }) => last?.durationMs ?? null,
    }),
    canBeRedelivered: t.boolean({
      description: 'Whether `redeliverWebhook` sends it again: its webhook is enabled.',
      resolve: ({ endpoint }) => endpoint.state === 'ENABLED',
    }),
  }),
})

const WholeDelivery = builder
  .objectRef<{ delivery: ListedDelivery; attempts: ShownAttempt[] }>('WebhookDeliveryLog')
  .implement({
    description: 'A delivery, and each of its attempts.',
    fields: (t) => ({
      delivery: t.expose('delivery', { type: Delivery, description: 'The delivery.' }),
      attempts: t.expose('attempts', {
        type: [Attempt],
        description: 'Its attempts, the newest first; at most 100.',
      }),
    }),
  })

const DeliveryConnection = builder.connectionObject(
  { type: Delivery, name: 'WebhookDeliveryConnection', description: 'A page of deliveries.' },
  { name: 'WebhookDeliveryEdge', description: 'A delivery in a list.' },
)

const EventKind = builder.objectRef<[type: string, description: string]>('EventType').implement({
  description: 'Something that can happen.',
  fields: (t) => ({
    name: t.string({ description: 'Such as `build.failed`.', resolve: ([type]) => type }),
    description: t.string({ description: 'When it happens.', resolve: ([, description]) => description }),
  }),
})

const order = byNewestId('delivery')

builder.objectFields(Administration, (t) => ({
  eventTypes: t.field({
    type: [EventKind],
    description: 'What webhooks can be told of.',
    resolve: () => Object.entries(eventTypes),
  }),
  webhooks: t.field({
    type: [Webhook],
    description: 'Addresses that are told of what happens, at most 100.',
    complexity: 100,
    resolve: (_admin, _args, { clock, db }) => listEndpoints(db, clock.now()),
  }),
  webhookDelivery: t.field({
    type: WholeDelivery,
    nullable: true,
    description: 'A delivery; null: there is none with this number.',
    args: { id: t.arg.id({ required: true, description: 'Its number.' }) },
    complexity: 100,
    resolve: async (_admin, { id }, { db }) => {
      const found = await findDelivery(db, numberOf(id, 'delivery') as WebhookDeliveryId)
      return found && { delivery: found, attempts: found.tries }
    },
  }),
  webhookDeliveries: t.connection(
    {
      type: Delivery,
      description: 'What was sent to webhooks and what waits, the newest first.',
      args: {
        webhook: t.arg.id({ description: 'Number of a webhook: only deliveries to it.' }),
        state: t.arg({ type: DeliveryStateEnum, description: 'Only deliveries in this state.' }),
      },
      complexity: pageCost,
      resolve: async (_admin, { webhook, state, ...args }, { db }) => {
        const page = parsePage(args, order)
        const filter = {
          ...(webhook == null ? {} : { endpointId: numberOf(webhook, 'webhook') as WebhookEndpointId }),
          ...(state == null ? {} : { state }),
        }
        const rows = await findByNewestId(page, ({ range, ...asked }) =>
          findDeliveries(db, filter, { ...asked, id: range as { lt?: WebhookDeliveryId } }),
        )
        return {
          ...toConnection(rows, page, order),
          totalCount: () => db.webhookDelivery.count({ where: filter }),
        }
      },
    },
    DeliveryConnection,
  ),
}))
