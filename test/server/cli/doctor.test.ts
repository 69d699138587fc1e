import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { startServer } from '../../../server/start-server.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { copyTemplate } from '../../template.ts'
import { hub } from '../../hub.ts'

type Finding = { level: string; text: string }

async function doctor(
  dataDir: string,
  ...args: string[]
): Promise<{ status: number | null; found: Finding[] }> {
  const { status, stdout } = await hub(['doctor', '--json', '--data-dir', dataDir, ...args], {
    env: { BUILDER_HUB_CONFIG: '' },
  })
  return { status, found: JSON.parse(stdout) as Finding[] }
}

/** What is not ok. The machine of the test is as it is. */
const toMend = ({ found }: { found: Finding[] }) =>
  found
    .filter(({ level, text }) => level !== 'ok' && !/files|memory|is free|are free/.test(text))
    .map(({ level, text }) => `${level}: ${text}`)

/** A data directory with a database of this version. */
function siteDir(): string {
  const dataDir = join(temporaryDir(), 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  copyTemplate(readConfig({ BUILDER_HUB_DATA_DIR: dataDir }).databaseFile)
  return dataDir
}

test('a running site with a user has nothing to mend, and the exit status says so', async () => {
  const dataDir = siteDir()
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config, projectDir)
  onTestFinished(() => server.stop())
  const { port } = new URL(server.url)
  const outcome = await doctor(dataDir, '--port', port, '--upload-max-bytes', '1000')
  expect(toMend(outcome)).toEqual([])
  expect(outcome.found.map(({ text }) => text)).toContain(`the server at ${server.url}/health/ready is ready`)
  expect([0, 3]).toContain(outcome.status)
  expect(outcome.status).toBe(outcome.found.every(({ level }) => level === 'ok') ? 0 : 3)

  const policy = join(dataDir, 'retention.json')
  writeFileSync(policy, '{"rules": [{"keep": {}}, {"keep": "none"}]}')
  const withPolicy = await doctor(
    dataDir,
    '--port',
    port,
    '--upload-max-bytes',
    '1000',
    '--retention-file',
    policy,
  )
  expect(toMend(withPolicy)).toEqual([
    `problem: ${policy}: the retention policy has faults, and nothing is removed: rules[0].keep: it must keep something, ` +
      'such as {"newest": 3}; "all" keeps every build; rules[1].keep: it must be "all", or an object such as ' +
      '{"newestSuccessful": 5}',
  ])

  const identity = join(dataDir, 'identity.toml')
  const withIdentity = async (lines: string) => {
    writeFileSync(identity, lines)
    const settings = ['--port', port, '--upload-max-bytes', '1000', '--identity-file', identity]
    return toMend(await doctor(dataDir, ...settings))
  }
  expect(await withIdentity('[sign-in]\nissuer = "https://id.example.org"')).toEqual([
    expect.stringMatching(/^problem: .*identity\.toml has faults: sign-in\.client-id: /),
  ])
  const signIn = 'issuer = "https://id.example.org"\nclient-id = "hub"\nname = "Lab"'
  expect(await withIdentity(`[sign-in]\n${signIn}\nclient-secret-file = "absent"`)).toEqual([
    expect.stringMatching(/^problem: .*identity\.toml: the client secret cannot be read, .*ENOENT/),
  ])
  expect(await withIdentity(`[sign-in]\n${signIn}`)).toEqual([])

  // It listens elsewhere than the settings say.
  expect(toMend(await doctor(dataDir, '--port', '1'))).toEqual([
    expect.stringMatching(
      /^problem: a server uses .*, but http:\/\/127\.0\.0\.1:1\/health\/ready does not answer \(.*\)/,
    ),
  ])

  // What answers at the address of visitors.
  const other = createServer((_request, response) => response.writeHead(502).end())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const publicUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  expect(toMend(await doctor(dataDir, '--port', port, '--public-url', publicUrl))).toEqual([
    expect.stringContaining('warning: the log is called') as string,
    `problem: ${publicUrl}/health/live answers 502: the proxy does not pass it to this site`,
    expect.stringContaining('warning: visitors come through --public-url, but no proxy is trusted') as string,
  ])
  expect(
    toMend(await doctor(dataDir, '--port', port, '--public-url', server.url, '--trusted-proxies', '1')),
  ).toEqual([expect.stringContaining('warning: the log is called')])
})

test('each fault of a site is named with what to do, without a stack', async () => {
  const none = join(temporaryDir(), 'none')
  expect(toMend(await doctor(none))).toEqual([
    `problem: ${none} does not exist: name the data directory of the server by --data-dir`,
  ])

  const empty = temporaryDir()
  expect(toMend(await doctor(empty))).toContainEqual(
    expect.stringMatching(/^problem: .* is absent or empty: check the settings/),
  )

  const site = siteDir()
  expect(toMend(await doctor(site))).toEqual([
    'warning: no server runs: start it, and look at its log if it does not',
  ])
  chmodSync(site, 0o755)
  expect(toMend(await doctor(site))[0]).toBe(
    `warning: every user of this machine can enter ${site}, which has password hashes: chmod it to 0700`,
  )

  const broken = siteDir()
  writeFileSync(
    readConfig({ BUILDER_HUB_DATA_DIR: broken }).databaseFile,
    'this is no database, but some text\n'.repeat(50),
  )
  expect(toMend(await doctor(broken))).toContainEqual(
    expect.stringMatching(/^problem: .* is not a SQLite database: restore it/),
  )
})

test('a file with a password is for the server alone', async () => {
  const file = join(temporaryDir(), 'config.toml')
  writeFileSync(
    file,
    `data-dir = "${siteDir()}"\ndatabase-url = "postgresql://hub:secret@127.0.0.1:1/hub"\n`,
    { mode: 0o644 },
  )
  const { stdout, status } = await hub(['doctor', '--config', file], { env: {} })
  expect(stdout).toContain(`WARNING  ${file} has a password, and every user can read it: chmod 640 it`)
  expect(stdout).not.toContain('secret')
  expect(status).toBe(3)
})

test('bad settings are the first to mend', async () => {
  const { status, stderr } = await hub(['doctor', '--port', 'x'], { env: { BUILDER_HUB_CONFIG: '' } })
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringContaining('bad settings:') as string,
  })
})
