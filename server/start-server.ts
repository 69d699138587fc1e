import { setTimeout as sleep } from 'node:timers/promises'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuditFile } from './audit/audit-file.ts'
import { createApp, webFilesOf } from './app.ts'
import { startBuilderListener } from './builder-protocol/listener.ts'
import { describeFeatures } from './blobs/s3/probe-store.ts'
import { siteBlobStore, type SiteBlobStore } from './blobs/site-blob-store.ts'
import { buildDeps, type Parts } from './build-deps.ts'
import type { Config } from './config.ts'
import { checkMoved, checkNoBlobs, makeDataDir } from './data-dir.ts'
import type { Database } from './database/connections.ts'
import { siteDatabaseOf } from './database/site-database.ts'
import type { Deps } from './deps.ts'
import { collectDefaultMetrics } from 'prom-client'
import { createLifecycle } from './lifecycle.ts'
import { lockSite } from './lock-site.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics/metrics.ts'
import { parseMetricsAddress, type MetricsAddress } from './metrics/metrics-address.ts'
import { serveMetrics, stopMetrics } from './metrics/metrics.http.ts'
import { addSiteMetrics } from './metrics/site-metrics.ts'
import { retentionFault } from './retention/retention-policy.ts'
import { sitePolicy } from './policy/site-policy.ts'
import { awaitInvitation } from './request-body.ts'
import { shareSite } from './servers/share-site.ts'
import type { ServerGroup } from './servers/server-group.ts'
import { WorkersClosedError, type WorkerPool } from './workers/worker-pool.ts'
import { siteKeys } from './signing/site-keys.ts'
import { noteConfiguration } from './settings/note-configuration.ts'

/** Maximum time without traffic on a socket. An upload as a whole may take hours. */
const idleMs = 120_000

/** More clients than this wait in the system's queue or are hung up on; each connection takes some 20 kB. */
const maxConnections = 4_000

const warmUpAfterMs = 200

/** How long requests, and uploads, that run when the server stops have to end. docs/operating.md says it. */
const drainMs = 10_000
const uploadDrainMs = 60_000

/** `lost` resolves when the server has stopped by itself, because another one uses its database, or leads in its place. */
export type RunningServer = {
  url: string
  /** Host and port of the builder protocol; null: it is not served, or by another server. */
  readonly builderAddress: string | null
  deps: Deps
  stop: () => Promise<void>
  lost: Promise<void>
}

/** What tests bring themselves. */
type Overrides = Partial<Omit<Deps, keyof Database | 'config'>> &
  Pick<Parts, 'authenticating' | 'running'> & { database?: Database; leaderId?: ServerGroup['leaderId'] }

/** Create everything with an outside effect. Creates the data directory if it is missing. */
export async function openDeps(
  config: Config,
  projectDir: string,
  { database, leaderId, ...overrides }: Overrides = {},
): Promise<Deps & { siteBlobs: SiteBlobStore }> {
  const log = overrides.log ?? createLog(config.logLevel)
  if (!makeDataDir(config.dataDir))
    log.warn(
      { dataDir: config.dataDir },
      'every user of this machine can enter the data directory: chmod it to 0700',
    )
  mkdirSync(config.stagingDir, { recursive: true })
  const stored = await siteDatabaseOf(config, projectDir)
  const metrics = overrides.metrics ?? createMetrics()
  const siteBlobs = await siteBlobStore(config, {
    onMend: (blob) => log.warn({ blob }, 'damaged content was replaced by an upload of it'),
    onRequest({ operation, outcome, seconds }) {
      metrics.storeRequests.inc({ operation, outcome })
      metrics.storeRequestDuration.observe({ operation }, seconds)
    },
    onFeatures: (features) =>
      log.info({ features: describeFeatures(features) }, 'the object store can be used'),
  })
  if (await stored.isNew()) await checkNoBlobs(stored.name, config, siteBlobs)
  await checkMoved(config, siteBlobs)
  const applied = await stored.migrate({
    onCopy: (copy) => log.info({ copy }, 'the database was copied before it is migrated'),
  })
  if (applied.length > 0) log.info({ applied }, 'database migrated')
  const opened = database ?? (await stored.open({ log, ...(leaderId ? { leaderId } : {}) }))
  try {
    return { siteBlobs, ...buildDeps({ config, ...opened, blobs: siteBlobs, log, metrics, ...overrides }) }
  } catch (error) {
    await opened.closeDatabase()
    throw error
  }
}

