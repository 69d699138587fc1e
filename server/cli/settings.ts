import { Option, type Command } from 'commander'
import { settings, type SettingName } from '../config.ts'
import { ioOf } from './command-io.ts'

/** Add settings to a command as flags: all settings, or those with the given names. */
export function addSettings(
  command: Command,
  names: readonly SettingName[] = settings.map(({ name }) => name),
): Command {
  for (const { flag, env, help, fallback } of settings.filter(({ name }) => names.includes(name))) {
    command.addOption(new Option(flag, `${help} (default: ${fallback}) [${env}]`))
  }
  return command
}

/** The environment variables. Flags of the command line override them. */
export function environmentOf(command: Command): Record<string, string | undefined> {
  const given = command.optsWithGlobals<Record<string, string | undefined>>()
  const flags = settings.flatMap(({ flag, env }) => {
    const value = given[new Option(flag).attributeName()]
    return value === undefined ? [] : [[env, value] as const]
  })
  return { ...ioOf(command).env, ...Object.fromEntries(flags) }
}

/** The data directory as the operator named it, for messages about settings that may be bad. */
export function dataDirOf(env: Record<string, string | undefined>): string {
  const { env: name, fallback } = settings.find(({ name }) => name === 'dataDir') ?? { env: '', fallback: '' }
  return env[name] ?? fallback
}
