import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { defaultPauses, startBuildWorker, type WorkerOptions } from '../build-worker/build-worker.ts'
import { sandboxChoices, type SandboxChoice } from '../build-worker/sandbox.ts'
import type { OwnLimits } from '../build-worker/slot-state.ts'
import { checkPlatformName, UnsafeNameError } from '../formats/exec-names.ts'
import { createLog } from '../log.ts'
import { serveForSystemd } from '../serve-for-systemd.ts'
import { readVersion } from '../site/read-version.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { parseCpus, parseSize } from './parse-limits.ts'

type Options = {
  server?: { host: string; port: number }
  platform?: string
  jobs: number
  name?: string
  tokenFile?: string
  tls: boolean
  tlsCa?: string
  builderProtocol: boolean
  sandbox: SandboxChoice
  network: OwnLimits['network']
  timeLimit?: number
  memory?: number
  disk?: number
  cpus?: number
  maxProcesses: number
  passEnv: string[]
  readable: string[]
  writable: string[]
  workDir?: string
  drainTimeout?: number
}

const inOrder = (value: string, before: string[]) => [...before, value]

/** `hub worker` */
export function addWorkerCommand(hub: Command): Command {
  const worker = hub
    .command('worker')
    .description(
      'run builds for a hub, or for a builder-server: connect, take scripts for one platform, send their output and their files. ' +
        'SIGTERM lets what runs end, a second one ends it. --token-file names a file with a token that has the scope "work"; ' +
        'it is read for each connection',
    )
    .option('--server <address>', 'HOST:PORT of --builder-listen, or of a builder-server', parseServer)
    .option('--platform <name>', 'platform whose scripts this machine can run, such as debian-12')
    .option('--jobs <number>', 'scripts that run at once', parseWhole(1, 1_024), 1)
    .option('--name <name>', 'name of the worker in the hub (default: that of the machine and the platform)')
    .option('--tls', 'connect by TLS', false)
    .option('--tls-ca <file>', 'certificates, in PEM, that are trusted in place of those of the system')
    .option(
      '--builder-protocol',
      "speak builder's worker protocol 5 at once (default: if the server is no hub)",
      false,
    )
    .addOption(
      new Option('--sandbox <kind>', 'where scripts run; auto: in bubblewrap if it works here')
        .choices(sandboxChoices)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--network <when>',
        'whether scripts of the sandbox have the network; run: as the hub says for each run, and always with a builder-server',
      )
        .choices(['run', 'always', 'never'])
        .default('run'),
    )
    .option(
      '--time-limit <seconds>',
      'end a script after this time (default: as the hub says, or an hour)',
      parseWhole(1),
    )
    .option('--memory <size>', 'memory of a script with all its processes, such as 4G', parseSize)
    .option('--disk <size>', 'files of a script, such as 20G', parseSize)
    .option('--cpus <number>', 'CPUs that a script uses at once, such as 1.5', parseCpus)
    .option('--max-processes <number>', 'processes of a script', parseWhole(10), 4_096)
    .option(
      '--pass-env <name>',
      'variable of the environment that scripts have, too; can be given again',
      inOrder,
      [],
    )
    .option(
      '--readable <path>',
      'path outside of the system that scripts see; can be given again',
      inOrder,
      [],
    )
    .option(
      '--writable <path>',
      'path that scripts may write to, such as a cache; can be given again',
      inOrder,
      [],
    )
    .option(
      '--work-dir <folder>',
      'folder for what runs; it is emptied (default: of --name, in the folder for temporary files)',
    )
    .option(
      '--drain-timeout <seconds>',
      'after SIGTERM, end what still runs after this time (default: never)',
      parseWhole(0),
    )
    .action((options: Omit<Options, 'tokenFile'>, command: Command) => {
      const { hub: site, tokenFile } = command.optsWithGlobals<{ hub?: string; tokenFile?: string }>()
      if (site !== undefined) command.error('error: a worker connects to --server, not to --hub')
      return runWorker({ ...options, ...(tokenFile === undefined ? {} : { tokenFile }) }, command)
    })
  return addExamples(worker, [
    'hub worker --server builds.example.org:1234 --platform debian-12 --jobs 4 --tls --token-file token',
    'hub worker --server 127.0.0.1:1234 --platform freebsd-14 --builder-protocol',
  ])
}

