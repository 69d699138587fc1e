import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAnalyses } from './analyses/analyses.ts'
import { createAnalysisWorkers } from './analyses/analysis-handlers.ts'
import { kinds } from './analyses/kinds.ts'
import { createApp, webFilesOf } from './app.ts'
import { localCopies } from './blobs/local-copies.ts'
import { diskBlobStore, type DiskBlobStore } from './blobs/disk-blob-store.ts'
import type { Config } from './config.ts'
import { checkNoBlobs, makeDataDir } from './data-dir.ts'
import type { Database } from './database/connections.ts'
import { siteDatabaseOf } from './database/site-database.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { Deps } from './deps.ts'
import { createEvents } from './events.ts'
import { createLog } from './log.ts'
import { createTaskRunner } from './runner/task-runner.ts'
import { taskHandlers } from './task-handlers.ts'
import { createAuthenticator } from './users/authenticate.ts'
import { awaitInvitation } from './request-body.ts'
import { createWorkerPool, WorkersClosedError } from './workers/worker-pool.ts'

/** Maximum time without traffic on a socket. An upload as a whole may take hours. */
const idleMs = 120_000

/** More clients than this wait in the system's queue or are hung up on; each connection takes some 20 kB. */
const maxConnections = 4_000

const warmUpAfterMs = 200

export type RunningServer = { url: string; deps: Deps; stop: () => Promise<void> }

/** What tests bring themselves. */
type Overrides = Partial<Omit<Deps, keyof Database>> & { database?: Database }

/** Create everything with an outside effect. Creates the data directory if it is missing. */
export async function openDeps(
  config: Config,
  projectDir: string,
  { database, ...overrides }: Overrides = {},
): Promise<Deps & { diskBlobs: DiskBlobStore }> {
  const log = createLog(config.logLevel)
  if (!makeDataDir(config.dataDir))
    log.warn(
      { dataDir: config.dataDir },
      'every user of this machine can enter the data directory: chmod it to 0700',
    )
  mkdirSync(config.stagingDir, { recursive: true })
  const stored = await siteDatabaseOf(config, projectDir)
  if (await stored.isNew()) checkNoBlobs(stored.name, config.blobDir)
  const applied = await stored.migrate()
  if (applied.length > 0) log.info({ applied }, 'database migrated')
  const opened = database ?? (await stored.open({ log }))
  const diskBlobs = diskBlobStore({
    dir: config.blobDir,
    stagingDir: config.stagingDir,
    onMend: (blob) => log.warn({ blob }, 'a damaged file was replaced by an upload of its content'),
  })
  const copies = localCopies({ dir: config.copiesDir })
  const parts = { config, ...opened, blobs: diskBlobs, copies, log, events: createEvents(), ...overrides }
  const shared = { ...parts, workers: parts.workers ?? createWorkerPool() }
  const runner =
    parts.runner ??
    createTaskRunner(shared, taskHandlers(shared, { kinds, workers: createAnalysisWorkers() }))
  return {
    diskBlobs,
    runner,
    analyses: createAnalyses({ ...shared, runner }, kinds),
    authenticate: createAuthenticator(shared.db),
    readmeWorkers: createWorkerPool({ maxProcesses: 1, idleMs: 600_000 }),
    onUploadStep() {},
    ...shared,
  }
}

/** Serve until `stop`. `overrides` are for tests that watch or break something. */
export async function startServer(
  config: Config,
  projectDir: string,
  overrides: Overrides = {},
): Promise<RunningServer> {
  makeDataDir(config.dataDir)
  const lock = await lockSite(config, projectDir)
  const { diskBlobs, ...deps } = await openDeps(config, projectDir, overrides)
  await diskBlobs.sweepStaging()
  await deps.copies.sweep()
  await deps.changes.listen()
  await deps.runner.start()
  const app = createApp(deps, webFilesOf(projectDir))
  const server = createServer(
    // The duration of a request is not limited; the idle time of its socket is.
    { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 30_000 },
    app,
  )
  server.timeout = idleMs
  server.maxConnections = maxConnections
  // The client waits with its body until it is read, which is after its password is checked (request-body.ts).
  server.on('checkContinue', awaitInvitation(app))
  try {
    await listen(server, config)
  } catch (error) {
    await deps.runner.close()
    await deps.closeDatabase()
    await lock.release()
    throw error
  }
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = `http://${host}:${port}`
  deps.log.info({ url, dataDir: config.dataDir }, 'ready')
  warmUpWorkers(deps)
  return {
    url,
    deps,
    async stop() {
      deps.events.emit('serverStops')
      await stopListening(server)
      await deps.runner.close()
      await Promise.all([deps.workers.close(), deps.readmeWorkers.close()])
      await deps.closeDatabase()
      await lock.release()
    },
  }
}

/** One server uses a data directory and its database. Throws DataDirInUseError. */
async function lockSite(config: Config, projectDir: string): Promise<{ release: () => Promise<void> }> {
  const ofDataDir = lockDataDir(config.dataDir)
  try {
    const ofDatabase = await (await siteDatabaseOf(config, projectDir)).lock()
    return {
      async release() {
        await ofDatabase.release()
        ofDataDir.release()
      },
    }
  } catch (error) {
    ofDataDir.release()
    throw error
  }
}

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

/** Start a worker process soon, so that the first request does not wait for it. */
function warmUpWorkers({ workers, log }: Deps): void {
  setTimeout(() => {
    workers.warmUp().catch((error: unknown) => {
      if (!(error instanceof WorkersClosedError)) log.error({ err: error }, 'no worker process starts')
    })
  }, warmUpAfterMs).unref()
}

/** Give requests in flight some time to finish. */
async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const impatience = setTimeout(() => server.closeAllConnections(), 10_000)
  await closed
  clearTimeout(impatience)
}
