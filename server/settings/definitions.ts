import * as z from 'zod'
import { siteAddressFault } from '../imports/remote/site-address.ts'
import { parseMetricsAddress } from '../metrics/metrics-address.ts'
import { arrivalSettings } from './arrival-settings.ts'
import { builderSettings } from './builder-settings.ts'
import { contentSettings } from './content-settings.ts'
import { schedulingSettings } from './scheduling-settings.ts'
import { folder, optionalFile, setting, whole } from './setting.ts'

/** Every setting, by its name in `Config`, in the order of `--help`. A new setting is one entry here, or in a group. */
export const Settings = z.object({
  dataDir: setting(
    {
      flag: '--data-dir <folder>',
      env: 'BUILDER_HUB_DATA_DIR',
      help: 'folder of the database and the artifacts',
      fallback: 'data',
    },
    folder(),
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
  ...contentSettings,
  ...arrivalSettings,
  ...builderSettings,
  ...schedulingSettings,
  drawnPages: setting(
    {
      flag: '--drawn-pages <on|off>',
      env: 'BUILDER_HUB_DRAWN_PAGES',
      help: 'whether the server draws pages for visitors, so that they are seen before any script has arrived',
      fallback: 'on',
    },
    z.enum(['on', 'off']),
  ),
  signing: setting(
    {
      flag: '--signing <on|off>',
      env: 'BUILDER_HUB_SIGNING',
      help: 'whether the server signs statements about builds, with keys in the data directory that it makes at its first start',
      fallback: 'on',
    },
    z.enum(['on', 'off']),
  ),
  signingKey: setting(
    {
      flag: '--signing-key <file>',
      env: 'BUILDER_HUB_SIGNING_KEY',
      help: 'private Ed25519 key in PEM that signs statements; empty: keys/attest.pem in the data directory',
      fallback: '',
    },
    optionalFile(),
  ),
  witnessesFile: setting(
    {
      flag: '--witnesses-file <file>',
      env: 'BUILDER_HUB_WITNESSES_FILE',
      help: 'JSON file with the sites that watch the log of this one, and sign it; empty: none',
      fallback: '',
    },
    optionalFile(),
  ),
  retentionFile: setting(
    {
      flag: '--retention-file <file>',
      env: 'BUILDER_HUB_RETENTION_FILE',
      help: 'JSON file that says which builds are kept; the server applies it once a day; empty: all builds are kept',
      fallback: '',
    },
    optionalFile(),
  ),
  advisoriesUrl: setting(
    {
      flag: '--advisories-url <url>',
      env: 'BUILDER_HUB_ADVISORIES_URL',
      help: 'archive of advisories in the format of OSV, a .zip or .tar.gz, which the server takes in once a day; empty: none',
      fallback: '',
      isReloadable: true,
    },
    z.union([z.literal(''), z.url({ protocol: /^https?$/, error: 'it must be an http or https address' })]),
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
  auditFile: setting(
    {
      flag: '--audit-file <file>',
      env: 'BUILDER_HUB_AUDIT_FILE',
      help: 'file that each entry of the audit log is appended to, as a line of JSON; empty: audit.jsonl in the data directory',
      fallback: '',
    },
    optionalFile(),
  ),
  identityFile: setting(
    {
      flag: '--identity-file <file>',
      env: 'BUILDER_HUB_IDENTITY_FILE',
      help: 'TOML file of other sites that say who somebody is: for machines that publish, and for people; empty: none',
      fallback: '',
    },
    optionalFile(),
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
  operatorName: setting(
    {
      flag: '--operator <name>',
      env: 'BUILDER_HUB_OPERATOR',
      help: 'who runs the site, at the foot of each page; empty: nobody is named',
      fallback: '',
      isReloadable: true,
    },
    z.string().max(100, 'it has at most 100 characters'),
  ),
  operatorUrl: setting(
    {
      flag: '--operator-url <url>',
      env: 'BUILDER_HUB_OPERATOR_URL',
      help: 'where --operator can be reached: an http, https or mailto address; empty: nowhere',
      fallback: '',
      isReloadable: true,
    },
    z.union([
      z.literal(''),
      z.url({ protocol: /^(https?|mailto)$/, error: 'it must be an http, https or mailto address' }),
    ]),
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
