// A real server for the browser tests: the demo's builds and the samples of samples.ts, uploaded as
// builder-server does. With --empty, a site without builds. With --paused, its analyses begin with SIGUSR2.
//
//   node scripts/e2e-site.mjs PORT [--empty] [--paused]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addAdvisories } from '../../demo/add-advisories.ts'
import { installHooks } from '../../demo/install-hooks.ts'
import { sampleBuilds } from '../../demo/sample-builds.ts'
import { uploadRecord } from '../../demo/upload-record.ts'
import { byServer } from '../../server/audit/actor.ts'
import { createAnalyses } from '../../server/analyses/analyses.ts'
import { createAnalysisWorkers } from '../../server/analyses/analysis-handlers.ts'
import { kinds } from '../../server/analyses/kinds.ts'
import { readConfig } from '../../server/config.ts'
import { findProjectDir } from '../../server/project-dir.ts'
import { writePlainMail } from '../../server/notifications/plain-mail.ts'
import { createTaskRunner, type TaskRunner } from '../../server/runner/task-runner.ts'
import { pinBuild } from '../../server/retention/pins.ts'
import { removeBuilds } from '../../server/retention/remove-builds.ts'
import { openDeps, startServer } from '../../server/start-server.ts'
import { taskHandlers } from '../../server/task-handlers.ts'
import { addUser } from '../../server/users/add-user.ts'
import { projectWithAxe } from './axe-path.ts'
import { databasesDir } from '../databases-dir.ts'
import { compareSamples } from './compare-samples.ts'
import { dependenciesSamples } from './dependencies-samples.ts'
import { removedSample, samples, turningText, uuids } from './samples.ts'
import { sizeSamples } from './size-samples.ts'

const [port, ...flags] = process.argv.slice(2)
/** What is run or served as files, and what the site stores. */
const filesDir = mkdtempSync(join(tmpdir(), 'builder-hub-e2e-'))
const dataDir = mkdtempSync(join(databasesDir, 'builder-hub-e2e-'))
const repositoriesFile = join(filesDir, 'repositories.toml')
writeFileSync(repositoriesFile, '[apt.debian-12]\n[apt.debian-13]\n')
const config = readConfig({
  BUILDER_HUB_DATA_DIR: dataDir,
  BUILDER_HUB_CONFIG_DIR: join(filesDir, 'config'),
  BUILDER_HUB_REPOSITORIES_FILE: repositoriesFile,
  BUILDER_HUB_PORT: port,
  BUILDER_HUB_LOG_LEVEL: 'warn',
})
const { siteBlobs: _, ...deps } = await openDeps(config, findProjectDir())
// Tests wait for them, on machines that have much else to do.
const workers = createAnalysisWorkers({ niceness: 0 })
const runner = createTaskRunner(deps, taskHandlers(deps, { kinds, workers }))
const server = await startServer(config, projectWithAxe(filesDir), {
  ...deps,
  runner: flags.includes('--paused') ? pausedUntilTold() : runner,
  analyses: createAnalyses({ ...deps, runner }, kinds),
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())

// Mails are written, and go nowhere.
Object.assign(server.deps.config, {
  ...{ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'hub@example.org', publicUrl: server.url },
})

const user = { name: 'alice', password: 'secret' }
await addUser(server.deps.writer, byServer(), { ...user, unrestricted: true })
// Of the two administrators, one sets up a second factor in people.spec.ts.
for (const name of ['root', 'planner'])
  await addUser(server.deps.writer, byServer(), { name, password: 'secret secret', role: 'ADMIN' })
if (!flags.includes('--empty')) {
  for (const { record } of sampleBuilds(new Date())) await uploadRecord(server.url, user, record)
  for (const record of compareSamples(Date.now())) await uploadRecord(server.url, user, record)
  // They run for the builds that follow, a few dozen times.
  installHooks(config.configDir, findProjectDir())
  for (const record of [
    ...samples(Date.now()),
    ...dependenciesSamples(Date.now()),
    ...sizeSamples(Date.now()),
  ])
    await uploadRecord(server.url, user, record)
  await uploadRecord(server.url, user, removedSample(Date.now()))
  await server.deps.runner.settled()
  await addAdvisories(server.deps, new Date())
  await keepAndRemove()
  await refuseMail()
}
process.stdout.write(`site ready at ${server.url}\n`)

function pausedUntilTold(): TaskRunner {
  process.once('SIGUSR2', () => void runner.start())
  return { ...runner, async start() {} }
}

/** One build is pinned, and one removed. Their reasons are as hostile as the names of a build. */
async function keepAndRemove(): Promise<void> {
  const { db, writer } = server.deps
  const reason = `${turningText} ${'x'.repeat(300)}`
  await pinBuild(writer, byServer(), uuids.hostile, reason)
  const { id } = await db.build.findUniqueOrThrow({ where: { uuid: uuids.removed }, select: { id: true } })
  await removeBuilds(writer, [id], { reason, removedAt: new Date() }, { leavesNewest: false })
}

/** A mail whose address a mail server has refused. */
async function refuseMail(): Promise<void> {
  const { db, writer } = server.deps
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { name: user.name } })
  const settings = { smtpUrl: '', from: '', siteUrl: server.url }
  const mail = { kind: 'TEST', subject: `${turningText} is fixed`, paragraphs: [], link: server.url } as const
  await writer.transact([], async (tx) => {
    await writePlainMail(tx, settings, new Date(), { ...mail, userId, recipient: 'alice@nowhere.example' })
    await tx.mail.updateMany({
      data: { state: 'REFUSED', answer: `550 5.1.1 no such user: ${'x'.repeat(200)}` },
    })
  })
}

async function stop(): Promise<void> {
  await server.stop()
  for (const dir of [dataDir, filesDir]) rmSync(dir, { recursive: true, force: true })
  process.exit(0)
}
