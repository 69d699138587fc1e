import { Option, type Command } from 'commander'
import { settings, type SettingName } from '../config.ts'

/** Give a command the server's settings as flags, or those of them that matter to it. */
export function addSettings(
  command: Command,
  names: readonly SettingName[] = settings.map(({ name }) => name),
): Command {
  for (const { flag, env, help, fallback } of settings.filter(({ name }) => names.includes(name))) {
    command.addOption(new Option(flag, `${help} (default: ${fallback}) [${env}]`))
  }
  return command
}

/** The environment, overlaid by the flags that were given. */
export function environmentOf(command: Command): Record<string, string | undefined> {
  const given = command.optsWithGlobals<Record<string, string | undefined>>()
  const flags = settings.flatMap(({ flag, env }) => {
    const value = given[new Option(flag).attributeName()]
    return value === undefined ? [] : [[env, value] as const]
  })
  return { ...process.env, ...Object.fromEntries(flags) }
}
