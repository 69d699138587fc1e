import { Administration } from '../admin/administration.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { VexJustificationEnum, VexStatusEnum } from './advisory-enums.graphql.ts'
import { listVexStatements, type ListedVexStatement } from './list-vex-statements.ts'

const maxStatements = 2_000

const VexStatement = builder.objectRef<ListedVexStatement>('VexStatement').implement({
  description: 'What was said of an advisory and builds of jobs.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number.' }),
    advisory: t.exposeString('advisoryId', { description: 'Id of the advisory.' }),
    jobs: t.exposeString('jobs', { description: 'Name of the job; `*` stands for any characters.' }),
    status: t.expose('status', { type: VexStatusEnum, description: 'Whether the issue is one.' }),
    justification: t.expose('justification', {
      type: VexJustificationEnum,
      nullable: true,
      description: 'Why it is none.',
    }),
    note: t.exposeString('note', { nullable: true, description: 'More, for everybody to read.' }),
    statedAt: t.expose('statedAt', { type: 'DateTime', description: 'When it was said.' }),
    statedBy: t.exposeString('statedBy', {
      nullable: true,
      description: 'Name of the user who said it. Null: the operator, by a command.',
    }),
  }),
})

builder.objectField(Administration, 'vexStatements', (t) =>
  t.field({
    type: [VexStatement],
    description: 'What was said of advisories, by advisory and jobs; at most 2,000.',
    complexity: { field: batchPrice, multiplier: 20 },
    resolve: (_admin, _args, { db }) => listVexStatements(db, maxStatements),
  }),
)
