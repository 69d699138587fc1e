import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfig, settings } from '../../server/config.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer } from '../../server/start-server.ts'
import { basicAuth, bytesOf, projectDir, temporaryDir } from '../app.ts'
import { hub as runHub, type Outcome } from '../hub.ts'
import { builtProgram } from '../programs.ts'
import { sampleRecord } from '../record.ts'

/** Run a program of the server to its end, as the operator would. */
async function run(
  program: 'hub' | 'server',
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [builtProgram(program), ...args], {
    env: { ...process.env, ...env },
  })
  child.stdin.end(input)
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { status, stdout, stderr }
}

/** `hub` on a data directory of its own. */
function hubOf(dataDir: string) {
  return (args: readonly string[], input?: string) => runHub([...args, '--data-dir', dataDir], { input })
}

/** A server on the same data directory, in this process. */
async function serve(dataDir: string) {
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config, projectDir)
  onTestFinished(server.stop)
  const upload = async (name: string, password: string, job = 'hello') => {
    const answer = await fetch(`${server.url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth({ name, password }) },
      body: await bytesOf(encodeExecRecord(sampleRecord({ job }))),
    })
    await answer.text()
    return answer.status
  }
  return { upload }
}

test('users and their access can be changed while the server runs', async () => {
  const dataDir = temporaryDir()
  const hub = hubOf(dataDir)
  const { upload } = await serve(dataDir)
  expect(await upload('alice', 'secret')).toBe(401)

  expect(await hub(['user', 'add', 'alice', '--unrestricted'], 'secret\n')).toEqual({
    status: 0,
    stdout: 'user alice is created\n',
    stderr: '',
  })
  expect(await upload('alice', 'secret')).toBe(201)

  const bob = await hub(['user', 'add', 'bob'], 'pass: wörd\r\nthe second line does not count')
  expect(bob.stdout).toBe('user bob is created; "hub access add bob JOB" lets them upload builds of a job\n')
  expect(await upload('bob', 'pass: wörd')).toBe(403)
  expect((await hub(['access', 'add', 'bob', 'hello'])).stdout).toBe(
    'job hello is on the access list of user bob\n',
  )
  expect(await upload('bob', 'pass: wörd')).toBe(201)
  expect(await upload('bob', 'pass: wörd', 'other')).toBe(403)
  // Twice is as good as once.
  expect((await hub(['access', 'add', 'bob', 'hello'])).status).toBe(0)
  expect((await hub(['access', 'remove', 'bob', 'hello'])).stdout).toBe(
    'job hello is no longer on the access list of user bob\n',
  )
  expect(await upload('bob', 'pass: wörd')).toBe(403)
  expect((await hub(['access', 'remove', 'bob', 'hello'])).stdout).toBe(
    'job hello was not on the access list of user bob\n',
  )
})

test('a data directory without a database is refused, and not created', async () => {
  const dataDir = join(temporaryDir(), 'mistyped')
  const hub = hubOf(dataDir)
  for (const args of [
    ['user', 'list'],
    ['user', 'disable', 'alice'],
    ['access', 'add', 'alice', 'hello'],
    ['analyses', 'status'],
    ['analyse'],
    ['diff', randomUUID(), randomUUID()],
  ])
    expect(await hub(args), args.join(' ')).toEqual({
      status: 1,
      stdout: '',
      stderr: `there is no database in ${dataDir}: name the server's data directory by --data-dir or BUILDER_HUB_DATA_DIR\n`,
    })
  expect(existsSync(dataDir)).toBe(false)
})

