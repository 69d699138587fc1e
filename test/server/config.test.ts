import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { BadConfigError, readConfig, settings, withoutSecrets } from '../../server/config.ts'

test('without settings, defaults apply', () => {
  const { sources, ...config } = readConfig({})
  expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
  expect(config).toEqual({
    dataDir: resolve('data'),
    configDir: resolve('config'),
    witnessesFile: '',
    retentionFile: '',
    drawnPages: 'on',
    signing: 'on',
    signingKey: '',
    auditFile: resolve('data/audit.jsonl'),
    identityFile: '',
    repositoriesFile: '',
    databaseFile: resolve('data/builder-hub.sqlite3'),
    blobDir: resolve('data/blobs'),
    quarantineDir: resolve('data/quarantine'),
    stagingDir: resolve('data/staging'),
    copiesDir: resolve('data/copies'),
    consoleDir: resolve('data/consoles'),
    hookScratchDir: resolve('data/hooks'),
    hookCacheDir: resolve('data/_cache'),
    hookTimeoutSeconds: 600,
    hookSlots: 2,
    hookDays: 90,
    webhookAllow: 'external',
    silentDays: 7,
    reproducePerDay: 100,
    runDays: 365,
    eventDays: 30,
    host: '127.0.0.1',
    port: 3000,
    expiredJobsDays: 30,
    advisoriesUrl: '',
    mirrorUrl: '',
    mirrorJobs: '',
    mirrorHours: 24,
    scrubDays: 30,
    uploadMaxBytes: 4 * 1024 ** 3,
    trustedProxies: 0,
    databaseUrl: '',
    blobStore: '',
    s3CredentialsFile: '',
    blobRedirect: 'never',
    servers: 'one',
    drainDelaySeconds: 0,
    publicUrl: '',
    isPrivate: false,
    signInNote: '',
    operatorName: '',
    operatorUrl: '',
    smtpUrl: '',
    mailFrom: '',
    metricsListen: '',
    builderListen: '',
    builderTlsCert: '',
    builderTlsKey: '',
    builderTokenRequired: false,
    logLevel: 'info',
  })
})

const good: Record<string, string[]> = {
  BUILDER_HUB_DATA_DIR: ['/var/lib/hub', 'relative', 'with space'],
  BUILDER_HUB_DATABASE_URL: [
    '',
    'postgresql://hub@127.0.0.1/hub',
    'postgres://hub:secret@db.example.org:5432/hub',
  ],
  BUILDER_HUB_CONFIG_DIR: ['/etc/hub'],
  BUILDER_HUB_BLOB_STORE: ['', 's3://hub', 's3://hub/site?endpoint=http://127.0.0.1:9000&path-style=1'],
  BUILDER_HUB_S3_CREDENTIALS_FILE: ['', '/etc/hub/s3-keys'],
  BUILDER_HUB_BLOB_REDIRECT: ['auto', 'always', 'never'],
  BUILDER_HUB_SERVERS: ['one', 'several'],
  BUILDER_HUB_DRAIN_DELAY: ['0', '600'],
  BUILDER_HUB_HOOK_TIMEOUT: ['1', '86400'],
  BUILDER_HUB_HOOK_SLOTS: ['1', '64'],
  BUILDER_HUB_HOOK_DAYS: ['0', '36500'],
  BUILDER_HUB_WEBHOOK_ALLOW: ['external', '10.0.0.0/8, fd00::/8', 'external, hooks.example.org'],
  BUILDER_HUB_SILENT_DAYS: ['0', '3650'],
  BUILDER_HUB_REPRODUCE_PER_DAY: ['0', '1000000'],
  BUILDER_HUB_RUN_DAYS: ['0', '36500'],
  BUILDER_HUB_EVENT_DAYS: ['4', '3650'],
  BUILDER_HUB_SMTP_URL: ['', 'smtp://mail.example.org', 'smtps://hub:secret@mail.example.org:465'],
  BUILDER_HUB_MAIL_FROM: ['', 'hub@example.org', 'Builder Hub <hub@example.org>', 'hub@localhost'],
  BUILDER_HUB_REPOSITORIES_FILE: ['', '/etc/hub/repositories.toml'],
  BUILDER_HUB_WITNESSES_FILE: ['', '/etc/hub/witnesses.json'],
  BUILDER_HUB_RETENTION_FILE: ['', '/etc/hub/retention.json'],
  BUILDER_HUB_DRAWN_PAGES: ['on', 'off'],
  BUILDER_HUB_SIGNING: ['on', 'off'],
  BUILDER_HUB_SIGNING_KEY: ['', '/etc/hub/attest.pem'],
  BUILDER_HUB_ADVISORIES_URL: ['', 'https://example.org/all.zip', 'http://127.0.0.1:3000/all.tar.gz'],
  BUILDER_HUB_MIRROR_URL: ['', 'https://builds.robur.coop', 'http://127.0.0.1:3000/hub/'],
  BUILDER_HUB_MIRROR_JOBS: ['', 'dns-primary', 'dns-primary, dns secondary'],
  BUILDER_HUB_MIRROR_HOURS: ['1', '8760'],
  BUILDER_HUB_AUDIT_FILE: ['', '/var/log/hub/audit.jsonl'],
  BUILDER_HUB_IDENTITY_FILE: ['', '/etc/hub/identity.toml'],
  BUILDER_HUB_HOST: ['0.0.0.0', '::', 'localhost'],
  BUILDER_HUB_PORT: ['0', '1', '65535'],
  BUILDER_HUB_EXPIRED_JOBS: ['0', '36500'],
  BUILDER_HUB_SCRUB_DAYS: ['0', '36500'],
  BUILDER_HUB_UPLOAD_MAX_BYTES: ['1', '9007199254740991'],
  BUILDER_HUB_TRUSTED_PROXIES: ['0', '16'],
  BUILDER_HUB_PUBLIC_URL: ['', 'https://builds.example.org', 'http://127.0.0.1:3000/hub'],
  BUILDER_HUB_PRIVATE: ['true', 'false'],
  BUILDER_HUB_SIGN_IN_NOTE: ['', 'Ask alice for an account.'],
  BUILDER_HUB_OPERATOR: ['', 'Robur'],
  BUILDER_HUB_OPERATOR_URL: ['', 'https://example.org/about', 'mailto:builds@example.org'],
  BUILDER_HUB_METRICS_LISTEN: ['', '127.0.0.1:9464', '[::1]:0', 'localhost:1', 'unix:/run/hub/metrics.sock'],
  BUILDER_HUB_BUILDER_LISTEN: ['', '127.0.0.1:1234', '[::]:1234', 'builds.example.org:1'],
  BUILDER_HUB_BUILDER_TLS_CERT: ['', '/etc/builder-hub/fullchain.pem'],
  BUILDER_HUB_BUILDER_TLS_KEY: ['', '/etc/builder-hub/key.pem'],
  BUILDER_HUB_BUILDER_TOKEN_REQUIRED: ['true', 'false'],
  BUILDER_HUB_LOG_LEVEL: ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
}

