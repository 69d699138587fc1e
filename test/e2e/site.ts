// A real server for the browser tests: the demo's builds and the samples of samples.ts, uploaded as
// builder-server does. With --empty, a site without builds. With --paused, its analyses begin with SIGUSR2.
//
//   node scripts/e2e-site.mjs PORT [--empty] [--paused]
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installHooks } from '../../demo/install-hooks.ts'
import { sampleBuilds } from '../../demo/sample-builds.ts'
import { uploadRecord } from '../../demo/upload-record.ts'
import { byServer } from '../../server/audit/actor.ts'
import { createAnalyses } from '../../server/analyses/analyses.ts'
import { createAnalysisWorkers } from '../../server/analyses/analysis-handlers.ts'
import { kinds } from '../../server/analyses/kinds.ts'
import { readConfig } from '../../server/config.ts'
import { findProjectDir } from '../../server/project-dir.ts'
import { createTaskRunner, type TaskRunner } from '../../server/runner/task-runner.ts'
import { pinBuild } from '../../server/retention/pins.ts'
import { removeBuilds } from '../../server/retention/remove-builds.ts'
import { openDeps, startServer } from '../../server/start-server.ts'
import { taskHandlers } from '../../server/task-handlers.ts'
import { addUser } from '../../server/users/add-user.ts'
import { axePath } from './axe-path.ts'
import { compareSamples } from './compare-samples.ts'
import { dependenciesSamples } from './dependencies-samples.ts'
import { removedSample, samples, turningText, uuids } from './samples.ts'
import { sizeSamples } from './size-samples.ts'

const [port, ...flags] = process.argv.slice(2)
const dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-e2e-'))
const repositoriesFile = join(dataDir, 'repositories.toml')
writeFileSync(repositoriesFile, '[apt.debian-12]\n[apt.debian-13]\n')
const config = readConfig({
  BUILDER_HUB_DATA_DIR: dataDir,
  BUILDER_HUB_CONFIG_DIR: join(dataDir, 'config'),
  BUILDER_HUB_REPOSITORIES_FILE: repositoriesFile,
  BUILDER_HUB_PORT: port,
  BUILDER_HUB_LOG_LEVEL: 'warn',
})
const { diskBlobs: _, ...deps } = await openDeps(config, findProjectDir())
// Tests wait for them, on machines that have much else to do.
const workers = createAnalysisWorkers({ niceness: 0 })
const runner = createTaskRunner(deps, taskHandlers(deps, { kinds, workers }))
const server = await startServer(config, projectWithAxe(), {
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
await addUser(server.deps.writer, byServer(), { name: 'root', password: 'secret secret', role: 'ADMIN' })
if (!flags.includes('--empty')) {
  for (const { record } of sampleBuilds(new Date())) await uploadRecord(server.url, user, record)
  // They run for the builds that follow.
  installHooks(config.configDir, findProjectDir())
  for (const record of [
    ...samples(Date.now()),
    ...compareSamples(Date.now()),
    ...dependenciesSamples(Date.now()),
    ...sizeSamples(Date.now()),
  ])
    await uploadRecord(server.url, user, record)
  await uploadRecord(server.url, user, removedSample(Date.now()))
  await server.deps.runner.settled()
  await keepAndRemove()
}
process.stdout.write(`site ready at ${server.url}\n`)

/** The project as it is built, whose web application has axe beside its scripts: the tests put it into pages. */
function projectWithAxe(): string {
  const projectDir = findProjectDir()
  const copy = join(dataDir, 'project')
  cpSync(join(projectDir, 'web/dist'), join(copy, 'web/dist'), { recursive: true })
  copyFileSync(join(projectDir, 'node_modules/axe-core/axe.min.js'), join(copy, 'web/dist', axePath))
  for (const kept of ['prisma', 'web/gql']) symlinkSync(join(projectDir, kept), join(copy, kept))
  return copy
}

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

async function stop(): Promise<void> {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(0)
}