test('a leaked password is taken back while the server runs', async () => {
  const dataDir = temporaryDir()
  const hub = hubOf(dataDir)
  const { upload } = await serve(dataDir)
  await hub(['user', 'add', 'alice', '--unrestricted'], 'leaked\n')
  await hub(['user', 'add', 'bob'], 'secret\n')
  await hub(['access', 'add', 'bob', 'hello'])
  expect(await upload('alice', 'leaked')).toBe(201)

  expect((await hub(['user', 'password', 'alice'], 'better\n')).stdout).toBe(
    'user alice has a new password\n',
  )
  expect(await upload('alice', 'leaked')).toBe(401)
  expect(await upload('alice', 'better')).toBe(201)
  expect((await hub(['user', 'disable', 'alice'])).status).toBe(0)
  expect(await upload('alice', 'better')).toBe(401)
  expect((await hub(['user', 'list'])).stdout).toBe('alice (disabled): every job\nbob: hello\n')
  expect((await hub(['user', 'enable', 'alice'])).status).toBe(0)
  expect(await upload('alice', 'better')).toBe(201)

  // A build names its uploader; who has uploaded nothing can go.
  expect(await hub(['user', 'remove', 'alice'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('user alice has uploaded some (3): "hub user disable alice"') as string,
  })
  expect(await hub(['user', 'remove', 'bob'])).toMatchObject({ status: 0, stdout: 'user bob is removed\n' })
  expect(await hub(['user', 'password', 'bob'], 'x\n')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no user bob') as string,
  })
})

test('a token of the command line uploads what its scope says, as the password of Basic, until it is revoked', async () => {
  const dataDir = temporaryDir()
  const hub = hubOf(dataDir)
  const { upload } = await serve(dataDir)
  await hub(['user', 'add', 'alice', '--unrestricted'], 'secret\n')
  const created = await hub(['token', 'create', 'alice', 'ci', '--scope', 'upload:hello', '--expires', '30'])
  expect(created).toMatchObject({ status: 0, stdout: expect.stringMatching(/^bhub_\w{38}\n$/) as string })
  const token = created.stdout.trim()
  expect(created.stderr).not.toContain(token)
  expect(await upload('anybody', token)).toBe(201)
  expect(await upload('anybody', token, 'other')).toBe(403)
  const { stdout } = await hub(['token', 'list', '--user', 'alice', '--json'])
  expect(stdout).not.toContain(token)
  expect(JSON.parse(stdout)).toMatchObject([
    { id: 1, prefix: token.slice(0, 9), scopes: ['upload:hello'], state: 'ACTIVE' },
  ])
  expect(await hub(['token', 'revoke', token])).toMatchObject({ status: 0, stdout: 'token 1 is revoked\n' })
  expect(await upload('anybody', token)).toBe(401)
  expect((await hub(['token', 'revoke', '1'])).stdout).toBe('token 1 was revoked before\n')
  expect((await hub(['token', 'revoke', '2'])).status).toBe(1)
  expect((await hub(['token', 'create', 'alice', 'x', '--scope', 'read', '--expires', '366'])).status).toBe(2)
  expect((await hub(['token', 'create', 'alice', 'x', '--scope', 'admin'])).status).toBe(1)
  const forever = await hub(['token', 'create', 'alice', 'x', '--scope', 'read', '--expires', 'never'])
  expect(forever.stderr).toContain('Warning: it never ends')
})

test('roles are given and taken by the command line, and an unknown user is an error everywhere', async () => {
  const hub = hubOf(temporaryDir())
  await hub(['user', 'add', 'root', '--role', 'admin'], 'secret\n')
  await hub(['user', 'add', 'bob', '--role', 'reader'], 'secret\n')
  expect((await hub(['user', 'list'])).stdout).toBe('bob, reader: uploads nothing\nroot, admin: every job\n')
  expect(await hub(['user', 'update', 'root', '--role', 'reader'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('user root is the only enabled administrator') as string,
  })
  expect((await hub(['user', 'update', 'bob', '--role', 'uploader'])).stdout).toBe('user bob is changed\n')
  expect((await hub(['user', 'update', 'bob', '--no-unrestricted'])).stdout).toContain('nothing was changed')
  expect((await hub(['user', 'update', 'bob'])).status).toBe(2)
  expect((await hub(['user', 'update', 'bob', '--role', 'king'])).status).toBe(2)
  await hub(['access', 'add', 'bob', 'hello'])
  expect((await hub(['access', 'list'])).stdout).toBe('bob: hello\n')
  for (const args of [
    ['user', 'remove', 'nobody'],
    ['user', 'disable', 'nobody'],
    ['user', 'update', 'nobody', '--role', 'admin'],
    ['access', 'add', 'nobody', 'hello'],
    ['access', 'remove', 'nobody', 'hello'],
    ['token', 'create', 'nobody', 'x', '--scope', 'read'],
    ['token', 'list', '--user', 'nobody'],
  ])
    expect(await hub(args), args.join(' ')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no user nobody') as string,
    })
})

