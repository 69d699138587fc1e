import { join, resolve } from 'node:path'
import * as z from 'zod'
import { siteAddressFault } from './imports/remote/site-address.ts'
import { parseAllowedPlaces } from './webhooks/webhook-reach.ts'
import { parseMetricsAddress } from './metrics/metrics-address.ts'
import { addressIn } from './notifications/mail-address.ts'

/** Only digits are accepted: an empty value is not 0, and `0x50` or `1e3` are typing errors. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'it must be a whole number, in digits')
    .transform(Number)
    .pipe(z.number().min(min).max(max))

/** A flag of the command line, its environment variable, and the default value. */
type Description = {
  flag: `--${string}`
  env: `BUILDER_HUB_${string}`
  help: string
  fallback: string
  /** It may contain a password: it is not printed, and may lie in a file that `…-file` names. */
  isSecret?: true
  /** A running server takes a new value when it reads its configuration again (SIGHUP). */
  isReloadable?: true
}

const descriptions = z.registry<Description>()

function setting<Schema extends z.ZodType>(description: Description, schema: Schema): Schema {
  descriptions.add(schema, description)
  return schema
}

/** Every setting, by its name in `Config`, in the order of `--help`. A new setting is one entry here. */
const Settings = z.object({
  dataDir: setting(
    {
      flag: '--data-dir <folder>',
      env: 'BUILDER_HUB_DATA_DIR',
      help: 'folder of the database and the artifacts',
      fallback: 'data',
    },
    z
      .string()
      .min(1)
      .transform((folder) => resolve(folder)),
  ),
  databaseUrl: setting(
    {
      flag: '--database-url <url>',
      env: 'BUILDER_HUB_DATABASE_URL',
      help: 'PostgreSQL database, as postgresql://USER@HOST/NAME; empty: a SQLite file in the data directory',
      fallback: '',
      isSecret: true,
    },
    z.union([
      z.literal(''),
      z.url({ protocol: /^postgres(ql)?$/, error: 'it must be a postgresql:// address' }),
    ]),
  ),
  configDir: setting(
    {
      flag: '--config-dir <folder>',
      env: 'BUILDER_HUB_CONFIG_DIR',
      help: 'folder with the hooks, in upload-hooks, failure-hooks and verdict-hooks: see docs/hooks.md',
      fallback: 'config',
    },
    z
      .string()
      .min(1)
      .transform((folder) => resolve(folder)),
  ),
  hookTimeoutSeconds: setting(
    {
      flag: '--hook-timeout <seconds>',
      env: 'BUILDER_HUB_HOOK_TIMEOUT',
      help: 'seconds that a hook may run; then it is ended with all its processes',
      fallback: '600',
      isReloadable: true,
    },
    whole(1, 86_400),
  ),
  hookSlots: setting(
    {
      flag: '--hook-slots <number>',
      env: 'BUILDER_HUB_HOOK_SLOTS',
      help: 'hooks that run at once',
      fallback: '2',
    },
    whole(1, 64),
  ),
  hookDays: setting(
    {
      flag: '--hook-days <days>',
      env: 'BUILDER_HUB_HOOK_DAYS',
      help: 'days after which runs of hooks that have ended are forgotten, with what they printed; 0: never',
      fallback: '90',
      isReloadable: true,
    },
    whole(0, 36_500),
  ),
  retentionFile: setting(
    {
      flag: '--retention-file <file>',
      env: 'BUILDER_HUB_RETENTION_FILE',
      help: 'JSON file that says which builds are kept; the server applies it once a day; empty: all builds are kept',
      fallback: '',
    },
    z.string().transform((file) => (file === '' ? '' : resolve(file))),
  ),
  mirrorUrl: setting(
    {
      flag: '--mirror-url <url>',
      env: 'BUILDER_HUB_MIRROR_URL',
      help: 'address of another Builder Hub, or of builder-web, whose builds the server copies; empty: none',
      fallback: '',
      isReloadable: true,
    },
    z.string().superRefine((text, context) => {
      const fault = text === '' ? null : siteAddressFault(text)
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    }),
  ),
  mirrorJobs: setting(
    {
      flag: '--mirror-jobs <names>',
      env: 'BUILDER_HUB_MIRROR_JOBS',
      help: 'jobs that --mirror-url copies, separated by commas; empty: all',
      fallback: '',
      isReloadable: true,
    },
    z.string(),
  ),
  mirrorHours: setting(
    {
      flag: '--mirror-hours <hours>',
      env: 'BUILDER_HUB_MIRROR_HOURS',
      help: 'hours from the start of one copy of --mirror-url to the next',
      fallback: '24',
      isReloadable: true,
    },
    whole(1, 8_760),
  ),
  webhookAllow: setting(
    {
      flag: '--webhook-allow <places>',
      env: 'BUILDER_HUB_WEBHOOK_ALLOW',
      help: 'where webhooks may go: external (every public address), networks such as 10.0.0.0/8, and names of hosts, separated by commas',
      fallback: 'external',
      isReloadable: true,
    },
    z.string().refine((text) => parseAllowedPlaces(text) !== null, {
      error: 'it must be external, networks such as 10.0.0.0/8, and names of hosts, separated by commas',
    }),
  ),
  silentDays: setting(
    {
      flag: '--silent-days <days>',
      env: 'BUILDER_HUB_SILENT_DAYS',
      help: 'days after which a job without a new build is an event (job.silent); 0: never',
      fallback: '7',
      isReloadable: true,
    },
    whole(0, 3_650),
  ),
  eventDays: setting(
    {
      flag: '--event-days <days>',
      env: 'BUILDER_HUB_EVENT_DAYS',
      help: 'days that events, and the log of what webhooks have sent, are kept; at least 4, so long deliveries are tried',
      fallback: '30',
      isReloadable: true,
    },
    // Deliveries are tried for more than three days.
    whole(4, 3_650),
  ),
  auditFile: setting(
    {
      flag: '--audit-file <file>',
      env: 'BUILDER_HUB_AUDIT_FILE',
      help: 'file that each entry of the audit log is appended to, as a line of JSON; empty: audit.jsonl in the data directory',
      fallback: '',
    },
    z.string().transform((file) => (file === '' ? '' : resolve(file))),
  ),
  identityFile: setting(
    {
      flag: '--identity-file <file>',
      env: 'BUILDER_HUB_IDENTITY_FILE',
      help: 'TOML file of other sites that say who somebody is: for machines that publish, and for people; empty: none',
      fallback: '',
    },
    z.string().transform((file) => (file === '' ? '' : resolve(file))),
  ),
  repositoriesFile: setting(
    {
      flag: '--repositories-file <file>',
      env: 'BUILDER_HUB_REPOSITORIES_FILE',
      help: 'TOML file of the package repositories that are made of the packages of builds; empty: none',
      fallback: '',
      isReloadable: true,
    },
    z.string().transform((file) => (file === '' ? '' : resolve(file))),
  ),
  host: setting(
    {
      flag: '--host <address>',
      env: 'BUILDER_HUB_HOST',
      help: 'address to listen on',
      fallback: '127.0.0.1',
    },
    z.string().min(1),
  ),
  port: setting(
    {
      flag: '--port <number>',
      env: 'BUILDER_HUB_PORT',
      help: 'port to listen on; 0 lets the system choose',
      fallback: '3000',
    },
    whole(0, 65_535),
  ),
  expiredJobsDays: setting(
    {
      flag: '--expired-jobs <days>',
      env: 'BUILDER_HUB_EXPIRED_JOBS',
      help: 'days after which a job without a successful build leaves the home page; 0: never',
      fallback: '30',
      isReloadable: true,
    },
    whole(0, 36_500),
  ),
  scrubDays: setting(
    {
      flag: '--scrub-days <days>',
      env: 'BUILDER_HUB_SCRUB_DAYS',
      help: 'days in which all stored content is read once and checked; 0: never',
      fallback: '30',
      isReloadable: true,
    },
    whole(0, 36_500),
  ),
  uploadMaxBytes: setting(
    {
      flag: '--upload-max-bytes <bytes>',
      env: 'BUILDER_HUB_UPLOAD_MAX_BYTES',
      help: 'largest build record that is accepted',
      fallback: String(4 * 1024 ** 3),
      isReloadable: true,
    },
    whole(1, Number.MAX_SAFE_INTEGER),
  ),
  trustedProxies: setting(
    {
      flag: '--trusted-proxies <number>',
      env: 'BUILDER_HUB_TRUSTED_PROXIES',
      help: 'reverse proxies in front of the server that each append to X-Forwarded-For, -Host and -Proto',
      fallback: '0',
      isReloadable: true,
    },
    whole(0, 16),
  ),
  // Slashes at the end are removed.
  publicUrl: setting(
    {
      flag: '--public-url <url>',
      env: 'BUILDER_HUB_PUBLIC_URL',
      help: 'address of the site in feeds and links; empty: the host of the request',
      fallback: '',
      isReloadable: true,
    },
    z
      .union([z.literal(''), z.url({ protocol: /^https?$/, error: 'it must be an http or https URL' })])
      .transform((url) => url.replace(/\/+$/, '')),
  ),
  isPrivate: setting(
    {
      flag: '--private [true or false]',
      env: 'BUILDER_HUB_PRIVATE',
      help: 'true: only users see the site; everybody else sees the page for signing in',
      fallback: 'false',
    },
    z.enum(['true', 'false'], 'it must be true or false').transform((text) => text === 'true'),
  ),
  signInNote: setting(
    {
      flag: '--sign-in-note <text>',
      env: 'BUILDER_HUB_SIGN_IN_NOTE',
      help: 'text on the page for signing in, such as whom to ask for an account; empty: none',
      fallback: '',
      isReloadable: true,
    },
    z.string().max(1_000, 'it has at most 1000 characters'),
  ),
  smtpUrl: setting(
    {
      flag: '--smtp-url <url>',
      env: 'BUILDER_HUB_SMTP_URL',
      help: 'mail server for notifications, as smtp://USER:PASSWORD@HOST:587 or smtps://…; empty: no mail is sent',
      fallback: '',
      isSecret: true,
      isReloadable: true,
    },
    z.union([
      z.literal(''),
      z.url({ protocol: /^smtps?$/, error: 'it must be an smtp:// or smtps:// address' }),
    ]),
  ),
  mailFrom: setting(
    {
      flag: '--mail-from <address>',
      env: 'BUILDER_HUB_MAIL_FROM',
      help: 'sender of mails, as hub@example.org or Builder Hub <hub@example.org>',
      fallback: '',
      isReloadable: true,
    },
    z.string().refine((text) => text === '' || addressIn(text) !== null, {
      error: 'it must be an address, such as hub@example.org or Builder Hub <hub@example.org>',
    }),
  ),
  metricsListen: setting(
    {
      flag: '--metrics-listen <address>',
      env: 'BUILDER_HUB_METRICS_LISTEN',
      help: 'HOST:PORT, or unix:PATH, at which /metrics is served for Prometheus; empty: nowhere',
      fallback: '',
    },
    z.string().refine((text) => text === '' || parseMetricsAddress(text) !== null, {
      error: 'it must be HOST:PORT, such as 127.0.0.1:9464, or unix:/PATH',
    }),
  ),
  logLevel: setting(
    {
      flag: '--log-level <level>',
      env: 'BUILDER_HUB_LOG_LEVEL',
      help: 'fatal, error, warn, info, debug or silent',
      fallback: 'info',
      isReloadable: true,
    },
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
  ),
})

