// The commands of package.json. Plain JavaScript without packages: the first thing that runs on
// a fresh machine.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { build, generateClient, generateOperations, install, projectDir, tool } from './setup.mjs'

const [command, ...args] = process.argv.slice(2)

/** Run until it ends; its exit status and signals are ours. */
function become(program, programArgs, env = {}) {
  const child = spawn(program, programArgs, { stdio: 'inherit', env: { ...process.env, ...env } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => child.on('close', (status, signal) => resolve(signal ? 1 : status)))
}

/** Run one after the other until one fails. */
async function all(...steps) {
  for (const [program, ...programArgs] of steps) {
    const status = await become(tool(program), programArgs)
    if (status !== 0) return status
  }
  return 0
}

/** In the project's folder, whatever folder the command was given in. */
const inProject = () => process.chdir(projectDir)

const commands = {
  async demo() {
    build()
    return become(process.execPath, ['--enable-source-maps', `${projectDir}/dist/demo.mjs`, ...args])
  },
  async start() {
    build()
    // Without a bound the young generation grows to 48 MiB when a large upload comes, and stays.
    const flags = JSON.parse(readFileSync(`${projectDir}/scripts/server-flags.json`, 'utf8'))
    return become(process.execPath, [...flags, `${projectDir}/dist/server.mjs`, ...args])
  },
  async hub() {
    build()
    return become(process.execPath, ['--enable-source-maps', `${projectDir}/dist/hub.mjs`, ...args])
  },
  async dev() {
    inProject()
    return become(tool('tsx'), ['watch', 'server/main.ts', ...args])
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
  /** What needs no server, database or process: for each change. */
  async 'test:fast'() {
    inProject()
    return become(tool('vitest'), ['run', '--project', 'unit', ...args])
  },
  /** The long forms of fuzzers, kills and streams. BUILDER_HUB_TEST_SEED repeats a run. */
  async 'test:long'() {
    inProject()
    const seed = process.env.BUILDER_HUB_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31))
    process.stderr.write(`the same again: BUILDER_HUB_TEST_SEED=${seed} npm run test:long\n`)
    const files = ['fuzz', 'durability.test', 'memory.test']
    return become(tool('vitest'), ['run', ...(args.length > 0 ? args : files)], {
      BUILDER_HUB_TEST_SEED: seed,
    })
  },
  async lint() {
    inProject()
    return all(
      ['prettier', '--check', '--log-level', 'warn', '.'],
      ['eslint', '--max-warnings', '0', '.'],
      [
        'depcruise',
        '--cache',
        'node_modules/.cache/dependency-cruiser',
        'server',
        'web',
        'demo',
        'bench',
        'test',
      ],
      ['tsc', '-p', 'tsconfig.json'],
      ['tsc', '-p', 'tsconfig.web.json'],
    )
  },
  async check() {
    return (await commands.lint()) || commands.test()
  },
  async generate() {
    inProject()
    const status = await all(['tsx', 'server/print-schema.ts'])
    if (status === 0) generateOperations()
    return status
  },
  async build() {
    build()
    return 0
  },
}

const action = commands[command]
if (!action) {
  process.stderr.write(`no command ${command}: there are ${Object.keys(commands).join(', ')}\n`)
  process.exit(2)
}
install()
generateClient()
// The operations may ask for what the schema is about to have.
if (command !== 'generate') generateOperations()
process.exitCode = await action()
