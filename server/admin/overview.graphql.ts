import { builder } from '../graphql/builder.ts'
import { readVersion } from '../site/read-version.ts'
import { Administration } from './administration.graphql.ts'
import { readOverview, type MendingPage, type Overview, type Warning } from './read-overview.ts'
import type { Queue } from './read-queues.ts'

const DatabaseEngine = builder.enumType('DatabaseEngine', {
  description: 'What keeps the facts of the site.',
  values: {
    SQLITE: { description: 'A file in the data directory.' },
    POSTGRESQL: { description: 'A PostgreSQL server.' },
  } satisfies Record<Overview['engine'], unknown>,
})

const DiskSpace = builder.objectRef<{ free: number; size: number }>('DiskSpace').implement({
  description: 'The disk of the data directory.',
  fields: (t) => ({
    freeBytes: t.expose('free', {
      type: 'ByteSize',
      description: 'Room that the user of the server has left.',
    }),
    sizeBytes: t.expose('size', { type: 'ByteSize', description: 'Size of the disk.' }),
  }),
})

const StoredContent = builder.objectRef<NonNullable<Overview['content']>>('StoredContent').implement({
  description: 'What the last check of all stored content has read.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'Number of files.' }),
    bytes: t.expose('bytes', { type: 'ByteSize', description: 'Their bytes.' }),
    countedAt: t.expose('at', { type: 'DateTime', description: 'When that check ended.' }),
  }),
})

const TaskQueue = builder.objectRef<Queue>('TaskQueue').implement({
  description: 'Tasks of one kind that have not ended well.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'Which tasks.' }),
    waitingCount: t.exposeInt('waitingCount', { description: 'Number of those that wait.' }),
    runningCount: t.exposeInt('runningCount', { description: 'Number of those that run.' }),
    failedCount: t.exposeInt('failedCount', {
      description: 'Number of those whose error every other run would give, too.',
    }),
    deadCount: t.exposeInt('deadCount', {
      description: 'Number of those that gave an error in each attempt.',
    }),
    oldestDueAt: t.expose('oldestDueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on the first that waits can run; null if none waits.',
    }),
  }),
})

const WarningLevel = builder.enumType('WarningLevel', {
  description: 'How bad something is.',
  values: {
    WARNING: { value: 'warning', description: 'It works, but should be looked at.' },
    PROBLEM: { value: 'problem', description: 'Something does not work.' },
  },
})

const pagePaths: Record<MendingPage, string> = {
  users: '/admin/users',
  hooks: '/admin/hooks',
  tasks: '/admin/tasks',
  webhooks: '/admin/webhooks',
  retention: '/admin/retention',
  configuration: '/admin/configuration',
  schedule: '/schedule',
}

const SiteWarning = builder.objectRef<Warning>('SiteWarning').implement({
  description: 'Something that an administrator can mend, as `hub doctor` says it.',
  fields: (t) => ({
    level: t.field({ type: WarningLevel, description: 'How bad it is.', resolve: ({ level }) => level }),
    text: t.exposeString('text', { description: 'What is wrong and what to do, for people.' }),
    resourcePath: t.field({
      type: 'ResourcePath',
      nullable: true,
      description: 'The page where it can be mended; null if it is mended on the machine.',
      resolve: ({ page }) => (page === null ? null : pagePaths[page]),
    }),
  }),
})

const AdministrationOverview = builder.objectRef<Overview>('AdministrationOverview').implement({
  description: 'How the site is.',
  fields: (t) => ({
    version: t.string({
      description: 'Version of Builder Hub that this server runs.',
      resolve: () => readVersion(),
    }),
    nodeVersion: t.string({
      description: 'Version of Node.js that runs it.',
      resolve: () => process.version,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When this server started.' }),
    engine: t.field({
      type: DatabaseEngine,
      description: 'What keeps the facts.',
      resolve: ({ engine }) => engine,
    }),
    disk: t.field({
      type: DiskSpace,
      nullable: true,
      description: 'The disk of the data directory; null if the system does not tell.',
      resolve: ({ disk }) => disk,
    }),
    databaseBytes: t.expose('databaseBytes', {
      type: 'ByteSize',
      description: 'Size of the database: on SQLite of its file and its write-ahead log.',
    }),
    content: t.field({
      type: StoredContent,
      nullable: true,
      description: 'How much content is stored; null until the first check of all of it has ended.',
      resolve: ({ content }) => content,
    }),
    queues: t.field({
      type: [TaskQueue],
      description: 'The tasks of the background that have not ended well, by kind.',
      resolve: ({ queues }) => queues,
    }),
    lastUploadAt: t.expose('lastUploadAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the newest build arrived; null if there is none.',
    }),
    lastBackupAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last backup ended; null if none is known.',
      resolve: ({ lastBackup }) => lastBackup?.finishedAt ?? null,
    }),
    lastBackupFolder: t.field({
      type: 'String',
      nullable: true,
      description: 'The folder that it is in.',
      resolve: ({ lastBackup }) => lastBackup?.folder ?? null,
    }),
    warnings: t.field({
      type: [SiteWarning],
      description: 'What an administrator should look at.',
      resolve: ({ warnings }) => warnings,
    }),
  }),
})

builder.objectField(Administration, 'overview', (t) =>
  t.field({
    type: AdministrationOverview,
    description: 'How the site is.',
    complexity: 100,
    resolve: (_admin, _args, context) => readOverview(context),
  }),
)
