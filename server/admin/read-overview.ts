import { readLastBackup, type LastBackup } from '../backup/last-backup.ts'
import { checkBackup } from '../doctor/check-backup.ts'
import { describeDamage, describeDeadTasks, checkUsers } from '../doctor/check-content.ts'
import { checkHooks } from '../doctor/check-hooks.ts'
import { checkMachine } from '../doctor/check-machine.ts'
import { checkMailSettings } from '../doctor/check-mail.ts'
import { checkMirror } from '../doctor/check-mirror.ts'
import { checkBuilderListener, checkScheduling } from '../doctor/check-scheduling.ts'
import { checkWebhooks } from '../doctor/check-webhooks.ts'
import { checkIdentity } from '../doctor/check-identity.ts'
import { checkRetention } from '../doctor/check-retention.ts'
import { checkDataDir, checkPublicUrl } from '../doctor/check-site.ts'
import { warning as warningOf, type Finding } from '../doctor/check.ts'
import type { Deps } from '../deps.ts'
import { readDatabaseSize, readDiskSize } from '../site/storage-sizes.ts'
import { readScrubState } from '../verify/scrub-progress.ts'
import { readQueues, type Queue } from './read-queues.ts'

/** The page for administrators on which something can be mended. */
export type MendingPage =
  'hooks' | 'users' | 'tasks' | 'webhooks' | 'retention' | 'configuration' | 'schedule'

export type Warning = Omit<Finding, 'level'> & {
  level: 'warning' | 'problem'
  /** null: it is mended on the machine. */
  page: MendingPage | null
}

export type Overview = {
  startedAt: Date
  engine: 'SQLITE' | 'POSTGRESQL'
  /** null: the system does not tell. */
  disk: { free: number; size: number } | null
  databaseBytes: number
  /** What the last check of all stored content has read; null until one has ended. */
  content: { count: number; bytes: number; at: Date } | null
  queues: Queue[]
  lastUploadAt: Date | null
  /** null: none is known. */
  lastBackup: LastBackup | null
  warnings: Warning[]
}

/** How the site is. */
export async function readOverview({
  clock,
  config,
  db,
}: Pick<Deps, 'clock' | 'config' | 'db'>): Promise<Overview> {
  const queues = await readQueues(db)
  const scrub = await readScrubState(db)
  const newest = await db.build.findFirst({ orderBy: { id: 'desc' }, select: { receivedAt: true } })
  const found: [MendingPage | null, Finding[]][] = [
    ['users', [await checkUsers(db)]],
    [null, await checkBackup(db, config, clock.now())],
    ['hooks', await checkHooks(db, config, clock.now())],
    ['tasks', await checkMirror(db, config)],
    ['webhooks', await checkWebhooks(db, config)],
    ['schedule', await checkScheduling(db, config, clock.now())],
    ['tasks', describeDeadTasks(queues.map(({ kind, deadCount }) => ({ kind, dead: deadCount })))],
    [null, [describeDamage(scrub.markedCount)]],
    ['configuration', checkMailSettings(config)],
    ['retention', checkRetention(config)],
    ['configuration', checkIdentity(config)],
    ['configuration', checkBuilderListener(config)],
    [null, checkMachine()],
    [null, await checkDataDir(config).catch(asWarning)],
    // Whether a public address leads here is a request of its own: "hub doctor" sends it.
    ['configuration', config.publicUrl === '' ? await checkPublicUrl(config) : []],
  ]
  const now = clock.now()
  return {
    startedAt: new Date(now.getTime() - Math.round(process.uptime() * 1_000)),
    engine: config.databaseUrl === '' ? 'SQLITE' : 'POSTGRESQL',
    disk: await readDiskSize(config).catch(() => null),
    databaseBytes: await readDatabaseSize(config, db),
    content: scrub.last && {
      count: scrub.last.blobCount,
      bytes: scrub.last.bytes,
      at: scrub.last.finishedAt,
    },
    queues,
    lastUploadAt: newest?.receivedAt ?? null,
    lastBackup: await readLastBackup(config.dataDir),
    warnings: found.flatMap(([page, findings]) =>
      findings.flatMap(({ level, ...rest }) => (level === 'ok' ? [] : [{ ...rest, level, page }])),
    ),
  }
}

function asWarning(error: unknown): Finding[] {
  return [
    warningOf(
      `the data directory cannot be looked at: ${error instanceof Error ? error.message : String(error)}`,
    ),
  ]
}
