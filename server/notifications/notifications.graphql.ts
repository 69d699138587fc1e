import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { Refusal } from '../graphql/refusal.ts'
import { resultOf } from '../admin/refusals.graphql.ts'
import type { SubscriptionId } from '../ids.ts'
import { requireSession } from '../sessions/require-fresh-session.ts'
import { ViewerType } from '../sessions/viewer.graphql.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { confirmEmail, sendTestMail, setEmail, setQuietHours } from './change-address.ts'
import { listSubscriptions, subscribe, unsubscribe, updateSubscription } from './change-subscriptions.ts'
import { addressColumns, addressOf, EmailAddress } from './email-address.graphql.ts'
import { mailSettingsOf } from './mail-settings.ts'
import {
  BadAddressError,
  BadSubscriptionError,
  MailUnavailableError,
  SubscriptionNotFoundError,
} from './notification-errors.ts'
import type { QuietHours } from './quiet-hours.ts'
import type { Choice, SubscriptionFacts } from './subscription.ts'
import type { Digest, Transition } from './transition.ts'

const refusals = [
  [BadSubscriptionError, 'BadSubscriptionError', 'The subscription cannot be stored as it is.'],
  [SubscriptionNotFoundError, 'SubscriptionNotFoundError', 'The user has no such subscription.'],
  [BadAddressError, 'BadAddressError', 'An address, a confirmation or quiet hours that cannot be used.'],
  [
    MailUnavailableError,
    'MailUnavailableError',
    'No mail is sent: none is configured, or there were too many.',
  ],
] as const
for (const [type, name, description] of refusals)
  builder.objectType(type, { name, description, interfaces: [Refusal] })

const TransitionEnum = builder.enumType('Transition', {
  description: 'A change of the state of a job on a platform.',
  values: {
    NEWLY_FAILING: { description: 'Its newest build failed, and the one before did not.' },
    FIXED: { description: 'Its newest build succeeded, and the one before failed.' },
    OUTPUT_CHANGED: { description: 'Its newest main binary is another one than before.' },
    NOT_REPRODUCIBLE: { description: 'Its builds are known now not to be reproducible.' },
    SILENT: { description: 'The job has had no build on any platform for some days (`--silent-days`).' },
    REPRODUCED: { description: 'Its builds are reproduced now.' },
    KNOWN_ISSUE: { description: 'An advisory is about a package of its newest build.' },
  } satisfies Record<Transition, unknown>,
})

const DigestEnum = builder.enumType('Digest', {
  description: 'When notifications are mailed.',
  values: {
    INSTANT: { description: 'Some minutes after it has happened, those with one cause in one mail.' },
    HOURLY: { description: 'Once an hour, if something has happened.' },
    DAILY: { description: 'Once a day, at 8 o’clock, if something has happened.' },
  } satisfies Record<Digest, unknown>,
})

export const SubscriptionType = builder.objectRef<SubscriptionFacts>('NotificationSubscription').implement({
  description: 'What a user wants to be told by e-mail.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'For `updateSubscription` and `unsubscribe`.' }),
    jobs: t.exposeStringList('jobs', {
      description: 'Names of jobs, in which a `*` stands for any characters.',
    }),
    platforms: t.exposeStringList('platforms', {
      nullable: true,
      description: 'Names of platforms; null: all.',
    }),
    events: t.expose('events', { type: [TransitionEnum], description: 'Of which changes.' }),
    digest: t.expose('digest', { type: DigestEnum, description: 'When it is mailed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it counts.' }),
  }),
})

const QuietHoursType = builder.objectRef<QuietHours>('QuietHours').implement({
  description: 'When no notification is sent. What happens meanwhile is sent afterwards.',
  fields: (t) => ({
    from: t.exposeInt('quietFrom', {
      nullable: true,
      description: 'First minute of the day; null: there are none.',
    }),
    until: t.exposeInt('quietUntil', { nullable: true, description: 'First minute of the day after them.' }),
    timeZone: t.exposeString('timeZone', {
      description: 'Time zone of quiet hours and of daily digests, such as `Europe/Berlin`.',
    }),
  }),
})

builder.objectFields(ViewerType, (t) => ({
  email: t.field({
    type: EmailAddress,
    nullable: true,
    description: 'Where notifications go; null: nowhere.',
    resolve: async ({ id }, _args, { db }) =>
      addressOf(await db.user.findUniqueOrThrow({ where: { id }, select: addressColumns })),
  }),
  quietHours: t.field({
    type: QuietHoursType,
    description: 'When no notification is sent.',
    resolve: ({ id }, _args, { db }) =>
      db.user.findUniqueOrThrow({
        where: { id },
        select: { quietFrom: true, quietUntil: true, timeZone: true },
      }),
  }),
  subscriptions: t.field({
    type: [SubscriptionType],
    complexity: { field: batchPrice, multiplier: 20 },
    description: 'What the user wants to be told by e-mail, the oldest subscription first.',
    resolve: ({ id }, _args, { db }) => listSubscriptions(db, id),
  }),
  canGetMail: t.boolean({
    description: 'Whether this site sends mails.',
    resolve: (_viewer, _args, { config }) => mailSettingsOf(config) !== null,
  }),
}))

