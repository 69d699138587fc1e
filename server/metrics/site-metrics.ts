import { Gauge } from 'prom-client'
import { readLastBackup } from '../backup/last-backup.ts'
import type { Deps } from '../deps.ts'
import { readMirrorState } from '../imports/remote/mirror-progress.ts'
import { activeRunStates } from '../scheduling/run-state.ts'
import { readDatabaseSize, readDiskSize } from '../site/storage-sizes.ts'
import { readScrubState } from '../verify/scrub-progress.ts'
import type { Metrics } from './metrics.ts'

type Sources = Pick<Deps, 'clock' | 'config' | 'db' | 'log'>

/** The value for each combination of labels. */
type Samples = { labels: Record<string, string>; value: number }[]

/** A gauge that is read when the metrics are asked for. */
type SiteGauge = {
  name: string
  help: string
  labelNames?: string[]
  read: (sources: Sources) => Promise<Samples>
}

const one = (value: number): Samples => [{ labels: {}, value }]

const gauges: readonly SiteGauge[] = [
  {
    name: 'builds',
    help: 'Builds that are stored, by their result.',
    labelNames: ['status'],
    async read({ db }) {
      const { _sum: sums } = await db.jobPlatform.aggregate({
        _sum: { succeededCount: true, failedCount: true },
      })
      return [
        { labels: { status: 'succeeded' }, value: sums.succeededCount ?? 0 },
        { labels: { status: 'failed' }, value: sums.failedCount ?? 0 },
      ]
    },
  },
  {
    name: 'builds_by_verdict',
    help: 'Builds that are stored and have a main binary, by what all builds together say of it.',
    labelNames: ['verdict'],
    async read({ db }) {
      const { _sum: sums } = await db.jobPlatform.aggregate({
        _sum: { reproducedCount: true, notReproducibleCount: true, unconfirmedCount: true },
      })
      return [
        { labels: { verdict: 'reproduced' }, value: sums.reproducedCount ?? 0 },
        { labels: { verdict: 'not_reproducible' }, value: sums.notReproducibleCount ?? 0 },
        { labels: { verdict: 'unconfirmed' }, value: sums.unconfirmedCount ?? 0 },
      ]
    },
  },
  {
    name: 'newest_upload_timestamp_seconds',
    help: 'When the newest build arrived, in Unix time; absent while there is none.',
    async read({ db }) {
      const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { receivedAt: true } })
      return newest ? one(newest.receivedAt.getTime() / 1_000) : []
    },
  },
  {
    name: 'tasks',
    help: 'Tasks of the background that have not ended well.',
    labelNames: ['kind', 'state'],
    async read({ db }) {
      const groups = await db.queuedTask.groupBy({
        by: ['kind', 'state'],
        where: { state: { in: ['PENDING', 'RUNNING', 'DEAD'] } },
        _count: true,
      })
      return groups.map(({ kind, state, _count }) => ({
        labels: { kind: kind.toLowerCase(), state: state.toLowerCase() },
        value: _count,
      }))
    },
  },
  {
    name: 'oldest_task_age_seconds',
    help: 'How long the task that waits longest could have run already; absent where none waits.',
    labelNames: ['kind'],
    async read({ clock, db }) {
      const now = clock.now()
      const groups = await db.queuedTask.groupBy({
        by: ['kind'],
        where: { state: 'PENDING', dueAt: { lte: now } },
        _min: { dueAt: true },
      })
      return groups.map(({ kind, _min: { dueAt } }) => ({
        labels: { kind: kind.toLowerCase() },
        value: dueAt === null ? 0 : (now.getTime() - dueAt.getTime()) / 1_000,
      }))
    },
  },
  {
    name: 'runs',
    help: 'Runs that wait for workers or that workers have, by platform and state.',
    labelNames: ['platform', 'state'],
    async read({ db }) {
      const groups = await db.run.groupBy({
        by: ['platform', 'state'],
        where: { state: { in: ['QUEUED', ...activeRunStates] } },
        _count: true,
      })
      return groups.map(({ platform, state, _count }) => ({
        labels: { platform, state: state.toLowerCase() },
        value: _count,
      }))
    },
  },
  {
    name: 'build_workers',
    help: 'Workers that are connected, by platform.',
    labelNames: ['platform'],
    async read({ db }) {
      const groups = await db.buildWorker.groupBy({
        by: ['platform'],
        where: { connections: { gt: 0 } },
        _count: true,
      })
      return groups.map(({ platform, _count }) => ({ labels: { platform }, value: _count }))
    },
  },
  {
    name: 'damaged_blobs',
    help: 'Contents that are known to be missing or damaged.',
    read: async ({ db }) => one(await db.damagedBlob.count()),
  },
  {
    name: 'last_scrub_timestamp_seconds',
    help: 'When the last check of all stored content ended, in Unix time; absent until one has.',
    async read({ db }) {
      const { last } = await readScrubState(db)
      return last ? one(last.finishedAt.getTime() / 1_000) : []
    },
  },
  {
    name: 'backup_age_seconds',
    help: 'Time since the last backup of this data directory ended; absent until one has.',
    async read({ clock, config }) {
      const last = await readLastBackup(config.dataDir)
      return last ? one(Math.max(0, clock.now().getTime() - last.finishedAt.getTime()) / 1_000) : []
    },
  },
  {
    name: 'backup_lost_blobs',
    help: 'Contents that the last backup does not have because they are lost or damaged on the site; absent until there is one.',
    async read({ config }) {
      const last = await readLastBackup(config.dataDir)
      return last ? one(last.lostCount) : []
    },
  },
  {
    name: 'last_mirror_timestamp_seconds',
    help: 'When the last copy of all builds of --mirror-url ended, in Unix time; absent until one has.',
    async read({ db }) {
      const { last } = await readMirrorState(db)
      return last ? one(last.finishedAt.getTime() / 1_000) : []
    },
  },
  {
    name: 'mirror_refused_builds',
    help: 'Builds and lists that the last copy of --mirror-url could not take; absent until one has ended.',
    async read({ db }) {
      const { last } = await readMirrorState(db)
      return last ? one(last.refusedCount) : []
    },
  },
  {
    name: 'storage_free_bytes',
    help: 'Room that the user of the server has left on the disk of the data directory.',
    read: async ({ config }) => one((await readDiskSize(config)).free),
  },
  {
    name: 'storage_size_bytes',
    help: 'Size of the disk of the data directory.',
    read: async ({ config }) => one((await readDiskSize(config)).size),
  },
  {
    name: 'database_size_bytes',
    help: 'Size of the database: on SQLite of its file and its write-ahead log.',
    read: async ({ config, db }) => one(await readDatabaseSize(config, db)),
  },
]

/** Adds gauges of the database, the tasks and the disk. One that cannot be read is absent, and the log says why. */
export function addSiteMetrics({ registry }: Metrics, sources: Sources): void {
  for (const { name, help, labelNames = [], read } of gauges)
    new Gauge({
      name: `builder_hub_${name}`,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        // A reset gives 0 to a gauge without labels, which is a value, too.
        if (labelNames.length === 0) this.remove()
        try {
          for (const { labels, value } of await read(sources)) this.set(labels, value)
        } catch (error) {
          sources.log.error({ err: error, metric: name }, 'a metric cannot be read')
        }
      },
    })
}
