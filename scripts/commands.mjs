// The commands of package.json. This file uses no packages, because none are installed on a new machine.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import {
  build,
  generateClient,
  generateOperations,
  install,
  installNative,
  projectDir,
  tool,
} from './setup.mjs'

const [command, ...args] = process.argv.slice(2)

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Start a program and forward the signals of this process to it. `ended` resolves to its exit status. For a
 * signal this is 128 plus the number of the signal, as in a shell.
 */
function start(program, programArgs, { env = {}, stdio = 'inherit' } = {}) {
  const child = spawn(program, programArgs, { stdio, env: { ...process.env, ...env } })
  const pass = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      resolve(1)
    })
    child.on('close', (status, signal) => resolve(signal ? 128 + constants.signals[signal] : status))
  }).finally(() => {
    for (const signal of signals) process.off(signal, pass)
  })
  return { child, ended }
}

/** Run a program and use its exit status as the exit status of this process. */
const become = (program, programArgs, env) => start(program, programArgs, { env }).ended

/** Run programs one after the other. Stop at the first one that fails. */
async function all(...steps) {
  for (const [program, ...programArgs] of steps) {
    const status = await become(program, programArgs)
    if (status !== 0) return status
  }
  return 0
}

/** Run a program in the folder of the project, independent of the current folder. */
const inProject = () => process.chdir(projectDir)

/**
 * Starts the server from its sources and restarts it when they change. Vite's development server in front of
 * it serves the web application, forwards other requests, and prints the address to open.
 */
async function develop() {
  const server = start(tool('tsx'), ['watch', '--clear-screen=false', 'server/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((resolve) => {
    let output = ''
    server.child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
      const ready = /is ready at (\S+)\n/.exec(output)
      if (ready) resolve(ready[1])
    })
    void server.ended.then(() => resolve(null))
  })
  if (!url) return server.ended
  const web = start(tool('vite'), ['--host', '127.0.0.1'], { env: { BUILDER_HUB_URL: url } })
  const status = await Promise.race([server.ended, web.ended])
  server.child.kill()
  web.child.kill()
  await Promise.all([server.ended, web.ended])
  return status
}

const commands = {
  async demo() {
    build()
    return become(process.execPath, ['--enable-source-maps', `${projectDir}/dist/demo.mjs`, ...args])
  },
  async start() {
    build()
    // Without a limit a large upload makes the young generation grow to 48 MiB, and it does not shrink again. The
    // old one takes a fraction of its limit before it is collected; it holds at most some 300 MiB that is in use.
    const flags = JSON.parse(readFileSync(`${projectDir}/scripts/server-flags.json`, 'utf8'))
    return become(process.execPath, [...flags, `${projectDir}/dist/server.mjs`, ...args])
  },
  async hub() {
    build()
    return become(process.execPath, ['--enable-source-maps', `${projectDir}/dist/hub.mjs`, ...args])
  },
  async dev() {
    inProject()
    return develop()
  },
  async bench() {
    inProject()
    build()
    return become(tool('tsx'), ['bench/main.ts', ...args])
  },
  async test() {
    inProject()
    build()
    return become(process.execPath, ['scripts/test.mjs', ...args])
  },
  /** Tests that need no server, database or process. */
  async 'test:fast'() {
    inProject()
    return become(tool('vitest'), ['run', '--project', 'unit', '--project', 'components', ...args])
  },
  /** The long forms of fuzzers, kills, streams and storms. BUILDER_HUB_TEST_SEED repeats a run. */
  async 'test:long'() {
    inProject()
    const seed = process.env.BUILDER_HUB_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31))
    process.stderr.write(`to repeat this run: BUILDER_HUB_TEST_SEED=${seed} npm run test:long\n`)
    const files = [
      ...[
        'fuzz',
        'durability.test',
        'memory.test',
        'large-files',
        'many-workers',
        'many-peers',
        'queue-model',
      ],
      ...['network-cut', 'busy-console', 'repositories/storm', 'killed-sequencer', 'collect-race'],
    ]
    return become(tool('vitest'), ['run', ...(args.length > 0 ? args : files)], {
      BUILDER_HUB_TEST_SEED: seed,
    })
  },
  /** The whole server suite on PostgreSQL. The suite runs those files there that read and write in ways of their own. */
  async 'test:postgresql'() {
    inProject()
    return become(tool('vitest'), ['run', '--project', 'postgresql', ...args], {
      BUILDER_HUB_TEST_ENGINE: 'postgresql',
    })
  },
  /** Servers of one site fail under load, in many rounds. */
  async torture() {
    inProject()
    build()
    return become(tool('tsx'), ['test/torture/main.ts', ...args])
  },
  async lint() {
    inProject()
    const cache = ['--cache', '--cache-strategy', 'content', '--cache-location']
    // TypeScript 7 checks the types in a tenth of the time. typescript-eslint needs version 5's interface.
    const tsc = join(projectDir, 'node_modules/typescript-7/bin/tsc')
    const ruledFolders = ['server', 'terminal', 'web', 'demo', 'bench', 'test']
    // Two rows for two cores; each takes about as long as the other.
    const [code, types] = await Promise.all([
      all([tool('eslint'), ...cache, 'node_modules/.cache/eslint/', '--max-warnings', '0', '.']),
      all(
        [
          tool('prettier'),
          ...cache,
          'node_modules/.cache/prettier/lint',
          '--check',
          '--log-level',
          'warn',
          '.',
        ],
        [tool('depcruise'), '--cache', 'node_modules/.cache/dependency-cruiser', ...ruledFolders],
        [tsc, '-p', 'tsconfig.json'],
        [tsc, '-p', 'tsconfig.web.json'],
      ),
    ])
    return code || types
  },
  async check() {
    return (await commands.lint()) || commands.test()
  },
  async generate() {
    inProject()
    const status = await all([tool('tsx'), 'server/print-schema.ts'])
    if (status === 0) generateOperations()
    return status
  },
  async build() {
    build()
    return 0
  },
  /** Packages of a release, below dist/packages. */
  async package() {
    build()
    return become(process.execPath, ['scripts/package.mjs', ...args])
  },
}

const action = commands[command]
if (!action) {
  process.stderr.write(`unknown command ${command}: use one of ${Object.keys(commands).join(', ')}\n`)
  process.exit(2)
}
install()
// Neither reads a database: CI checks the code while better-sqlite3 is compiled.
if (command !== 'generate' && command !== 'lint') installNative()
generateClient()
// The operations may ask for what the schema is about to have.
if (command !== 'generate') generateOperations()
process.exitCode = await action()
