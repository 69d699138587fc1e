// The steps before any command runs: installing packages, generating code, building files. A step is
// skipped if its inputs have not changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative, resolve } from 'node:path'

export const projectDir = resolve(import.meta.dirname, '..')

/** Run a program and wait for its end. If it fails, print its output and end this process. */
export function run(program, args, { quiet = false, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: projectDir,
    env: { ...process.env, ...env },
    // Progress goes to standard error. Standard output is for the output of commands.
    stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2],
    maxBuffer: 64 * 1024 ** 2,
  })
  if (status === 0) return
  if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  process.stderr.write(
    `\n${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ` (${status})`}\n`,
  )
  process.exit(1)
}

/** Path of a program of an installed package. */
export const tool = (name) => join(projectDir, 'node_modules/.bin', name)

const ignored = new Set(['node_modules', 'dist', 'generated', 'gql', 'results.json'])

function* filesBelow(path) {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) return yield path
  for (const name of readdirSync(path).sort()) {
    if (!ignored.has(name)) yield* filesBelow(join(path, name))
  }
}

function fingerprint(inputs, salt) {
  const hash = createHash('sha256').update(salt)
  for (const input of inputs) {
    for (const file of filesBelow(join(projectDir, input))) {
      hash.update(relative(projectDir, file)).update(readFileSync(file))
    }
  }
  return hash.digest('hex')
}

/**
 * Run `make`, unless the file `stamp` says that it ran with the same inputs and the outputs exist. `salt` is an
 * additional input that is not a file.
 */
function once({ stamp, inputs, salt = '', outputs, make }) {
  const stampFile = join(projectDir, stamp)
  const now = fingerprint(inputs, salt)
  const isMade = outputs.every((output) => existsSync(join(projectDir, output)))
  if (isMade && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === now) return
  make()
  mkdirSync(join(stampFile, '..'), { recursive: true })
  writeFileSync(stampFile, now)
}

const say = (text) => process.stderr.write(`${text}\n`)

/** The PATH of the environment, with another folder in front. */
const pathAfter = (folder) => [folder, process.env.PATH].join(delimiter)

/** Run npm with the Node.js of this process, for which native code has to be built. */
function npm(...args) {
  const env = { PATH: pathAfter(dirname(process.execPath)) }
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { env })
}

const openDatabase = ['-e', "new (require('better-sqlite3'))(':memory:').close()"]

const isNativeCodeLoadable = () =>
  spawnSync(process.execPath, openDatabase, { cwd: projectDir, stdio: 'ignore' }).status === 0

/** Installs the packages. None of their own scripts runs: only better-sqlite3 needs one, which is `installNative`. */
export function install() {
  once({
    stamp: 'node_modules/.builder-hub-installed',
    inputs: ['package-lock.json'],
    // esbuild's program is in a package for this system. It is missing if npm ran on another system.
    outputs: ['node_modules/.bin/tsx', `node_modules/@esbuild/${process.platform}-${process.arch}`],
    make() {
      say('installing packages (a minute or two on a fresh machine) …')
      // What an earlier version has installed is kept where it still fits: npm ci would remove all, and
      // compile better-sqlite3 anew.
      const isUpgrade = existsSync(join(projectDir, 'node_modules/.package-lock.json'))
      // The build needs the development packages, even with NODE_ENV=production.
      npm(...(isUpgrade ? ['install', '--no-save'] : ['ci']), '--include=dev', '--ignore-scripts')
    },
  })
}

/** Downloads or compiles the native code of better-sqlite3. What uses no database can run meanwhile, or without it. */
export function installNative() {
  once({
    stamp: 'node_modules/.builder-hub-native',
    inputs: ['package-lock.json'],
    // Native code depends on the ABI of Node.js, which changes with each major version.
    salt: `${process.platform}-${process.arch}-${process.versions.modules}`,
    outputs: ['node_modules/better-sqlite3/build/Release/better_sqlite3.node'],
    make() {
      if (isNativeCodeLoadable()) return
      say(`building better-sqlite3 for Node.js ${process.version} …`)
      npm('rebuild', 'better-sqlite3', '--ignore-scripts=false')
      run(process.execPath, openDatabase)
    },
  })
}

