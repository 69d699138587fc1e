import { settings, type Config, type SettingSource } from '../config.ts'
import { builder } from '../graphql/builder.ts'
import { shownValue } from '../settings/shown-value.ts'
import { Administration } from './administration.graphql.ts'

const SettingSourceEnum = builder.enumType('SettingSource', {
  description: 'Where the value of a setting is from.',
  values: {
    FLAG: { value: 'flag', description: 'A flag of the command line.' },
    ENVIRONMENT: { value: 'environment', description: 'An environment variable.' },
    FILE: { value: 'file', description: 'The configuration file.' },
    DEFAULT: { value: 'default', description: 'The value is the default: it is set nowhere.' },
  } satisfies Record<Uppercase<SettingSource>, unknown>,
})

type Given = { setting: (typeof settings)[number]; config: Config }

const Setting = builder.objectRef<Given>('Setting').implement({
  description: 'A setting of the server.',
  fields: (t) => ({
    name: t.string({
      description: 'Its flag, without what stands for the value.',
      resolve: ({ setting }) => setting.flag.replace(/ .*/, ''),
    }),
    variable: t.string({
      description: 'Its environment variable.',
      resolve: ({ setting }) => setting.env,
    }),
    description: t.string({ description: 'What it does.', resolve: ({ setting }) => setting.help }),
    value: t.string({
      description: 'Its value, without the passwords in it; empty: none.',
      resolve: ({ setting, config }) => shownValue(setting, config),
    }),
    source: t.field({
      type: SettingSourceEnum,
      description: 'Where the value is from.',
      resolve: ({ setting, config }) => config.sources[setting.name],
    }),
    isReloadable: t.boolean({
      description: 'Whether a running server takes a new value when it reads its configuration again.',
      resolve: ({ setting }) => setting.isReloadable,
    }),
  }),
})

builder.objectField(Administration, 'configuration', (t) =>
  t.field({
    type: [Setting],
    description: 'The settings of this server. They are changed on the machine.',
    resolve: (_admin, _args, { config }) => settings.map((setting) => ({ setting, config })),
  }),
)
