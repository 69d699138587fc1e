import { readFileSync } from 'node:fs'
import { distance } from 'fastest-levenshtein'
import { parse, TomlError } from 'smol-toml'
import { BadConfigError, keyOf, settings } from '../config.ts'
import { errorCode } from '../blobs/storage-full.ts'

/** The file that is read where no other is named. It need not exist. */
export const defaultConfigFile = '/etc/builder-hub/config.toml'

/** What a configuration file gives, by the environment variable of the same setting. */
export type FileSettings = Record<string, string>

/**
 * Reads a configuration file: TOML with the names of the flags, without the hyphens in front, e.g. `port = 3000`. Throws one
 * BadConfigError that names everything that is wrong with it.
 */
export function readConfigFile(path: string): FileSettings {
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    if (error instanceof TypeError && errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new BadConfigError(`${path} is not UTF-8`)
    throw new BadConfigError(
      `the configuration file cannot be read: ${error instanceof Error ? error.message : path}`,
    )
  }
  return parseConfig(text, path)
}

/** As `readConfigFile`; `path` is for messages. */
export function parseConfig(text: string, path: string): FileSettings {
  const keys = new Map<string, string>(
    settings.flatMap(({ flag, env, isSecret }) => [
      [keyOf(flag), env] as const,
      ...(isSecret ? [[`${keyOf(flag)}-file`, `${env}_FILE`] as const] : []),
    ]),
  )
  const found: FileSettings = {}
  const problems: string[] = []
  for (const [key, value] of Object.entries(tableOf(text, path))) {
    const env = keys.get(key)
    if (env === undefined)
      problems.push(`  ${key}: there is no such setting${nearest(key, [...keys.keys()])}`)
    else if (typeof value === 'string') found[env] = value
    else if (typeof value === 'bigint' || typeof value === 'boolean') found[env] = String(value)
    else problems.push(`  ${key}: it must be a text in quotes, a whole number, true or false`)
  }
  if (problems.length > 0) throw new BadConfigError(`bad settings in ${path}:\n${problems.join('\n')}`)
  return found
}

function tableOf(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text, { integersAsBigInt: true })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [reason = ''] = error.message.split('\n')
    throw new BadConfigError(
      `${path}, line ${error.line}, column ${error.column}: ${reason.replace(/^Invalid TOML document: /, '')}`,
    )
  }
}

/** `, did you mean "port"?`, if a name is near. */
function nearest(key: string, names: readonly string[]): string {
  const [best] = names
    .map((name) => ({ name, steps: distance(key, name) }))
    .sort((left, right) => left.steps - right.steps)
  return best && best.steps <= Math.max(2, key.length / 3) ? `, did you mean ${best.name}?` : ''
}