/** Run Prisma's command line. The generators need no schema engine, which it would otherwise download. */
export function runPrisma(...args) {
  run(tool('prisma'), args, {
    quiet: true,
    // Prisma looks for its generators in the PATH. Only npm adds the installed programs to it.
    env: {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PATH: pathAfter(join(projectDir, 'node_modules/.bin')),
    },
  })
}

/** Generates the database clients of SQLite and PostgreSQL, and their types. */
export function generateClient() {
  once({
    stamp: 'server/generated/.stamp',
    inputs: [
      'prisma/schema.prisma',
      'scripts/brand-ids.mjs',
      'scripts/postgresql-client.mjs',
      'package-lock.json',
    ],
    outputs: [
      'server/generated/prisma/client.ts',
      'server/generated/prisma-postgresql/class.ts',
      'server/generated/pothos.ts',
    ],
    make() {
      runPrisma('generate', '--no-hints')
      run(process.execPath, ['scripts/brand-ids.mjs'])
      run(process.execPath, ['scripts/postgresql-client.mjs'])
    },
  })
}

/** Generates the types of the operations of the web application and of `hub --hub URL` from schema.graphql. */
export function generateOperations() {
  once({
    stamp: 'web/gql/.stamp',
    inputs: [
      ...['schema.graphql', 'codegen.ts', 'scripts/possible-types.mjs', 'web', 'server/cli/remote'],
      'package-lock.json',
    ],
    outputs: ['web/gql/graphql.ts', 'web/gql/possible-types.ts', 'server/generated/operations/graphql.ts'],
    make: () => run(tool('graphql-codegen'), [], { quiet: true }),
  })
}

export function build() {
  once({
    stamp: 'web/dist/.stamp',
    inputs: ['web', 'terminal', 'schema.graphql', 'codegen.ts', 'vite.config.ts', 'package-lock.json'],
    outputs: ['web/dist/index.html'],
    make() {
      say('building the web application …')
      // Vitest sets NODE_ENV to test, which would select React's development build.
      run(tool('vite'), ['build', '--logLevel', 'warn'], { env: { NODE_ENV: 'production' } })
    },
  })
  once({
    stamp: 'dist/pages/.stamp',
    inputs: ['web', 'terminal', 'schema.graphql', 'codegen.ts', 'vite.config.ts', 'package-lock.json'],
    outputs: ['dist/pages/render.mjs'],
    make() {
      say('building the pages that the server draws …')
      const args = ['build', '--ssr', 'render.tsx', '--logLevel', 'warn']
      run(tool('vite'), args, { env: { NODE_ENV: 'production' } })
    },
  })
  once({
    stamp: 'dist/.stamp',
    inputs: [
      ...['server', 'terminal', 'demo', 'prisma/schema.prisma', 'package-lock.json'],
      ...['scripts/bundle.mjs', 'scripts/brand-ids.mjs', 'scripts/postgresql-client.mjs'],
    ],
    outputs: ['dist/server.mjs', 'dist/tasks.mjs', 'dist/hub.mjs', 'dist/demo.mjs'],
    make() {
      say('building the server …')
      run(process.execPath, ['scripts/bundle.mjs'])
    },
  })
}

const testProgramSources = [
  'demo',
  'test/durability',
  'test/e2e/axe-path.ts',
  'test/e2e/compare-samples.ts',
  'test/e2e/dependencies-samples.ts',
  'test/e2e/samples.ts',
  'test/e2e/site.ts',
  'test/e2e/size-samples.ts',
  'test/make-template.ts',
  'test/programs.ts',
  'test/server/analyses',
  'test/server/migrate.ts',
  'test/server/runner',
  'test/server/verify/killed-verify.ts',
  'test/server/workers',
  'test/template.ts',
]

/** Builds the programs that tests start, and the template database that each test app copies. */
export function buildTestPrograms() {
  once({
    stamp: 'dist/test/.stamp',
    inputs: [
      'server',
      'terminal',
      'prisma',
      'scripts/bundle.mjs',
      'package-lock.json',
      ...testProgramSources,
    ],
    outputs: ['dist/test/child.mjs', 'dist/test/site.mjs', 'dist/test/template.sqlite3'],
    make() {
      say('building the programs for tests …')
      run(process.execPath, ['scripts/bundle.mjs', 'test'])
      run(process.execPath, ['dist/test/make-template.mjs'])
    },
  })
}
