import { InvalidArgumentError, Option, type Command } from 'commander'
import { readConfig, settings, type Config, type SettingName } from '../config.ts'
import { DomainError } from '../errors.ts'
import { configFileVariable, givenSettings, type GivenSetting } from '../settings/given-settings.ts'
import { defaultConfigFile } from '../settings/config-file.ts'
import { ioOf } from './command-io.ts'
import { namesOf } from './command-tree.ts'

/** Flags of every `hub` command. */
export const settingsOfAllCommands: readonly SettingName[] = [
  ...(['dataDir', 'databaseUrl', 'blobStore', 's3CredentialsFile', 'logLevel'] as const),
]

/** Flags of the server, and of commands that are about its configuration. */
export const settingsOfServerAlone: readonly SettingName[] = settings
  .map(({ name }) => name)
  .filter((name) => !settingsOfAllCommands.includes(name))

const configFlag = '--config <file>'

/** Add settings to a command as flags: all settings, or those with the given names. */
export function addSettings(
  command: Command,
  names: readonly SettingName[] = settings.map(({ name }) => name),
): Command {
  for (const { flag, env, help, fallback, isSecret } of settings.filter(({ name }) => names.includes(name))) {
    command.addOption(new Option(flag, `${help} (default: ${fallback}) [${env}]`))
    if (isSecret)
      command.addOption(
        new Option(secretFlagOf(flag), `file with the value of ${flag.split(' ')[0]} [${env}_FILE]`),
      )
  }
  return command
}

/** Add the flag that names the configuration file. */
export function addConfigFile(command: Command): Command {
  return command.addOption(
    new Option(
      configFlag,
      `configuration file; empty: none (default: ${defaultConfigFile}, if it is there) [${configFileVariable}]`,
    ),
  )
}

/** A command uses the data directory, and is asked for what `--hub` names. */
export class NoRemoteFormError extends DomainError {
  override readonly name = 'NoRemoteFormError'
  constructor(command: Command) {
    super(
      `"${namesOf(command)}" works on the data directory: run it without --hub on the machine where the server runs`,
    )
  }
}

/** Add the flags that name a site which is reached by its API. */
export function addRemoteSite(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--hub <url>',
        'do it at this site by its API, such as https://builds.example.org',
      ).argParser(parseSite),
    )
    .option(
      '--token-file <file>',
      'file with a token, as "hub token create" prints it: with --hub it says who asks',
    )
}

function parseSite(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be an address, such as https://builds.example.org')
  const { username, password, search, hash } = new URL(text)
  if (`${username}${password}${search}${hash}` !== '')
    throw new InvalidArgumentError('it must be an address alone: a token goes into --token-file')
  return text.replace(/\/+$/, '')
}

const secretFlagOf = (flag: string) => `${flag.split(' ')[0]}-file <file>`

/** The settings that are given as flags, by the environment variables of the same settings. */
export function flagsOf(command: Command): Record<string, string | undefined> {
  const given = command.optsWithGlobals<Record<string, string | true | undefined>>()
  const flags = [
    [configFlag, configFileVariable] as const,
    ...settings.map(({ flag, env }) => [flag, env] as const),
    ...settings
      .filter(({ isSecret }) => isSecret)
      .map(({ flag, env }) => [secretFlagOf(flag), `${env}_FILE`] as const),
  ]
  return Object.fromEntries(
    // A flag whose value may be left out, such as --private, is true without one.
    flags.map(([flag, env]) => [env, given[new Option(flag).attributeName()]?.toString()]),
  )
}

/** Every setting of a command, with where it is from. Throws BadConfigError. */
export function givenSettingsOf(command: Command): GivenSetting[] {
  return givenSettings(flagsOf(command), ioOf(command).env)
}

/**
 * The settings that are given, by their environment variables: what `readConfig` reads. Throws BadConfigError, and NoRemoteFormError
 * for a site that is reached by its API.
 */
export function environmentOf(command: Command): Record<string, string> {
  if (command.optsWithGlobals<{ hub?: string }>().hub !== undefined) throw new NoRemoteFormError(command)
  const given = givenSettingsOf(command).filter(({ source }) => source !== 'default')
  return Object.fromEntries(given.map(({ env, text }) => [env, text]))
}

/** The settings of a command as its server takes them. Throws BadConfigError. */
export function configOf(command: Command): Config {
  const sources = givenSettingsOf(command).map(({ name, source }) => [name, source] as const)
  return readConfig(environmentOf(command), Object.fromEntries(sources))
}

/** The data directory as the operator named it, for messages about settings that may be bad. */
export function dataDirOf(command: Command): string {
  try {
    return givenSettingsOf(command).find(({ name }) => name === 'dataDir')?.text ?? ''
  } catch {
    return 'the data directory'
  }
}