export type SettingName = keyof z.infer<typeof Settings>

/** Where the value of a setting is from. */
export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

export type SettingSources = Record<SettingName, SettingSource>

/** Name, flag, environment variable, help text and default of each setting. */
export const settings = Settings.keyof().options.map((name) => {
  const description = descriptions.get(Settings.shape[name])
  if (!description) throw new Error(`setting ${name} has no description`)
  return { name, isSecret: false, isReloadable: false, ...description }
})

/** The name of a setting in the configuration file: `port` of `--port <number>`. */
export const keyOf = (flag: string): string => flag.replace(/^--/, '').replace(/ .*/, '')

/** The settings, and the paths below `dataDir`. Paths are absolute. */
export type Config = z.infer<typeof Settings> & {
  databaseFile: string
  blobDir: string
  /** Uploads in flight; emptied at start. It must be on the same file system as `blobDir`. */
  stagingDir: string
  /** Damaged files that `hub verify --repair` moved aside. On the same file system as `blobDir`. */
  quarantineDir: string
  /** Copies of blobs from a store without files; emptied at start. */
  copiesDir: string
  /** Working directories of hooks that run; emptied at start. */
  hookScratchDir: string
  /** What hooks get as the directory for what they want to keep between runs. */
  hookCacheDir: string
  /** Where each setting is from. */
  sources: SettingSources
}

