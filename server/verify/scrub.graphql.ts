import { builder } from '../graphql/builder.ts'
import { Site } from '../site/site.graphql.ts'
import { markVolatile } from '../volatile.ts'
import { readScrubState, type ScrubState } from './scrub-progress.ts'

const Scrub = builder.objectRef<ScrubState>('Scrub').implement({
  description:
    'The check of all stored content, which the server does in the background. A pass reads each file once, and compares its SHA-256.',
  fields: (t) => ({
    everyDays: t.int({
      nullable: true,
      description: 'A pass begins so many days after the beginning of the one before. Null: never.',
      resolve: (_scrub, _args, { config }) => config.scrubDays || null,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the pass began that runs now; null if none runs.',
      resolve: ({ running }) => running?.startedAt ?? null,
    }),
    checkedCount: t.int({
      description: 'Number of files that the pass that runs now has read; 0 if none runs.',
      resolve: ({ running }) => running?.blobCount ?? 0,
    }),
    checkedBytes: t.field({
      type: 'ByteSize',
      description: 'Their bytes.',
      resolve: ({ running }) => running?.bytes ?? 0,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last pass ended; null if none has ended yet.',
      resolve: ({ last }) => last?.finishedAt ?? null,
    }),
    damagedCount: t.int({
      description: 'Number of contents that are known to be missing or damaged, whoever found them.',
      resolve: ({ markedCount }) => markedCount,
    }),
  }),
})

builder.objectField(Site, 'scrub', (t) =>
  t.field({
    type: Scrub,
    description: 'How far the check of all stored content is.',
    complexity: 5,
    resolve: (_site, _args, context) => {
      markVolatile(context)
      return readScrubState(context.db)
    },
  }),
)