const bad: Record<string, string[]> = {
  BUILDER_HUB_DATA_DIR: [''],
  BUILDER_HUB_DATABASE_URL: ['hub', 'mysql://127.0.0.1/hub', '/var/lib/hub.sqlite3'],
  BUILDER_HUB_BLOB_STORE: ['hub', 'https://hub/site', 's3://key:secret@hub/site', 's3://hub/site?endpont=x'],
  BUILDER_HUB_S3_CREDENTIALS_FILE: [],
  BUILDER_HUB_BLOB_REDIRECT: ['', 'sometimes'],
  BUILDER_HUB_SERVERS: ['', '2'],
  BUILDER_HUB_DRAIN_DELAY: ['', '601', '-1'],
  BUILDER_HUB_CONFIG_DIR: [''],
  BUILDER_HUB_HOOK_TIMEOUT: ['', '0', '86401'],
  BUILDER_HUB_HOOK_SLOTS: ['0', '65', 'two'],
  BUILDER_HUB_HOOK_DAYS: ['-1', '36501'],
  BUILDER_HUB_WEBHOOK_ALLOW: ['10.0.0.0/33', 'https://hooks.example.org', 'a b'],
  BUILDER_HUB_SILENT_DAYS: ['', '-1', '3651'],
  BUILDER_HUB_EVENT_DAYS: ['', '3', '3651'],
  BUILDER_HUB_SMTP_URL: ['mail.example.org', 'https://mail.example.org', ' '],
  BUILDER_HUB_MAIL_FROM: ['hub', 'hub@example.org\nBcc: a@example.org', 'Hub <hub@example.org', 'a@b@c.org'],
  BUILDER_HUB_REPOSITORIES_FILE: [],
  BUILDER_HUB_BUILDER_LISTEN: ['1234', ':1234', '127.0.0.1', '127.0.0.1:65536', '::1:1234', 'unix:/run/x'],
  BUILDER_HUB_BUILDER_TLS_CERT: [],
  BUILDER_HUB_BUILDER_TLS_KEY: [],
  BUILDER_HUB_BUILDER_TOKEN_REQUIRED: ['', 'yes', '1'],
  BUILDER_HUB_REPRODUCE_PER_DAY: ['', '-1', '1000001'],
  BUILDER_HUB_RUN_DAYS: ['', '-1', '36501'],
  // Whether there is such a file, and what it says, is looked at when the policy is applied.
  BUILDER_HUB_RETENTION_FILE: [],
  BUILDER_HUB_WITNESSES_FILE: [],
  BUILDER_HUB_DRAWN_PAGES: ['', 'yes', 'ON'],
  BUILDER_HUB_SIGNING: ['', 'yes', 'ON'],
  // Whether it is a key is looked at when the server starts.
  BUILDER_HUB_SIGNING_KEY: [],
  BUILDER_HUB_ADVISORIES_URL: ['all.zip', '/srv/advisories', 'ftp://example.org/all.zip'],
  BUILDER_HUB_MIRROR_URL: ['builds.robur.coop', 'ftp://example.org', 'https://user:secret@example.org'],
  // Any text names jobs.
  BUILDER_HUB_MIRROR_JOBS: [],
  BUILDER_HUB_MIRROR_HOURS: ['', '0', '-1', '1.5', '8761'],
  BUILDER_HUB_AUDIT_FILE: [],
  // As the retention file.
  BUILDER_HUB_IDENTITY_FILE: [],
  BUILDER_HUB_HOST: [''],
  BUILDER_HUB_PORT: ['', ' ', '-1', '65536', '80.5', 'http', '0x50', '1e3', '3000 '],
  BUILDER_HUB_EXPIRED_JOBS: ['', '-1', '36501', 'never', '1.5'],
  BUILDER_HUB_SCRUB_DAYS: ['', '-1', '36501', 'never', '1.5'],
  BUILDER_HUB_UPLOAD_MAX_BYTES: ['', '0', '-5', '9007199254740992', '4 GB', 'Infinity', 'NaN'],
  BUILDER_HUB_TRUSTED_PROXIES: ['', '-1', '17', 'true'],
  BUILDER_HUB_PUBLIC_URL: ['builds.example.org', 'ftp://example.org', 'javascript:alert(1)'],
  BUILDER_HUB_PRIVATE: ['', 'yes', '1'],
  BUILDER_HUB_SIGN_IN_NOTE: ['x'.repeat(1_001)],
  BUILDER_HUB_OPERATOR: ['x'.repeat(101)],
  BUILDER_HUB_OPERATOR_URL: ['example.org', 'javascript:alert(1)', 'ftp://example.org'],
  BUILDER_HUB_METRICS_LISTEN: [
    '9464',
    ':9464',
    '127.0.0.1',
    '127.0.0.1:65536',
    '::1:9464',
    'unix:metrics.sock',
    'a b:1',
  ],
  BUILDER_HUB_LOG_LEVEL: ['', 'INFO', 'verbose'],
}

