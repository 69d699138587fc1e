// What must be there before anything runs: installed packages, generated code, built files.
// Each step is skipped when what it is made from has not changed since.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative, resolve } from 'node:path'

export const projectDir = resolve(import.meta.dirname, '..')

/** Run a program to its end; a failure ends this process, after its output. */
export function run(program, args, { quiet = false, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: projectDir,
    env: { ...process.env, ...env },
    // Progress goes to standard error: standard output is for answers.
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

/** A program of an installed package. */
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
 * Do `make` unless `stamp` tells that it was done for the same inputs, and the outputs are there.
 * `salt` stands for an input that is no file.
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

/** The environment's PATH behind another folder. */
const pathAfter = (folder) => [folder, process.env.PATH].join(delimiter)

/** Run npm with the Node.js of this process, whatever npm's own is: native code is built for it. */
function npm(...args) {
  const env = { PATH: pathAfter(dirname(process.execPath)) }
  run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { env })
}

const openDatabase = ['-e', "new (require('better-sqlite3'))(':memory:').close()"]

const isNativeCodeLoadable = () =>
  spawnSync(process.execPath, openDatabase, { cwd: projectDir, stdio: 'ignore' }).status === 0

export function install() {
  once({
    stamp: 'node_modules/.builder-hub-installed',
    inputs: ['package-lock.json'],
    // esbuild's program is in a package that is there only when npm ran on this system.
    outputs: ['node_modules/.bin/tsx', `node_modules/@esbuild/${process.platform}-${process.arch}`],
    make() {
      say('installing packages (a minute or two on a fresh machine) …')
      // What an earlier version has installed is kept where it still fits: npm ci would remove all, and
      // compile better-sqlite3 anew.
      const isUpgrade = existsSync(join(projectDir, 'node_modules/.package-lock.json'))
      // Also with NODE_ENV=production: the build needs the development packages.
      npm(...(isUpgrade ? ['install', '--no-save'] : ['ci']), '--include=dev')
    },
  })
  once({
    stamp: 'node_modules/.builder-hub-native',
    inputs: ['package-lock.json'],
    // Native code is bound to an ABI of Node.js, which changes with each major version.
    salt: `${process.platform}-${process.arch}-${process.versions.modules}`,
    outputs: ['node_modules/better-sqlite3/build/Release/better_sqlite3.node'],
    make() {
      if (isNativeCodeLoadable()) return
      say(`building better-sqlite3 for Node.js ${process.version} …`)
      npm('rebuild', 'better-sqlite3')
      run(process.execPath, openDatabase)
    },
  })
}

/** The database's client and its types. */
export function generateClient() {
  once({
    stamp: 'server/generated/.stamp',
    inputs: ['prisma/schema.prisma', 'scripts/brand-ids.mjs', 'package-lock.json'],
    outputs: ['server/generated/prisma/client.ts', 'server/generated/pothos.ts'],
    make() {
      // The generators need no schema engine, which Prisma would otherwise download.
      run(tool('prisma'), ['generate', '--no-hints'], {
        quiet: true,
        // Prisma finds its generators in the PATH, where only npm puts the installed programs.
        env: {
          PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
          PATH: pathAfter(join(projectDir, 'node_modules/.bin')),
        },
      })
      run(process.execPath, ['scripts/brand-ids.mjs'])
    },
  })
}

/** The types of the application's operations, from schema.graphql. */
export function generateOperations() {
  once({
    stamp: 'web/gql/.stamp',
    inputs: ['schema.graphql', 'codegen.ts', 'scripts/possible-types.mjs', 'web', 'package-lock.json'],
    outputs: ['web/gql/graphql.ts', 'web/gql/possible-types.ts'],
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
      // Vitest sets NODE_ENV to test, with which the application would have React's development build.
      run(tool('vite'), ['build', '--logLevel', 'warn'], { env: { NODE_ENV: 'production' } })
    },
  })
  once({
    stamp: 'dist/.stamp',
    inputs: ['server', 'terminal', 'demo', 'prisma/schema.prisma', 'scripts/bundle.mjs', 'package-lock.json'],
    outputs: ['dist/server.mjs', 'dist/tasks.mjs', 'dist/hub.mjs', 'dist/demo.mjs'],
    make() {
      say('building the server …')
      run(process.execPath, ['scripts/bundle.mjs'])
    },
  })
}

/** Not all tests: those that change most often start nothing anew. */
const testProgramSources = [
  'demo',
  'test/durability',
  'test/e2e/compare-samples.ts',
  'test/e2e/dependencies-samples.ts',
  'test/e2e/samples.ts',
  'test/e2e/site.ts',
  'test/e2e/size-samples.ts',
  'test/make-template.ts',
  'test/programs.ts',
  'test/server/analyses',
  'test/server/migrate.ts',
  'test/server/workers',
  'test/template.ts',
]

/** The programs that tests start, and the database that each test app starts from a copy of. */
export function buildTestPrograms() {
  once({
    stamp: 'dist/test/.stamp',
    inputs: ['server', 'terminal', 'prisma', 'scripts/bundle.mjs', 'package-lock.json', ...testProgramSources],
    outputs: ['dist/test/child.mjs', 'dist/test/site.mjs', 'dist/test/template.sqlite3'],
    make() {
      say('building the programs of tests …')
      run(process.execPath, ['scripts/bundle.mjs', 'test'])
      run(process.execPath, ['dist/test/make-template.mjs'])
    },
  })
}
