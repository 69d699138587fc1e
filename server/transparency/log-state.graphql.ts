import { Administration } from '../admin/administration.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { maxAppended } from './find-pending.ts'
import { readLogState, type LogState } from './read-log-state.ts'

const TransparencyLogState = builder.objectRef<LogState>('TransparencyLogState').implement({
  description: 'How the log of what the site states stands.',
  fields: (t) => ({
    origin: t.exposeString('origin', { description: 'Its name in checkpoints.' }),
    size: t.exposeInt('size', { description: 'How many entries it has.' }),
    root: t.expose('root', { type: 'Sha256', description: 'The hash over all entries.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    refusal: t.exposeString('refusal', {
      nullable: true,
      description: 'Why it is not continued. Null: it is.',
    }),
    note: t.exposeString('note', { description: 'The newest signed checkpoint.' }),
    pendingCount: t.exposeInt('pendingCount', {
      description: `How many entries wait to be appended; of more than ${maxAppended}, about as many.`,
    }),
  }),
})

builder.objectField(Administration, 'log', (t) =>
  t.field({
    type: TransparencyLogState,
    nullable: true,
    description: 'The state of the log of what the site states. Null: it has no entry yet.',
    complexity: { field: batchPrice, multiplier: 4 },
    resolve: (_admin, _args, { clock, config, db }) => readLogState(db, config.dataDir, clock.now()),
  }),
)
