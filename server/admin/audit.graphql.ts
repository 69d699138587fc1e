import { auditActions, auditResults } from '../audit/actions.ts'
import { vias } from '../audit/actor.ts'
import { countAudit, listAudit } from '../audit/list-audit.ts'
import type { AuditEntry as Row } from '../generated/prisma/client.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import { byNewestId } from '../list-by-id.ts'
import { Administration } from './administration.graphql.ts'

const AuditResultEnum = builder.enumType('AuditResult', {
  description: 'What came of an action.',
  values: {
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was refused.' },
    FAILED: { description: 'It failed.' },
  } satisfies Record<(typeof auditResults)[number], unknown>,
})

const AuditEntry = builder.objectRef<Row>('AuditEntry').implement({
  description: 'An entry of the audit log: who did what. Entries are only added.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its number: later entries have higher ones.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was done.' }),
    actor: t.exposeString('actor', {
      nullable: true,
      description: 'Name of the user; null: nobody who has signed in, or the server itself.',
    }),
    via: t.exposeString('via', {
      description: `How the actor was known: ${vias.join(', ')}. A text and no enum, as \`action\` is.`,
    }),
    credential: t.exposeString('credential', {
      nullable: true,
      description: 'The first characters of the token, or the number of the session; null: neither.',
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'Address of the client; null: none.',
    }),
    requestId: t.exposeString('requestId', {
      nullable: true,
      description: 'Id of the request in the log of the server; null: none.',
    }),
    action: t.exposeString('action', {
      description:
        'What was done, such as `user.add`: one of `auditActions`. A text and no enum, since entries stay for ever: another version may have written an action that this one does not know.',
    }),
    target: t.exposeString('target', {
      nullable: true,
      description: 'On what: a name, or a UUID; null: on nothing that has one.',
    }),
    result: t.field({
      type: AuditResultEnum,
      description: 'What came of it.',
      resolve: ({ result }) => auditResults.find((known) => known === result) ?? 'FAILED',
    }),
    detail: t.exposeString('detail', {
      nullable: true,
      description: 'What changed, as JSON, without secrets; null: nothing more is known.',
    }),
    previousSha256: t.expose('previousSha256', {
      type: 'Sha256',
      nullable: true,
      description: 'Hash of the entry before; null: this is the first.',
    }),
    sha256: t.expose('sha256', {
      type: 'Sha256',
      description: 'Hash of this entry, which covers `previousSha256`: no entry can be changed unseen.',
    }),
  }),
})

const AuditEntryConnection = builder.connectionObject(
  { type: AuditEntry, name: 'AuditEntryConnection', description: 'A page of the audit log.' },
  { name: 'AuditEntryEdge', description: 'An entry in a list.' },
)

const AuditFilterInput = builder.inputType('AuditFilter', {
  description: 'Filter for entries of the audit log. An entry must meet all given conditions.',
  fields: (t) => ({
    actor: t.string({ description: 'Only what the user with this name did.' }),
    action: t.string({
      description: 'Only this action, exactly: one of `auditActions`, or one of another version.',
    }),
    result: t.field({ type: AuditResultEnum, description: 'Only entries with this result.' }),
    target: t.string({
      description: 'Only what was done on this, exactly. Give an actor or an action, too.',
    }),
    since: t.field({ type: 'DateTime', description: 'Only entries of this time or later.' }),
    until: t.field({ type: 'DateTime', description: 'Only entries before this time.' }),
  }),
})

const order = byNewestId('audit')

builder.objectFields(Administration, (t) => ({
  auditActions: t.stringList({
    description: 'The actions that this version writes into the audit log.',
    resolve: () => [...auditActions],
  }),
  audit: t.connection(
    {
      type: AuditEntry,
      description: 'The audit log, the newest entries first.',
      args: { filter: t.arg({ type: AuditFilterInput, description: 'Which entries to list.' }) },
      complexity: pageCost,
      resolve: async (_admin, args, { db }) => {
        const page = parsePage(args, order)
        const filter = args.filter ?? {}
        // No index begins with the target.
        if (filter.target != null && filter.actor == null && filter.action == null)
          throw badInput('filter: give an actor or an action with the target')
        const found = await listAudit(db, filter, page)
        return { ...toConnection(found, page, order), totalCount: () => countAudit(db, filter) }
      },
    },
    AuditEntryConnection,
  ),
}))