/** The address of a database as it may be shown: without password and parameters, which may have one, too. */
export function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return address === '' ? '' : '…'
  const { protocol, username, host, pathname } = new URL(address)
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`
}

const hasPassword = (address: string) => URL.canParse(address) && new URL(address).password !== ''

/** Settings have invalid values. The message names each of them. */
export class BadConfigError extends Error {
  override readonly name = 'BadConfigError'
}

/**
 * The only reader of environment variables; callers pass `process.env`, overlaid by flags.
 * Throws one BadConfigError that names every bad value. `sources`: where the values are from, if the caller knows more than
 * whether they are there.
 */
export function readConfig(
  env: Record<string, string | undefined>,
  sources: Partial<SettingSources> = {},
): Config {
  const texts = Object.fromEntries(settings.map((one) => [one.name, env[one.env] ?? one.fallback]))
  const parsed = Settings.safeParse(texts)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => {
      const bad = settings.find(({ name }) => name === path[0])
      const text = texts[String(path[0])] ?? ''
      // A text that is no address may be a password.
      const shown = bad?.isSecret === true || hasPassword(text) ? 'not valid' : JSON.stringify(text)
      return `  ${bad?.flag.split(' ')[0]} (${bad?.env}) is ${shown}: ${message}`
    })
    throw new BadConfigError(`bad settings:\n${lines.join('\n')}`)
  }
  const { dataDir } = parsed.data
  return {
    ...parsed.data,
    auditFile: parsed.data.auditFile || join(dataDir, 'audit.jsonl'),
    databaseFile: join(dataDir, 'builder-hub.sqlite3'),
    blobDir: join(dataDir, 'blobs'),
    stagingDir: join(dataDir, 'staging'),
    quarantineDir: join(dataDir, 'quarantine'),
    copiesDir: join(dataDir, 'copies'),
    hookScratchDir: join(dataDir, 'hooks'),
    hookCacheDir: join(dataDir, '_cache'),
    sources: sourcesOf(env, sources),
  }
}

function sourcesOf(env: Record<string, string | undefined>, known: Partial<SettingSources>): SettingSources {
  const entries = settings.map(({ name, env: variable }): [SettingName, SettingSource] => [
    name,
    known[name] ?? (env[variable] === undefined ? 'default' : 'environment'),
  ])
  return Object.fromEntries(entries) as SettingSources
}