test('an error is printed in one line, and the exit status is 1', async () => {
  const hub = hubOf(temporaryDir())
  expect((await hub(['user', 'add', 'alice'], 'secret\n')).status).toBe(0)
  const refusals: [args: string[], input: string, message: string][] = [
    [['user', 'add', 'alice'], 'other\n', 'user alice exists already'],
    [['user', 'add', 'bob'], '', 'empty password: send it as one line on standard input'],
    [['user', 'add', 'bob'], '\n', 'empty password: send it as one line on standard input'],
    [['user', 'add', 'bob'], 'a\tb\n', 'bad password: a password has no control characters'],
    [
      ['user', 'add', 'b:b'],
      'x\n',
      'bad user name "b:b": 1 to 255 characters, no colon, no control characters',
    ],
    [['user', 'add', ''], 'x\n', 'bad user name "": 1 to 255 characters, no colon, no control characters'],
    [['access', 'add', 'carol', 'hello'], '', 'no user carol: "hub user add carol" creates one'],
    [['access', 'remove', 'carol', 'hello'], '', 'no user carol: "hub user add carol" creates one'],
    [['user', 'add', 'bob', '--log-level', 'loud'], 'x\n', 'bad settings:'],
  ]
  for (const [args, input, message] of refusals) {
    const { status, stdout, stderr } = await hub(args, input)
    expect({ status, stdout }, args.join(' ')).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
  }
})