/** Serve until `stop`. `overrides` are for tests that watch or break something. */
export async function startServer(
  config: Config,
  projectDir: string,
  overrides: Overrides = {},
): Promise<RunningServer> {
  const log = overrides.log ?? createLog(config.logLevel)
  const { start, stop } = createLifecycle(log)
  const database = await siteDatabaseOf(config, projectDir)
  makeDataDir(config.dataDir)
  // A policy with faults stops the start: what it would trust cannot be known.
  sitePolicy(config)
  let tellLost = () => {}
  const lost = new Promise<void>((resolve) => (tellLost = resolve))
  const onLost = (error: Error) => {
    log.error({ err: error }, 'another server has taken the database, or leads: this one stops')
    void stop().then(tellLost)
  }
  // It is read anew each day, so that it can still be mended.
  const fault = config.retentionFile === '' ? null : retentionFault(config.retentionFile)
  if (fault !== null)
    log.error({ fault }, 'the retention policy cannot be applied: nothing is removed until it is mended')
  const shared = shareSite(config, database, log)
  // A new component has its line here. They stop in the reverse order.
  await start('locks', {
    start: () => lockSite(config.dataDir, database, onLost, { isShared: shared !== null }),
    stop: (lock) => lock.release(),
  })
  if (shared)
    await start('connections of several servers', { start: () => shared, stop: ({ close }) => close() })
  const ofSeveral = shared && {
    running: { isAlone: false },
    authenticating: { limits: shared.limits, ...overrides.authenticating },
    leaderId: shared.group.leaderId,
  }
  const { siteBlobs, ...deps } = await start('database', {
    start: () => openDeps(config, projectDir, { log, ...overrides, ...ofSeveral }),
    stop: ({ closeDatabase }) => closeDatabase(),
  })
  await start('damage marks', { start: () => deps.damage, stop: (damage) => damage.settled() })
  await start('work in the background', {
    start: () => deps.background,
    stop: (background) => background.settled(),
  })
  await shared?.group.join(deps.db)
  await start('signing keys', { start: () => siteKeys(deps, deps.clock.now()) })
  await start('file of the audit log', {
    start: () => createAuditFile(deps, config.auditFile),
    stop: (file) => file.close(),
  })
  await start('workers', { start: () => [deps.workers, deps.readmeWorkers], stop: closeAll })
  await start('staged files', { start: () => siteBlobs.sweepStaging() })
  await start('local copies', { start: () => deps.copies.sweep() })
  await start('consoles', { start: () => deps.consoles, stop: (consoles) => consoles.close() })
  await start('folders of hooks', {
    start: () => rm(config.hookScratchDir, { recursive: true, force: true }),
  })
  await start('changes', { start: () => deps.changes.listen() })
  await start('tasks', { start: () => startRunner(deps), stop: () => deps.runner.close() })
  await start('transparency log', {
    start: () => deps.transparency.start(),
    stop: () => deps.transparency.close(),
  })
  let builderAddress: string | null = null
  const lead = async () => {
    deps.background.run('note the configuration', () => noteConfiguration(deps))
    await start('scheduler', { start: () => deps.scheduler.start(), stop: () => deps.scheduler.close() })
    if (config.builderListen === '') return
    const listener = await start('builder protocol', {
      start: () => startBuilderListener(deps),
      stop: (started) => started.close(),
      stopWithinMs: uploadDrainMs,
    })
    builderAddress = listener.address
  }
  if (!shared) await lead()
  else {
    const place = { start: () => shared.group, stop: () => shared.group.leave() }
    await start('place among the servers', place)
    // Once more: another server leads as soon as what only one does has stopped here.
    const leadOthers = async () => {
      await start('lead', place)
      await lead()
    }
    await start('servers', { start: () => shared.group.start({ lead: leadOthers, onLost }) })
  }
  const metricsAddress = parseMetricsAddress(config.metricsListen)
  if (metricsAddress)
    await start('metrics', { start: () => startMetrics(deps, metricsAddress), stop: stopMetrics })
  const server = await start('HTTP server', {
    start: () => serve(deps, projectDir),
    stop: (listening) => stopServing(deps, listening),
    stopWithinMs: uploadDrainMs + drainMs,
  })
  await start('readiness', {
    start: () => {},
    stop: () => untilOthersServe(deps),
    stopWithinMs: config.drainDelaySeconds * 1_000 + drainMs,
  })
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = `http://${host}:${port}`
  deps.log.info({ url, dataDir: config.dataDir }, 'ready')
  warmUpWorkers(deps)
  return {
    ...{ url, deps, stop, lost },
    get builderAddress() {
      return builderAddress
    },
  }
}

/** A load balancer, or a proxy, that asks whether this server is ready sends requests to others from then on. */
async function untilOthersServe({ config, drain }: Deps): Promise<void> {
  drain.begin()
  await sleep(config.drainDelaySeconds * 1_000)
}

/** What costs something is measured only where somebody asks. */
function startMetrics(deps: Deps, address: MetricsAddress) {
  collectDefaultMetrics({ register: deps.metrics.registry })
  addSiteMetrics(deps.metrics, deps)
  return serveMetrics(deps, address)
}

async function closeAll(pools: readonly WorkerPool[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.close()))
}

/** A start that fails leaves nothing that runs. */
async function startRunner({ runner }: Deps): Promise<void> {
  try {
    await runner.start()
  } catch (error) {
    await runner.close()
    throw error
  }
}

async function serve(deps: Deps, projectDir: string): Promise<Server> {
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
  await listen(server, deps.config)
  return server
}

async function stopServing(deps: Deps, server: Server): Promise<void> {
  deps.events.emit('serverStops')
  await stopListening(deps, server)
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

/** Gives requests in flight some time to finish, and uploads more: builder-server sends a build once. */
async function stopListening({ metrics }: Pick<Deps, 'metrics'>, server: Server): Promise<void> {
  const stoppedAt = performance.now()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const impatience = setInterval(() => void closeIfLate(), 250)

  async function closeIfLate(): Promise<void> {
    const waitedMs = performance.now() - stoppedAt
    if (waitedMs < drainMs) return
    const { values } = await metrics.uploadsInProgress.get()
    if (waitedMs >= uploadDrainMs || values.every(({ value }) => value === 0)) server.closeAllConnections()
  }

  await closed
  clearInterval(impatience)
}