async function runWorker(options: Options, command: Command): Promise<void> {
  const { env } = ioOf(command)
  const level = command.optsWithGlobals<{ logLevel?: string }>().logLevel ?? env['BUILDER_HUB_LOG_LEVEL']
  const log = createLog(level ?? 'info')
  const wanted = workerOptions(options, command)
  const worker = await startBuildWorker(wanted, log)
  const { name, platform, slots, server } = wanted
  log.info({ name, platform, slots, server: `${server.host}:${server.port}` }, 'the worker is ready')
  const systemd = serveForSystemd({ log }, env)
  let timer: NodeJS.Timeout | undefined
  const onSignal = () => {
    if (timer === undefined) {
      systemd.stopping()
      log.info('the worker drains: what runs may end. A second signal ends it')
      worker.drain()
      timer = setTimeout(() => worker.stop(), drainMs(options))
    } else worker.stop()
  }
  // A handler that stays: without one, a second signal would end the process before its scripts.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal)
  try {
    await worker.done
  } finally {
    clearTimeout(timer)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, onSignal)
    systemd.stopping()
  }
}

/** setTimeout() takes 24 days at most, which is never enough of a wait. */
const drainMs = ({ drainTimeout }: Options) => Math.min((drainTimeout ?? Infinity) * 1_000, 2 ** 31 - 1)

function workerOptions(options: Options, command: Command): WorkerOptions {
  const { server, platform, tokenFile, tls, tlsCa } = options
  if (server === undefined) command.error('error: give --server, such as --server builds.example.org:1234')
  if (platform === undefined) command.error('error: give --platform, such as --platform debian-12')
  // A path that is missing would stop bubblewrap, and with --sandbox auto there would be no sandbox.
  for (const path of [
    ...options.readable,
    ...options.writable,
    ...(tokenFile === undefined ? [] : [tokenFile]),
  ])
    if (!existsSync(path)) command.error(`error: ${path} does not exist`)
  if (tokenFile !== undefined && statSync(tokenFile).size === 0)
    command.error(`error: ${tokenFile} is empty: it has to hold a token with the scope "work"`)
  if (tlsCa !== undefined && !tls) command.error('error: --tls-ca is for --tls')
  const name = options.name ?? `${hostname()}-${platform}`
  const { env } = ioOf(command)
  return {
    server: { ...server, tls: tls ? { caFile: tlsCa ?? null } : null },
    ...{ platform: checkName('--platform', platform, command), name: checkName('--name', name, command) },
    ...{ slots: options.jobs, software: `hub-worker ${readVersion()}` },
    isBuilderProtocol: options.builderProtocol,
    readToken: async () => (tokenFile === undefined ? null : (await readFile(tokenFile, 'utf8')).trim()),
    limits: {
      timeMs: options.timeLimit === undefined ? null : options.timeLimit * 1_000,
      memoryBytes: options.memory ?? null,
      diskBytes: options.disk ?? null,
      cpus: options.cpus ?? null,
      ...{ maxProcesses: options.maxProcesses, network: options.network },
    },
    sandbox: options.sandbox,
    places: {
      hidden: tokenFile === undefined ? [] : [resolve(tokenFile)],
      readable: options.readable.map((path) => resolve(path)),
      writable: options.writable.map((path) => resolve(path)),
    },
    env: Object.fromEntries(
      options.passEnv.flatMap((variable) => (env[variable] === undefined ? [] : [[variable, env[variable]]])),
    ),
    workDir: resolve(options.workDir ?? join(tmpdir(), `builder-hub-worker-${name}`)),
    pauses: defaultPauses,
  }
}

function checkName(flag: string, name: string, command: Command): string {
  try {
    return checkPlatformName(name)
  } catch (error) {
    if (error instanceof UnsafeNameError) return command.error(`error: ${flag} ${error.reason}`)
    throw error
  }
}

function parseServer(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const [host, port] = [bracketed ?? plain, Number(digits)]
  if (host === undefined || port === 0 || port > 65_535)
    throw new InvalidArgumentError('it must be HOST:PORT, such as builds.example.org:1234')
  return { host, port }
}

function parseWhole(min: number, max = 10 ** 9): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    throw new InvalidArgumentError(`it must be a whole number from ${min} to ${max}`)
  }
}
