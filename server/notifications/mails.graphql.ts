import { Administration } from '../admin/administration.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { listMails, type ListedMail, type MailState } from './list-mails.ts'

const MailStateEnum = builder.enumType('MailState', {
  description: 'What has become of a mail.',
  values: {
    WAITING: { description: 'It is sent as soon as it can be.' },
    SENT: { description: 'The mail server has taken it.' },
    REFUSED: { description: 'The mail server refuses the address for good. Nothing more is sent there.' },
    FAILED: { description: 'All attempts gave an error.' },
  } satisfies Record<MailState, unknown>,
})

const MailType = builder.objectRef<ListedMail>('Mail').implement({
  description: 'An e-mail of the site, without its text.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number.' }),
    userName: t.exposeString('userName', { description: 'Name of the user.' }),
    recipient: t.exposeString('recipient', { description: 'The address.' }),
    subject: t.exposeString('subject', { description: 'What it is about.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written.' }),
    sentAt: t.expose('sentAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the mail server took it; null if it has not.',
    }),
    state: t.expose('state', { type: MailStateEnum, description: 'What has become of it.' }),
    attempts: t.exposeInt('attempts', { description: 'Number of attempts since it was last asked for.' }),
    answer: t.exposeString('answer', {
      nullable: true,
      description: 'Why the last attempt failed, or what the mail server said; null: nothing yet.',
    }),
    taskId: t.exposeID('taskId', {
      nullable: true,
      description: 'Number of the task that sends it, for `retryTask`; null if it is gone.',
    }),
  }),
})

builder.objectField(Administration, 'mails', (t) =>
  t.field({
    type: [MailType],
    description: 'The last 50 mails, the newest first.',
    args: {
      isFailed: t.arg.boolean({
        defaultValue: false,
        description: 'Only those that could not be delivered.',
      }),
    },
    complexity: { field: batchPrice, multiplier: 50 },
    resolve: (_admin, { isFailed }, { db }) => listMails(db, { isFailed: isFailed ?? false }),
  }),
)
