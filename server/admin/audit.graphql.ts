import { auditActions, auditResults } from '../audit/actions.ts'
import type { AuditEntry as Row } from '../generated/prisma/client.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { pageCost, parsePage, toConnection } from '../graphql/connection.ts'
import type { AuditEntryId } from '../ids.ts'
import { Administration } from './administration.graphql.ts'
import { byNewestId, findByNewestId } from './list-by-id.ts'

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
      description: 'How the actor was known: password, token, session, command, server or nobody.',
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
    action: t.exposeString('action', { description: 'What was done, such as `user.add`.' }),
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
    action: t.string({ description: 'Only this action: one of `auditActions`.' }),
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
    description: 'The actions that the audit log has entries of.',
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
        const { actor, action, result, target, since, until } = args.filter ?? {}
        // No index begins with the target.
        if (target != null && actor == null && action == null)
          throw badInput('filter: give an actor or an action with the target')
        const where = {
          ...(actor == null ? {} : { actor }),
          ...(action == null ? {} : { action }),
          ...(result == null ? {} : { result }),
          ...(target == null ? {} : { target }),
          ...(since == null && until == null
            ? {}
            : { at: { ...(since == null ? {} : { gte: since }), ...(until == null ? {} : { lt: until }) } }),
        }
        const rows = await findByNewestId(page, ({ range, ...asked }) =>
          db.auditEntry.findMany({
            ...asked,
            where: { ...where, id: range as { lt?: AuditEntryId; gt?: AuditEntryId } },
          }),
        )
        return { ...toConnection(rows, page, order), totalCount: () => db.auditEntry.count({ where }) }
      },
    },
    AuditEntryConnection,
  ),
}))
