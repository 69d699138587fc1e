import { join } from 'node:path'
import type * as z from 'zod'
import { Settings } from './settings/definitions.ts'
import { descriptions } from './settings/setting.ts'

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
  /** Consoles of runs that are under way. */
  consoleDir: string
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
    consoleDir: join(dataDir, 'consoles'),
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