test('every setting has good and bad values here', () => {
  const names = settings.map(({ env }) => env).sort()
  expect(Object.keys(good).sort()).toEqual(names)
  expect(Object.keys(bad).sort()).toEqual(names)
})

const pairsOf = (values: Record<string, string[]>) =>
  Object.entries(values).flatMap(([name, ones]) => ones.map((value) => [name, value] as const))

test('a password in a bad address is not printed', () => {
  for (const address of ['mysql://hub:secret@db/hub', 'hub:secret@db/hub', 'secret']) {
    const read = () => readConfig({ BUILDER_HUB_DATABASE_URL: address })
    expect(read).toThrow('--database-url (BUILDER_HUB_DATABASE_URL) is not valid: ')
    expect(read).not.toThrow('secret')
  }
  expect(withoutSecrets('postgresql://hub:secret@db:5433/hub?password=secret')).toBe(
    'postgresql://hub@db:5433/hub',
  )
  expect(withoutSecrets('secret')).toBe('…')
  expect(withoutSecrets('')).toBe('')
})

test.each(pairsOf(good))('%s may be %j', (name, value) => {
  expect(() => readConfig({ [name]: value })).not.toThrow()
})

test.each(pairsOf(bad))('%s may not be %j', (name, value) => {
  const setting = settings.find(({ env }) => env === name)
  const flag = setting?.flag.split(' ')[0]
  expect(() => readConfig({ [name]: value })).toThrow(BadConfigError)
  expect(() => readConfig({ [name]: value })).toThrow(
    `  ${flag} (${name}) is ${setting?.isSecret === true || value.includes('secret@') ? 'not valid' : JSON.stringify(value)}: `,
  )
})

test('all bad values are named at once, and no good one', () => {
  const env = Object.fromEntries(Object.entries(bad).map(([name, [value]]) => [name, value]))
  const named = Object.keys(env).filter((name) => name !== 'BUILDER_HUB_HOST' && env[name] !== undefined)
  let message = ''
  try {
    readConfig({ ...env, BUILDER_HUB_HOST: 'localhost' })
  } catch (error) {
    message = String(error)
  }
  const [first, ...lines] = message.split('\n')
  expect(first).toBe('BadConfigError: bad settings:')
  expect(lines.map((line) => /\((\w+)\)/.exec(line)?.[1])).toEqual(named)
})

test('everything of the server lies below the data directory', () => {
  const config = readConfig({ BUILDER_HUB_DATA_DIR: '/srv/hub' })
  for (const path of [config.databaseFile, config.blobDir, config.stagingDir]) {
    expect(path.startsWith('/srv/hub/')).toBe(true)
  }
})
