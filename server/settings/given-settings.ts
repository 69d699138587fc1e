import { existsSync, readFileSync } from 'node:fs'
import { BadConfigError, settings, type SettingName, type SettingSource } from '../config.ts'
import { defaultConfigFile, readConfigFile } from './config-file.ts'

/** A setting as the operator gave it; `text` is not checked yet. */
export type GivenSetting = { name: SettingName; env: string; text: string; source: SettingSource }

type Texts = Record<string, string | undefined>

/** The variable, and in the same form the flag, that names the configuration file. Empty: there is none. */
export const configFileVariable = 'BUILDER_HUB_CONFIG'

/** The configuration file that is read; null: none. */
export function configFileOf(flags: Texts, env: Texts): string | null {
  const named = flags[configFileVariable] ?? env[configFileVariable]
  if (named !== undefined) return named === '' ? null : named
  return existsSync(defaultConfigFile) ? defaultConfigFile : null
}

/**
 * Every setting: from a flag, else from the environment, else from the configuration file, else its default. `flags` are by
 * the environment variable of the same setting. A secret may also lie in a file, which `…_FILE` names. Throws BadConfigError.
 */
export function givenSettings(flags: Texts, env: Texts): GivenSetting[] {
  const file = configFileOf(flags, env)
  const layers: [SettingSource, Texts][] = [
    ['flag', flags],
    ['environment', env],
    ['file', file === null ? {} : readConfigFile(file)],
  ]
  return settings.map(({ name, env: variable, fallback, isSecret }) => {
    for (const [source, texts] of layers) {
      const [text, secretFile] = [texts[variable], isSecret ? texts[`${variable}_FILE`] : undefined]
      if (text !== undefined && secretFile !== undefined)
        throw new BadConfigError(`${variable} and ${variable}_FILE are both set: give one of them`)
      if (secretFile !== undefined) return { name, env: variable, text: readSecret(secretFile, env), source }
      if (text !== undefined) return { name, env: variable, text, source }
    }
    return { name, env: variable, text: fallback, source: 'default' }
  })
}

/** The first line of a file. `${CREDENTIALS_DIRECTORY}` in its path is the folder that systemd gives to a service. */
function readSecret(path: string, env: Texts): string {
  const named = path.replace('${CREDENTIALS_DIRECTORY}', () => {
    const folder = env['CREDENTIALS_DIRECTORY']
    if (folder === undefined)
      throw new BadConfigError(
        `${path}: CREDENTIALS_DIRECTORY is not set: systemd sets it for the service alone`,
      )
    return folder
  })
  try {
    return readFileSync(named, 'utf8').split(/\r?\n/)[0] ?? ''
  } catch (error) {
    throw new BadConfigError(`a secret cannot be read: ${error instanceof Error ? error.message : named}`)
  }
}
