import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { addSettings, environmentOf } from '../server/cli/settings.ts'
import { readConfig } from '../server/config.ts'
import { findProjectDir } from '../server/project-dir.ts'
import type { BuildWorker } from '../server/build-worker/build-worker.ts'
import { startServer, type RunningServer } from '../server/start-server.ts'
import { byServer } from '../server/audit/actor.ts'
import { addUser } from '../server/users/add-user.ts'
import { createToken } from '../server/users/tokens.ts'
import { hookedBuilds, installHooks } from './install-hooks.ts'
import { addAdvisories } from './add-advisories.ts'
import { addAttesters, makeAttesters } from './add-attesters.ts'
import { addWebhooks, webhookAllow } from './add-webhooks.ts'
import { startMailSink } from './mail-sink.ts'
import { subscribeAdministrator } from './subscribe-administrator.ts'
import { keepAndRemove } from './keep-and-remove.ts'
import { sampleBuilds } from './sample-builds.ts'
import { addScheduledJobs } from './scheduled-jobs.ts'
import { startWitness } from './start-witness.ts'
import { startWorker } from './start-worker.ts'
import { writePolicy } from './write-policy.ts'
import { uploadRecord } from './upload-record.ts'

const password = 'demo'
/** Packages of the jobs that make some. */
const repositories =
  '[apt.debian-12]\n[apt.debian-13]\n[pkg."FreeBSD:14:amd64"]\nplatforms = ["freebsd-14"]\n'
/** Whoever reaches the demo by the network must not administer it by a password that everybody knows. */
const administrator = { name: 'admin', password: randomBytes(6).toString('hex') }

const command = addSettings(
  new Command('demo').description('Start Builder Hub with sample builds in a temporary data directory.'),
  ['host', 'port', 'expiredJobsDays', 'logLevel'],
).parse()

// The configuration of a site of this machine is not for the demo.
process.env['BUILDER_HUB_CONFIG'] = ''

const dataDir = mkdtempSync(join(tmpdir(), 'builder-hub-demo-'))
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))

const repositoriesFile = join(dataDir, 'repositories.toml')
writeFileSync(repositoriesFile, repositories)

const attesters = makeAttesters()
writePolicy(join(dataDir, 'config'), ['scooby', 'shaggy'], attesters)
const witnessesFile = join(dataDir, 'witnesses.json')
await startWitness(witnessesFile)
const server = await start()
const workers: BuildWorker[] = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(0)))
}

const builds = [...sampleBuilds(new Date())]
const uploaders = new Set(builds.map(({ uploader }) => uploader))
for (const name of uploaders)
  await addUser(server.deps.writer, byServer(), { name, password, unrestricted: true })
await addUser(server.deps.writer, byServer(), { ...administrator, role: 'ADMIN' })
const mailFolder = join(dataDir, 'mails')
// Links of mails have one address of the site: a demo that others reach has several.
if (isLocal(environmentOf(command)['BUILDER_HUB_HOST'])) {
  Object.assign(server.deps.config, {
    ...{ smtpUrl: await startMailSink(mailFolder), mailFrom: 'Builder Hub <hub@builds.example>' },
    publicUrl: server.url,
  })
  await subscribeAdministrator(server.deps, administrator.name)
}
for (const userName of uploaders)
  await createToken(server.deps.writer, byServer(), {
    ...{ userName, name: 'builder at example.org', scopes: ['upload:*'] },
  })
process.stdout.write(`uploading ${builds.length} sample builds …\n`)
for (const [index, { uploader, record }] of builds.entries()) {
  if (index === builds.length - hookedBuilds) installHooks(server.deps.config.configDir, findProjectDir())
  await uploadRecord(server.url, { name: uploader, password }, record)
}
await server.deps.runner.settled()
const { pinned, removed } = await keepAndRemove(server.deps, new Date())
await addWebhooks(server.deps, new Date())
await addScheduledJobs(server.deps)
await addAdvisories(server.deps, new Date())
await addAttesters(server.deps, server.url, 'shaggy', attesters)
workers.push(await startWorker(server.builderAddress ?? '', dataDir, server.deps.log))

const [uploader] = uploaders
process.stdout.write(`
Builder Hub with sample builds is ready at ${server.url}

  sign in         ${server.url}/login as ${administrator.name} with the password ${administrator.password}
  GraphQL API     ${server.url}/graphql
  a live build    ${server.url}/schedule (lighthouse is built every two minutes)
  add a worker    npm run -s hub -- worker --server ${server.builderAddress} --platform debian-13
  packages        ${server.url}/apt/debian-12 (pages of their jobs say how to use them)
  policy          ${dataDir}/config/policy.json: two groups for dns-* and tls-*
  disputed        ${server.url}/job/fleetd (daphne.example got another file)
  the log         ${server.url}/log (velma.example watches it)
  pinned build    ${server.url}${pinned}
  removed build   ${server.url}${removed}
  mails           ${mailFolder}
  send a build    curl --data-binary @full.der http://${uploader}:${password}@${new URL(server.url).host}/upload

It keeps its data in ${dataDir} until you stop it with Ctrl-C.
`)

async function stop(): Promise<void> {
  for (const worker of workers) worker.stop()
  await server.stop()
}

/** On the wanted port, or, when it was not asked for and is taken, on any that is free. */
async function start(): Promise<RunningServer> {
  const env = {
    BUILDER_HUB_LOG_LEVEL: 'warn',
    ...environmentOf(command),
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_DATABASE_URL: '',
    BUILDER_HUB_WEBHOOK_ALLOW: webhookAllow,
    // Only who sees the terminal may administer a demo that others reach.
    BUILDER_HUB_SIGN_IN_NOTE: isLocal(environmentOf(command)['BUILDER_HUB_HOST'])
      ? `Demo: sign in as ${administrator.name} with the password ${administrator.password}.`
      : `Demo: the terminal in which it was started shows a user and a password.`,
    BUILDER_HUB_OPERATOR: 'whoever started this demo',
    BUILDER_HUB_CONFIG_DIR: join(dataDir, 'config'),
    BUILDER_HUB_REPOSITORIES_FILE: repositoriesFile,
    BUILDER_HUB_WITNESSES_FILE: witnessesFile,
    // The worker of the demo is in this process.
    BUILDER_HUB_BUILDER_LISTEN: `127.0.0.1:${await freePort()}`,
  }
  const config = readConfig(env)
  const projectDir = findProjectDir()
  try {
    return await startServer(config, projectDir)
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!isTaken || environmentOf(command)['BUILDER_HUB_PORT'] !== undefined) throw error
    return startServer({ ...config, port: 0 }, projectDir)
  }
}

/** A port that is free now: the page of workers names the one of the settings. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const { port } = probe.address() as AddressInfo
  await once(probe.close(), 'close')
  return port
}

function isLocal(host = '127.0.0.1'): boolean {
  return ['127.0.0.1', '::1', 'localhost'].includes(host)
}
