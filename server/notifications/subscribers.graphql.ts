import { Administration } from '../admin/administration.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { addressOf, EmailAddress } from './email-address.graphql.ts'
import { listSubscribers, type Subscriber } from './list-subscribers.ts'
import { SubscriptionType } from './notifications.graphql.ts'

const maxSubscribers = 1_000

const SubscriberType = builder.objectRef<Subscriber>('Subscriber').implement({
  description: 'A user who has an address for notifications, or subscriptions.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the user.' }),
    email: t.field({
      type: EmailAddress,
      nullable: true,
      description: 'Where notifications go; null: nowhere.',
      resolve: addressOf,
    }),
    subscriptions: t.expose('subscriptions', {
      type: [SubscriptionType],
      description: 'What the user wants to be told by e-mail, the oldest subscription first.',
    }),
  }),
})

builder.objectField(Administration, 'subscribers', (t) =>
  t.field({
    type: [SubscriberType],
    description: 'Users who have an address for notifications, or subscriptions, by name; at most 1,000.',
    complexity: { field: batchPrice, multiplier: 20 },
    resolve: (_admin, _args, { db }) => listSubscribers(db, maxSubscribers),
  }),
)