const SubscriptionInput = builder.inputType('SubscriptionInput', {
  description: 'What a user wants to be told by e-mail.',
  fields: (t) => ({
    jobs: t.stringList({ required: true, description: 'Names of jobs. A `*` stands for any characters.' }),
    platforms: t.stringList({ description: 'Names of platforms; absent: all.' }),
    events: t.field({ type: [TransitionEnum], required: true, description: 'Of which changes.' }),
    digest: t.field({ type: DigestEnum, required: true, description: 'When it is mailed.' }),
  }),
})

type Given = { jobs: string[]; platforms?: string[] | null | undefined; events: Transition[]; digest: Digest }
const choiceOf = ({ platforms = null, ...rest }: Given): Choice => ({ ...rest, platforms })

function subscriptionId(id: string | number): SubscriptionId {
  if (!/^\d{1,9}$/.test(String(id))) throw badInput('not the number of a subscription')
  return Number(id) as SubscriptionId
}

builder.mutationFields((t) => ({
  subscribe: t.field({
    type: SubscriptionType,
    nullable: true,
    description: 'Tell the viewer of changes from now on.',
    args: { input: t.arg({ type: SubscriptionInput, required: true, description: 'Of which.' }) },
    errors: {
      types: [NotAuthorizedError, BadSubscriptionError],
      ...resultOf('Subscribe', 'The viewer is subscribed.', 'subscription', 'The new subscription.'),
    },
    resolve: async (_root, { input }, context) => {
      const { id } = requireSession(await context.viewer())
      return subscribe(context.writer, id, choiceOf(input), context.clock.now())
    },
  }),
  updateSubscription: t.field({
    type: SubscriptionType,
    nullable: true,
    description: 'Change a subscription of the viewer.',
    args: {
      id: t.arg.id({ required: true, description: 'Number of the subscription.' }),
      input: t.arg({ type: SubscriptionInput, required: true, description: 'What it is from now on.' }),
    },
    errors: {
      types: [NotAuthorizedError, BadSubscriptionError, SubscriptionNotFoundError],
      ...resultOf('UpdateSubscription', 'The subscription is changed.', 'subscription', 'The subscription.'),
    },
    resolve: async (_root, { id, input }, context) => {
      const viewer = requireSession(await context.viewer())
      return updateSubscription(context.writer, viewer.id, subscriptionId(id), choiceOf(input))
    },
  }),
  unsubscribe: t.id({
    nullable: true,
    description: 'End a subscription of the viewer. What waits because of it is not sent.',
    args: { id: t.arg.id({ required: true, description: 'Number of the subscription.' }) },
    errors: {
      types: [NotAuthorizedError, SubscriptionNotFoundError],
      ...resultOf('Unsubscribe', 'The subscription has ended.', 'id', 'Number of the subscription.'),
    },
    resolve: async (_root, { id }, context) => {
      const viewer = requireSession(await context.viewer())
      await unsubscribe(context.writer, viewer.id, subscriptionId(id))
      return id
    },
  }),
  setEmail: t.field({
    type: ViewerType,
    nullable: true,
    description:
      'Set where notifications of the viewer go. A mail goes there with a link for `confirmEmail`; nothing else is sent before.',
    args: { email: t.arg.string({ description: 'The address; absent: notifications go nowhere.' }) },
    errors: {
      types: [NotAuthorizedError, BadAddressError, MailUnavailableError],
      ...resultOf('SetEmail', 'The address is stored.', 'viewer', 'Whose address it is.'),
    },
    resolve: async (_root, { email }, context) => {
      const viewer = requireSession(await context.viewer())
      await setEmail(context, viewer, email ?? null)
      return viewer
    },
  }),
  confirmEmail: t.field({
    type: ViewerType,
    nullable: true,
    description: 'Confirm the address of the viewer.',
    args: { code: t.arg.string({ required: true, description: 'What the link of the mail has.' }) },
    errors: {
      types: [NotAuthorizedError, BadAddressError],
      ...resultOf('ConfirmEmail', 'The address is confirmed.', 'viewer', 'Whose address it is.'),
    },
    resolve: async (_root, { code }, context) => {
      const viewer = requireSession(await context.viewer())
      await confirmEmail(context, viewer, code)
      return viewer
    },
  }),
  setQuietHours: t.field({
    type: ViewerType,
    nullable: true,
    description: 'Set when no notification is sent to the viewer.',
    args: {
      from: t.arg.int({ description: 'First minute of the day, from 0; absent: mails come at any time.' }),
      until: t.arg.int({ description: 'First minute of the day after them; it may be on the next day.' }),
      timeZone: t.arg.string({ required: true, description: 'Such as `UTC` or `Europe/Berlin`.' }),
    },
    errors: {
      types: [NotAuthorizedError, BadAddressError],
      ...resultOf('SetQuietHours', 'The quiet hours are stored.', 'viewer', 'Whose they are.'),
    },
    resolve: async (_root, { from, until, timeZone }, context) => {
      const viewer = requireSession(await context.viewer())
      const hours = { quietFrom: from ?? null, quietUntil: until ?? null, timeZone }
      await setQuietHours(context.writer, viewer.id, hours)
      return viewer
    },
  }),
  sendTestMail: t.string({
    nullable: true,
    description: 'Send a mail to the viewer that shows that mails arrive.',
    errors: {
      types: [NotAuthorizedError, BadAddressError, MailUnavailableError],
      ...resultOf('SendTestMail', 'The mail is on its way.', 'address', 'Where it goes.'),
    },
    resolve: async (_root, _args, context) => {
      const viewer = requireSession(await context.viewer())
      return sendTestMail(context, viewer.id)
    },
  }),
}))
