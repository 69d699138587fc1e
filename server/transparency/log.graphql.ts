import { builder } from '../graphql/builder.ts'
import { batchPrice } from '../graphql/connection.ts'
import { parseEntry, type EntryKind, type LogEntry } from '../formats/tlog/log-entry.ts'
import { isCurrent, listKeys, formsOf } from '../signing/list-keys.ts'
import { markVolatile } from '../volatile.ts'
import { checkpointOf, logPath, toHex } from './log-head.ts'
import type { Published } from './transparency-log.ts'

const newestEntries = 20

const Kind = builder.enumType('TransparencyLogEntryKind', {
  description: 'What an entry of the log says.',
  values: {
    ATTESTATION: { description: 'A statement was signed, or received.' },
    KEY: { description: 'A key signs from now on.' },
    REVOCATION: { description: 'What a key has signed since a time proves nothing.' },
    REMOVAL: { description: 'A statement is no longer published.' },
    RESET: { description: 'The log continues another one.' },
  } satisfies Record<Uppercase<EntryKind>, object>,
})

const Entry = builder.objectRef<LogEntry & { index: number }>('TransparencyLogEntry').implement({
  description: 'An entry of the log: hashes and times, and no names.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place, from 0.' }),
    kind: t.field({
      type: Kind,
      description: 'What it says.',
      resolve: ({ kind }) => kind.toUpperCase() as Uppercase<typeof kind>,
    }),
    sha256: t.expose('sha256', { type: 'Sha256', description: 'Of the envelope, or of the key.' }),
    subjects: t.expose('subjects', {
      type: ['Sha256'],
      description: 'Of files that the statement is about: at most 8.',
    }),
    at: t.field({
      type: 'DateTime',
      description: 'When it was appended.',
      resolve: ({ time }) => new Date(time * 1000),
    }),
  }),
})

const Witness = builder
  .objectRef<{ witness: string; size: number; at: Date }>('TransparencyLogWitness')
  .implement({
    description: 'Another site that has checked that the log only grows, and has signed that.',
    fields: (t) => ({
      name: t.exposeString('witness', { description: 'Its name.' }),
      size: t.exposeInt('size', { description: 'How many entries the log had then.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it signed.' }),
    }),
  })

const TransparencyLog = builder.objectRef<Published>('TransparencyLog').implement({
  description:
    'The log of what the site states. Nobody can change it later without being found out (C2SP, tlog-tiles).',
  fields: (t) => ({
    origin: t.exposeString('origin', { description: 'Its name in checkpoints.' }),
    size: t.exposeInt('size', { description: 'How many entries it has.' }),
    root: t.field({
      type: 'Sha256',
      description: 'The hash over all entries.',
      resolve: ({ note }) => toHex(checkpointOf(note).root),
    }),
    checkpointUrl: t.field({
      type: 'URL',
      description: 'Where to download the signed checkpoint. Tiles and proofs are beside it.',
      resolve: ({ number }, _args, { siteUrl }) => `${siteUrl}${logPath(number)}/checkpoint`,
    }),
    verifierKey: t.string({
      nullable: true,
      description: 'The key that signs checkpoints, in one line. Null: there is none now.',
      complexity: batchPrice,
      async resolve({ origin }, _args, { db, siteUrl }) {
        const key = (await listKeys(db, 'LOG')).find(isCurrent)
        return key ? formsOf(key, siteUrl, origin).verifierKey : null
      },
    }),
    newestEntries: t.field({
      type: [Entry],
      description: 'The newest entries first: at most 20.',
      complexity: { field: batchPrice, multiplier: newestEntries },
      async resolve({ number: log, size }, _args, { db }) {
        const entries = await db.logEntry.findMany({
          where: { log, index: { lt: size } },
          orderBy: { index: 'desc' },
          take: newestEntries,
          select: { index: true, entry: true },
        })
        return entries.map(({ index, entry }) => ({ index, ...parseEntry(Buffer.from(entry)) }))
      },
    }),
    witnesses: t.field({
      type: [Witness],
      description: 'Other sites that watch the log, by their newest signature.',
      complexity: { field: batchPrice, multiplier: 8 },
      resolve: ({ number: log }, _args, { db }) =>
        db.logCosignature.findMany({ where: { log }, orderBy: { witness: 'asc' }, take: 50 }),
    }),
  }),
})

builder.queryField('log', (t) =>
  t.field({
    type: TransparencyLog,
    nullable: true,
    description:
      'The log of the site, as far as it is published. Null: the site signs nothing, or has no entry yet.',
    resolve(_root, _args, context) {
      // It grows after the change that others notice.
      markVolatile(context)
      return context.transparency.published()
    },
  }),
)
