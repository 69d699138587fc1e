import { withoutSecrets, type Config, type settings } from '../config.ts'

/** The value of a setting as it may be shown. */
export function shownValue({ isSecret, name }: (typeof settings)[number], config: Config): string {
  const value = String(config[name])
  return isSecret ? withoutSecrets(value) : value
}
