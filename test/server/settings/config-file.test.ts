import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { BadConfigError, readConfig } from '../../../server/config.ts'
import { parseConfig, readConfigFile } from '../../../server/settings/config-file.ts'
import { configFileOf, givenSettings } from '../../../server/settings/given-settings.ts'

const dir = mkdtempSync(join(tmpdir(), 'config-file-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function fileOf(name: string, content: string | Uint8Array): string {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

test('a file gives settings by the names of the flags', () => {
  const text = `# our site
data-dir = "/srv/hub"   # a comment
port = 8_080
public-url = 'https://builds.example.org'
database-url-file = "/etc/secret"
`
  expect(parseConfig(text, 'x.toml')).toEqual({
    BUILDER_HUB_DATA_DIR: '/srv/hub',
    BUILDER_HUB_PORT: '8080',
    BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org',
    BUILDER_HUB_DATABASE_URL_FILE: '/etc/secret',
  })
  expect(parseConfig('', 'x.toml')).toEqual({})
})

test.each([
  ['prot = 80', '  prot: there is no such setting, did you mean port?'],
  ['data_dir = "x"', '  data_dir: there is no such setting, did you mean data-dir?'],
  ['database-url-fle = "x"', 'did you mean database-url-file?'],
  ['port-file = "x"', '  port-file: there is no such setting'],
  ['zzzzzzzzzzzzzzzz = 1', '  zzzzzzzzzzzzzzzz: there is no such setting\n'],
  ['[server]\nport = 80', '  server: there is no such setting'],
  ['port = 80.5', '  port: it must be a text in quotes, a whole number, true or false'],
  ['port = [80]', '  port: it must be'],
  ['port = 2026-11-29', '  port: it must be'],
  ['port.x = 1', '  port: it must be'],
  ['port = 80\nport = 81', 'x.toml, line 2, column'],
  ['port 80', 'x.toml, line 1, column'],
  ['host = "unfinished', 'x.toml, line 1, column'],
  ['host = "\\x"', 'x.toml, line 1, column'],
])('%j is refused', (text, message) => {
  expect(() => parseConfig(text, 'x.toml')).toThrow(BadConfigError)
  let told = ''
  try {
    parseConfig(text, 'x.toml')
  } catch (error) {
    told = `${String(error)}\n`
  }
  expect(told).toContain(message)
})

test('everything that is wrong is named at once', () => {
  expect(() => parseConfig('a-a = 1\nhost = []\nport = 1', 'x.toml')).toThrow(
    'bad settings in x.toml:\n  a-a: there is no such setting\n  host: it must be a text',
  )
})

test('any text gives settings or a BadConfigError', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('port', '=', '1', '"x"', '[', ']', '\n', '.', '#', "'''", '{', '}'), {
      maxLength: 12,
    }),
  )
  fc.assert(
    fc.property(anything, (given) => {
      const text = typeof given === 'string' ? given : given.join(' ')
      try {
        for (const value of Object.values(parseConfig(text, 'x.toml'))) expect(typeof value).toBe('string')
      } catch (error) {
        expect(error).toBeInstanceOf(BadConfigError)
      }
    }),
    { seed: 12, numRuns: 200 },
  )
})

test('a file that cannot be read, or is not UTF-8, is named', () => {
  expect(() => readConfigFile(join(dir, 'none.toml'))).toThrow(/cannot be read: ENOENT.*none\.toml/)
  mkdirSync(join(dir, 'folder.toml'))
  expect(() => readConfigFile(join(dir, 'folder.toml'))).toThrow('cannot be read: EISDIR')
  const latin1 = fileOf('latin1.toml', Uint8Array.of(...Buffer.from('host = "'), 0xe9, 0x22))
  expect(() => readConfigFile(latin1)).toThrow(`${latin1} is not UTF-8`)
})

test('a flag goes before the environment, the environment before the file, the file before the default', () => {
  const file = fileOf('layers.toml', 'host = "file"\nport = 1\nexpired-jobs = 1\n')
  const given = givenSettings(
    { BUILDER_HUB_HOST: 'flag' },
    { BUILDER_HUB_CONFIG: file, BUILDER_HUB_HOST: 'environment', BUILDER_HUB_PORT: '2' },
  )
  const sources = Object.fromEntries(given.map(({ name, text, source }) => [name, `${source}: ${text}`]))
  expect(sources).toMatchObject({
    host: 'flag: flag',
    port: 'environment: 2',
    expiredJobsDays: 'file: 1',
    logLevel: 'default: info',
  })
})

test('the file is named by flag or environment, and an empty name is none', () => {
  expect(configFileOf({ BUILDER_HUB_CONFIG: 'a' }, { BUILDER_HUB_CONFIG: 'b' })).toBe('a')
  expect(configFileOf({}, { BUILDER_HUB_CONFIG: 'b' })).toBe('b')
  expect(configFileOf({}, { BUILDER_HUB_CONFIG: '' })).toBeNull()
})

test('a secret may lie in a file, also in one that systemd gives', () => {
  const url = 'postgresql://hub:secret@127.0.0.1/hub'
  fileOf('database-url', `${url}\n`)
  const file = fileOf('secret.toml', 'database-url-file = "${CREDENTIALS_DIRECTORY}/database-url"\n')
  const read = (flags: Record<string, string>, env: Record<string, string>) =>
    givenSettings(flags, { BUILDER_HUB_CONFIG: file, ...env }).find(({ name }) => name === 'databaseUrl')
  expect(read({}, { CREDENTIALS_DIRECTORY: dir })).toMatchObject({ text: url, source: 'file' })
  expect(() => read({}, {})).toThrow('CREDENTIALS_DIRECTORY is not set')
  expect(() => read({}, { CREDENTIALS_DIRECTORY: '/nowhere' })).toThrow(/a secret cannot be read: ENOENT/)
  // Another layer overrides the file, which is then not read.
  expect(read({ BUILDER_HUB_DATABASE_URL: '' }, {})).toMatchObject({ text: '', source: 'flag' })
  expect(() => read({ BUILDER_HUB_DATABASE_URL: '', BUILDER_HUB_DATABASE_URL_FILE: 'x' }, {})).toThrow(
    'give one of them',
  )
})

test('a value of the file is checked like any other', () => {
  const file = fileOf('bad-port.toml', 'port = 99999\n')
  const given = givenSettings({}, { BUILDER_HUB_CONFIG: file })
  const env = Object.fromEntries(given.map(({ env: variable, text }) => [variable, text]))
  expect(() => readConfig(env)).toThrow('--port (BUILDER_HUB_PORT) is "99999"')
})
