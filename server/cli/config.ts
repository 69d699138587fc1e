import type { Command } from 'commander'
import { keyOf, readConfig, settings, withoutSecrets } from '../config.ts'
import { readRetentionPolicy } from '../retention/retention-policy.ts'
import { readRepositoriesFile } from '../repositories/repositories-file.ts'
import { readIdentityFile } from '../settings/identity-file.ts'
import { configFileOf, type GivenSetting } from '../settings/given-settings.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { describeSettings, type PrintedSetting } from './print-site.ts'
import { remoteSiteOf } from './remote/remote-site.ts'
import { listSettingsAt } from './remote/site.ts'
import { addSettings, environmentOf, flagsOf, givenSettingsOf, settingsOfServerAlone } from './settings.ts'

/** `hub config check`, `hub config show`, `hub config init` */
export function addConfigCommands(hub: Command): void {
  const config = hub.command('config').description('check, show or begin the configuration')
  addExamples(
    addSettings(config.command('check'), settingsOfServerAlone)
      .description(
        'check the configuration file, the environment, the flags, the retention policy, the identity file and the file of package repositories; change nothing',
      )
      .action((_options: unknown, command: Command) => {
        const { identityFile, repositoriesFile, retentionFile } = readConfig(environmentOf(command))
        if (retentionFile !== '') readRetentionPolicy(retentionFile)
        if (identityFile !== '') readIdentityFile(identityFile)
        readRepositoriesFile(repositoriesFile)
        const file = configFileOf(flagsOf(command), ioOf(command).env)
        ioOf(command).stdout.write(
          file === null ? 'the settings are valid; there is no configuration file\n' : `${file} is valid\n`,
        )
      }),
    ['hub config check', 'hub config check --config ./config.toml'],
  )
  addExamples(
    addSettings(config.command('show'), settingsOfServerAlone)
      .description('print each setting as it is in effect, and where it is from; passwords are hidden')
      .option('--json', 'print JSON', false)
      .action(async ({ json }: { json: boolean }, command: Command) => {
        const site = remoteSiteOf(command)
        const shown = site ? await listSettingsAt(site) : settingsOf(command)
        ioOf(command).stdout.write(json ? jsonText(shown) : describeSettings(shown))
      }),
    ['hub config show', 'hub config show --json'],
  )
  addExamples(
    config
      .command('init')
      .description('print a configuration file that names every setting, with the defaults as comments')
      .action((_options: unknown, command: Command) => void ioOf(command).stdout.write(configTemplate())),
    ['hub config init > /etc/builder-hub/config.toml'],
  )
}

/** Throws BadConfigError. */
function settingsOf(command: Command): PrintedSetting[] {
  readConfig(environmentOf(command))
  return givenSettingsOf(command).map(describe)
}

function describe({ name, text, source }: GivenSetting): PrintedSetting {
  const setting = settings.find((one) => one.name === name)
  return {
    setting: keyOf(setting?.flag ?? name),
    value: setting?.isSecret === true ? withoutSecrets(text) : text,
    source,
  }
}

/** Of a default, as TOML writes it. */
const tomlValue = (text: string) => (/^\d+$/.test(text) ? text : JSON.stringify(text))

function configTemplate(): string {
  const entries = settings.map(({ flag, help, fallback, isReloadable }) => {
    const reload = isReloadable ? ' Taken again by SIGHUP.' : ''
    return `# ${help[0]?.toUpperCase()}${help.slice(1)}.${reload}\n# ${keyOf(flag)} = ${tomlValue(fallback)}\n`
  })
  return [
    '# Configuration of Builder Hub (TOML). A flag or an environment variable overrides what stands here.',
    '# "hub config check" checks this file, and "hub config show" prints what is in effect.\n',
    ...entries,
  ].join('\n')
}
