import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { parseIdentity } from '../../server/settings/identity-file.ts'
import { startServer } from '../../server/start-server.ts'
import { alice, basicAuth, bytesOf, projectDir, temporaryDir, testApp } from '../app.ts'
import { hub, type Outcome } from '../hub.ts'
import { writeRecord } from '../import-site.ts'
import { file, sampleRecord } from '../record.ts'
import { copyTemplate } from '../template.ts'

const manual = readFileSync(join(projectDir, 'docs/operating.md'), 'utf8')

type Block = { language: string; text: string }

/** The fenced blocks of the manual, also those within lists. */
const blocks: Block[] = [...manual.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(
  ([, indent = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }),
)
const prose = manual.replaceAll(/^( *)```\w*\n[^]*?^\1```$/gm, '')

/** The lines of the shell, without comments. */
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '')

/** Programs that no test runs, and why. */
const notRun: Record<string, string> = {
  sudo: 'it installs a package as root; test/server/packages.test.ts looks into the package',
  restic: 'another project, which is not installed where tests run',
  borg: 'another project, which is not installed where tests run',
  pg_dump: 'a program of PostgreSQL; test/postgresql runs it',
  mv: 'puts back the copy that is made before a migration; test/server/cli/migrate.test.ts does so',
  rm: 'belongs to that mv',
  npm: 'it downloads an SDK of OpenTelemetry; test/server/tracing.test.ts has one of a few lines',
  'NODE_OPTIONS=': 'the server with that SDK',
}

/** Statuses other than 0 with which a command may end. */
const otherStatuses: Record<string, number[]> = {
  // What it finds depends on the machine.
  'hub doctor': [0, 3],
}