test('unknown commands and missing arguments are refused with the valid ones', async () => {
  const hub = hubOf(temporaryDir())
  expect(await hub(['user', 'frobnicate'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('unknown command'),
  })
  expect(await hub(['nothing'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('unknown command'),
  })
  expect(await hub(['user', 'add'])).toMatchObject({ status: 2, stderr: expect.stringContaining('name') })
  expect(await hub(['user', 'add', 'x', '--root'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--root'),
  })
})

test('--help of the server lists every flag with its variable and default', async () => {
  const { status, stdout } = await run('server', ['--help'])
  expect(status).toBe(0)
  const words = stdout.replace(/\s+/g, ' ')
  for (const { flag, env, help, fallback } of settings) {
    expect(words).toContain(`${flag} ${help} (default: ${fallback}) [${env}]`)
  }
})

test('--help of the command line lists its commands and flags', async () => {
  const { status, stdout } = await run('hub', ['--help'])
  expect(status).toBe(0)
  for (const part of ['user', 'access', '--data-dir', 'BUILDER_HUB_DATA_DIR']) expect(stdout).toContain(part)
  const ofAdd = await runHub(['user', 'add', '--help'])
  for (const part of ['--unrestricted', '--data-dir', 'first line of standard input']) {
    expect(ofAdd.stdout.replace(/\s+/g, ' ')).toContain(part)
  }
})

test.each(['server', 'hub'] as const)('%s --version prints the version', async (program) => {
  const { version } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  expect(await run(program, ['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
})

test('an unknown kind of analysis is answered with the kinds that there are', async () => {
  const { status, stderr } = await runHub(['analyse', '--kind', 'nope'])
  expect([status, stderr]).toEqual([2, expect.stringContaining('there are solo5, dependencies')])
})

test('a reader that has left ends nothing: the status says what the command found', async () => {
  const child = spawn(process.execPath, [builtProgram('hub'), 'user', '--help'])
  child.stdout.destroy()
  const [stderr, status] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
})

test.runIf(existsSync('/dev/full'))('output that cannot be written is told in one line', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [builtProgram('hub'), '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(full)
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^the output cannot be written: ENOSPC.*\n$/)])
})

test('flags override the environment', async () => {
  const [flagDir, envDir] = [temporaryDir(), temporaryDir()]
  const made = await runHub(['user', 'add', 'alice', '--data-dir', flagDir], {
    input: 'secret\n',
    env: { BUILDER_HUB_DATA_DIR: envDir },
  })
  expect(made.status).toBe(0)
  const again = await runHub(['user', 'add', 'alice'], {
    input: 'secret\n',
    env: { BUILDER_HUB_DATA_DIR: envDir },
  })
  // In the environment's directory there is no alice yet; in the flag's there is.
  expect(again.status).toBe(0)
  expect((await hubOf(flagDir)(['user', 'add', 'alice'], 'secret\n')).stderr).toContain('exists already')
})

test('the server names every bad setting, whether a flag or a variable, and does not start', async () => {
  const { status, stdout, stderr } = await run('server', ['--port', '99999', '--log-level', 'loud'], {
    env: { BUILDER_HUB_EXPIRED_JOBS: 'never', BUILDER_HUB_DATA_DIR: temporaryDir() },
  })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  const lines = stderr.trim().split('\n')
  expect(lines).toEqual([
    'bad settings:',
    expect.stringContaining('  --port (BUILDER_HUB_PORT) is "99999": '),
    expect.stringContaining('  --expired-jobs (BUILDER_HUB_EXPIRED_JOBS) is "never": '),
    expect.stringContaining('  --log-level (BUILDER_HUB_LOG_LEVEL) is "loud": '),
  ])
})

test('a second server on the same data directory is refused', async () => {
  const dataDir = temporaryDir()
  await serve(dataDir)
  const { status, stderr } = await run('server', ['--data-dir', dataDir, '--port', '0'])
  expect(status).toBe(1)
  expect(stderr).toBe(`another server uses ${dataDir}: stop it, or give this one its own --data-dir\n`)
})

test('an address in use is reported in one line', async () => {
  const dataDir = temporaryDir()
  const first = await startServer(
    readConfig({ BUILDER_HUB_DATA_DIR: dataDir, BUILDER_HUB_PORT: '0', BUILDER_HUB_LOG_LEVEL: 'silent' }),
    projectDir,
  )
  onTestFinished(first.stop)
  const { status, stderr } = await run('server', [
    '--data-dir',
    temporaryDir(),
    '--port',
    new URL(first.url).port,
  ])
  expect(status).toBe(1)
  expect(stderr).toContain('EADDRINUSE')
  expect(stderr).not.toContain('    at ')
})

/** util-linux's `script` gives a program a terminal; other systems' take other flags. */
function hasTerminal(): boolean {
  try {
    return execFileSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'pipe' }).length >= 0
  } catch {
    return false
  }
}

/** `hub user add alice` on a terminal, with these keys pressed at the prompt. */
async function addAliceOnTerminal(dataDir: string, keys: string) {
  const hub = `${process.execPath} ${builtProgram('hub')} user add alice --unrestricted --data-dir ${dataDir}`
  const child = spawn('script', ['-qec', hub, '/dev/null'], { env: process.env })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    shown += String(chunk)
    if (shown.endsWith('password for alice: ')) child.stdin.write(keys)
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  return { status, shown: shown.replaceAll('\r', '') }
}

describe.skipIf(!hasTerminal())('on a terminal (needs script of util-linux)', () => {
  test('the password is asked for and not shown', async () => {
    const dataDir = temporaryDir()
    expect(await addAliceOnTerminal(dataDir, 'secret\r')).toEqual({
      status: 0,
      shown: 'password for alice: \nuser alice is created\n',
    })
    const { upload } = await serve(dataDir)
    expect(await upload('alice', 'secret')).toBe(201)
  })

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s makes no user', async (_name, key) => {
    expect(await addAliceOnTerminal(temporaryDir(), key)).toEqual({
      status: 1,
      shown: 'password for alice: \nno password was given: nothing was done\n',
    })
  })
})
