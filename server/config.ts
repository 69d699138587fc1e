import { join, resolve } from 'node:path'
import { z } from 'zod'

/** Digits and nothing else: an empty value is no 0, and `0x50` or `1e3` are slips. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'it must be a whole number, in digits')
    .transform(Number)
    .pipe(z.number().min(min).max(max))

/**
 * Every setting: a flag of the command line, the same as an environment variable.
 * The order is that of `--help`.
 */
export const settings = [
  {
    flag: '--data-dir <folder>',
    env: 'BUILDER_HUB_DATA_DIR',
    help: 'where the database and the artifacts live',
    fallback: 'data',
    schema: z.string().min(1),
  },
  {
    flag: '--config-dir <folder>',
    env: 'BUILDER_HUB_CONFIG_DIR',
    help: 'where the operator keeps upload hooks',
    fallback: 'config',
    schema: z.string().min(1),
  },
  {
    flag: '--host <address>',
    env: 'BUILDER_HUB_HOST',
    help: 'address to listen on',
    fallback: '127.0.0.1',
    schema: z.string().min(1),
  },
  {
    flag: '--port <number>',
    env: 'BUILDER_HUB_PORT',
    help: 'port to listen on; 0 lets the system choose',
    fallback: '3000',
    schema: whole(0, 65_535),
  },
  {
    flag: '--expired-jobs <days>',
    env: 'BUILDER_HUB_EXPIRED_JOBS',
    help: "how old a job's newest success may be for the home page; 0: any age",
    fallback: '30',
    schema: whole(0, 36_500),
  },
  {
    flag: '--upload-max-bytes <bytes>',
    env: 'BUILDER_HUB_UPLOAD_MAX_BYTES',
    help: 'largest build record that is accepted',
    fallback: String(4 * 1024 ** 3),
    schema: whole(1, Number.MAX_SAFE_INTEGER),
  },
  {
    flag: '--trusted-proxies <number>',
    env: 'BUILDER_HUB_TRUSTED_PROXIES',
    help: 'reverse proxies in front of the server whose X-Forwarded-For is believed',
    fallback: '0',
    schema: whole(0, 16),
  },
  {
    flag: '--public-url <url>',
    env: 'BUILDER_HUB_PUBLIC_URL',
    help: "where people reach the site, for feeds and links in pages; empty: the request's own host",
    fallback: '',
    schema: z.union([
      z.literal(''),
      z.url({ protocol: /^https?$/, error: 'it must be an http or https URL' }),
    ]),
  },
  {
    flag: '--log-level <level>',
    env: 'BUILDER_HUB_LOG_LEVEL',
    help: 'fatal, error, warn, info, debug or silent',
    fallback: 'info',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']),
  },
] as const

type EnvName = (typeof settings)[number]['env']

const Environment = z.object({
  BUILDER_HUB_DATA_DIR: settings[0].schema,
  BUILDER_HUB_CONFIG_DIR: settings[1].schema,
  BUILDER_HUB_HOST: settings[2].schema,
  BUILDER_HUB_PORT: settings[3].schema,
  BUILDER_HUB_EXPIRED_JOBS: settings[4].schema,
  BUILDER_HUB_UPLOAD_MAX_BYTES: settings[5].schema,
  BUILDER_HUB_TRUSTED_PROXIES: settings[6].schema,
  BUILDER_HUB_PUBLIC_URL: settings[7].schema,
  BUILDER_HUB_LOG_LEVEL: settings[8].schema,
} satisfies Record<EnvName, z.ZodType>)

/** Paths are absolute. */
export type Config = {
  dataDir: string
  configDir: string
  databaseFile: string
  blobDir: string
  /** Files that are being received; swept at start. On the same file system as `blobDir`. */
  stagingDir: string
  host: string
  port: number
  expiredJobsDays: number
  uploadMaxBytes: number
  trustedProxies: number
  /** Without a slash at its end; empty when the operator gave none. */
  publicUrl: string
  logLevel: z.infer<typeof Environment>['BUILDER_HUB_LOG_LEVEL']
}

/** Settings that are not what they should be; the message names each of them. */
export class BadConfigError extends Error {
  override readonly name = 'BadConfigError'
}

/**
 * The only reader of environment variables; callers pass `process.env`, overlaid by flags.
 * Throws one BadConfigError that names every bad value.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const withFallbacks = Object.fromEntries(settings.map((s) => [s.env, env[s.env] ?? s.fallback]))
  const parsed = Environment.safeParse(withFallbacks)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => {
      const setting = settings.find((s) => s.env === path[0])
      const flag = setting?.flag.split(' ')[0]
      return `  ${flag} (${String(path[0])}) is ${JSON.stringify(withFallbacks[String(path[0])])}: ${message}`
    })
    throw new BadConfigError(`bad settings:\n${lines.join('\n')}`)
  }
  const dataDir = resolve(parsed.data.BUILDER_HUB_DATA_DIR)
  return {
    dataDir,
    configDir: resolve(parsed.data.BUILDER_HUB_CONFIG_DIR),
    databaseFile: join(dataDir, 'builder-hub.sqlite3'),
    blobDir: join(dataDir, 'blobs'),
    stagingDir: join(dataDir, 'staging'),
    host: parsed.data.BUILDER_HUB_HOST,
    port: parsed.data.BUILDER_HUB_PORT,
    expiredJobsDays: parsed.data.BUILDER_HUB_EXPIRED_JOBS,
    uploadMaxBytes: parsed.data.BUILDER_HUB_UPLOAD_MAX_BYTES,
    trustedProxies: parsed.data.BUILDER_HUB_TRUSTED_PROXIES,
    publicUrl: parsed.data.BUILDER_HUB_PUBLIC_URL.replace(/\/+$/, ''),
    logLevel: parsed.data.BUILDER_HUB_LOG_LEVEL,
  }
}