/** The words of a line of the shell. Quotes are all of the shell's language that the manual uses. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const buildsOf = (job: string, first: number, count: number): ExecRecord[] =>
  Array.from({ length: count }, (_, n) =>
    sampleRecord({
      ...{ job, uuid: uuidOf(first + n) },
      // The first is older than the times in the manual.
      startedAt: new Date(Date.UTC(2025, 11, 1 + n * 40)),
      artifacts: [file('bin/a.hvt', `main binary ${Math.floor(n / 2)}`)],
    }),
  )

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

let run: (line: string) => Promise<Outcome>

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  const other = await testApp({ keep: true })
  const metricsPort = await freePort()
  const env: Record<string, string> = {
    BUILDER_HUB_CONFIG: '',
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_LOG_LEVEL: 'silent',
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
  }
  copyTemplate(join(dataDir, 'builder-hub.sqlite3'))
  const start = () => startServer(readConfig(env), projectDir)
  let server: Awaited<ReturnType<typeof start>> | null = await start()
  const { url } = server
  env['BUILDER_HUB_PORT'] = new URL(url).port
  for (const record of [...buildsOf('dns-primary', 0, 4), ...buildsOf('dns-old', 10, 1)]) {
    const { status } = await fetch(`${url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth(alice) },
      body: await bytesOf(encodeExecRecord(record)),
    })
    expect(status).toBe(201)
  }
  for (const record of buildsOf('dns-primary', 20, 2)) expect((await other.upload(record)).status).toBe(201)
  await writeRecord(join(folder, 'fallback/job/full'), sampleRecord({ job: 'dns-primary', uuid: uuidOf(30) }))
  const policy = blocks.find(({ language }) => language === 'json')
  writeFileSync(join(folder, 'retention.json'), policy?.text ?? '')

  /** What stands in the manual for a path, an address, a build or a user of the reader. */
  const standIns: [RegExp, string][] = [
    [/^\/mnt\/backup\/hub$/, join(folder, 'backup')],
    [/^\/var\/lib\/builder-hub-restored$/, join(folder, 'restored')],
    [/^\/var\/db\/builder$/, join(folder, 'fallback')],
    [/^\/mnt\/records$/, join(folder, 'records')],
    [/^\/srv\/other$/, join(folder, 'other')],
    [/^(retention\.json|dns-primary\.tar)$/, join(folder, '$1')],
    [/^https:\/\/builds\.example\.org$/, other.url],
    [/^http:\/\/127\.0\.0\.1:3000\//, `${url}/`],
    [/^http:\/\/127\.0\.0\.1:9464\//, `http://127.0.0.1:${metricsPort}/`],
    [/^UUID$/, uuidOf(3)],
    // A new user: alice has uploaded what is there.
    [/^alice$/, 'carol'],
  ]

  run = async (line) => {
    const [program = '', ...args] = wordsOf(line).map((word) =>
      standIns.reduce((text, [pattern, standIn]) => text.replace(pattern, standIn), word),
    )
    if (program === 'curl') {
      const { stdout, stderr } = await promisify(execFile)('curl', ['--silent', '--show-error', ...args])
      return { status: 0, stdout, stderr }
    }
    const isDown = line.startsWith('hub migrate down')
    if (isDown) {
      await server?.stop()
      server = null
    }
    const running = hub(args.includes('--watch') ? [...args, '--interval', '0.02'] : args, {
      env,
      input: 'a password of carol\n',
    })
    if (args.includes('--watch')) {
      await expect
        .poll(
          async () => (await hub(['export', uuidOf(30), '--dest', join(folder, 'taken')], { env })).status,
        )
        .toBe(0)
      process.emit('SIGTERM')
    }
    const outcome = await running
    if (isDown) {
      await hub(['migrate', 'up'], { env })
      server = await start()
    }
    return outcome
  }
  return async () => {
    await server?.stop()
    await other.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the manual has no block without a language, and no indented one', () => {
  expect(blocks.map(({ language }) => language)).not.toContain('')
  expect(prose.match(/(?<=\n\n) {4}\S.*/g) ?? []).toEqual([])
})

test('each program of the manual is run, or has a reason not to be', () => {
  const programs = new Set(commands.map((line) => wordsOf(line)[0] ?? ''))
  expect(
    [...programs].filter((name) => !['hub', 'builder-hub', 'curl', ...Object.keys(notRun)].includes(name)),
  ).toEqual([])
  expect(Object.keys(notRun).filter((name) => !programs.has(name))).toEqual([])
})

test.each(commands.filter((line) => !((wordsOf(line)[0] ?? '') in notRun)))('%s', async (line) => {
  const { status, stdout, stderr } = await run(line)
  expect(otherStatuses[line] ?? [0], `${stdout}${stderr}`).toContain(status)
})

const tomlBlocks = blocks.filter(({ language }) => language === 'toml').map(({ text }) => text)
/** A file that `--identity-file` names; all others are of settings. */
const isIdentity = (text: string) => /^\[+(trusted-publishers|sign-in)\b/m.test(text)

test.each(tomlBlocks.filter((text) => !isIdentity(text)))('the settings %j are valid', async (text) => {
  const config = join(temporaryDir(), 'config.toml')
  writeFileSync(config, text)
  expect(await hub(['config', 'check', '--config', config])).toMatchObject({ status: 0 })
})

test.each(tomlBlocks.filter(isIdentity))('the rules %j about other sites are valid', (text) => {
  const { signIn, trustedPublishers } = parseIdentity(text, 'identity.toml')
  expect(trustedPublishers.length > 0 || signIn !== undefined).toBe(true)
})

const named = new Set(
  [...prose.matchAll(/`(?:sudo -u \S+ )?hub ([^`]+)`/g)].map(([, text = '']) => text.replaceAll(/\s+/g, ' ')),
)

/** The names of a command within a text, and the rest: `import records --watch` has `import records`. */
async function usageOf(text: string): Promise<{ help: string; names: string[]; rest: string[] }> {
  // A setting before the command.
  const words = wordsOf(text.replace(/^(--[\w-]+) \S+ /, ''))
  const names: string[] = []
  let { stdout: help } = await hub(['--help'])
  for (const word of words) {
    const { stdout } = await hub([...names, word, '--help'])
    if (!stdout.startsWith(`Usage: ${['hub', ...names, word].join(' ')} `)) break
    names.push(word)
    help = stdout
  }
  return { help, names, rest: words.slice(names.length) }
}

test.each([...named])('hub %s, which the text names, is a command with these options', async (text) => {
  const { help, names, rest } = await usageOf(text)
  expect(names.length).toBeGreaterThan(0)
  const [usage = ''] = help.split('\n')
  const values = rest.filter((word) => !word.startsWith('-') && word !== '…')
  if (values.length > 0) expect(usage, 'a further name of a command').not.toContain('[command]')
  for (const option of rest.filter((word) => word.startsWith('--'))) expect(help).toContain(option)
})
