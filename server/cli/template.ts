import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { InvalidScheduleError, TemplateNotFoundError } from '../scheduling/errors.ts'
import { findTemplateVersions } from '../scheduling/list-versions.ts'
import {
  findTemplate,
  listTemplatePlatforms,
  removeTemplate,
  setTemplate,
  templateKinds,
  templatePrefix,
  type TemplateKind,
} from '../scheduling/templates.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import { describeVersion, shownVersion } from './print-scheduling.ts'
import { onSite } from './remote/on-site.ts'
import {
  listTemplatesAt,
  listTemplateVersionsAt,
  missing,
  removeTemplateAt,
  setTemplateAt,
  showTemplateAt,
} from './remote/templates.ts'
import { environmentOf } from './settings.ts'
import { visibleLine } from './visible-line.ts'
import { withTexts } from './with-texts.ts'

type Options = { rebuild: boolean; json: boolean }

const kindOf = ({ rebuild }: { rebuild: boolean }): TemplateKind => (rebuild ? 'REBUILD' : 'BUILD')
const configOf = (command: Command) => readConfig(environmentOf(command))
const rebuildOption = ['--rebuild', 'the one by which builds are repeated', false] as const

/** `hub template …` */
export function addTemplateCommands(hub: Command): void {
  const template = hub
    .command('template')
    .description('manage the scripts by which opam packages are built on each platform')
  template
    .command('list')
    .description('print which platforms have templates, and where these are')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const templates = await onSite(command, {
        remote: listTemplatesAt,
        async local({ db }) {
          const deps = { config: configOf(command), db }
          const lists = await Promise.all(
            templateKinds.map(async (kind) =>
              (await listTemplatePlatforms(deps, kind)).map((one) => ({ kind, ...one })),
            ),
          )
          return lists.flat()
        },
      })
      const lines = templates.map(({ kind, platform, source }) => {
        const where = source === 'FILE' ? `the file ${templatePrefix[kind]}${platform}` : 'the database'
        return visibleLine(`${platform}, ${kind === 'BUILD' ? 'opam packages' : 'rebuilds'}: ${where}`)
      })
      ioOf(command).stdout.write(json ? jsonText(templates) : lines.join(''))
    })
  template
    .command('show <platform>')
    .description('print the template that counts: a file wins over the database')
    .option(...rebuildOption)
    .action(async (platform: string, options: Options, command: Command) => {
      const kind = kindOf(options)
      const { content } = await onSite(command, {
        remote: (site) => showTemplateAt(site, { kind, platform }),
        async local({ db }) {
          const found = await findTemplate({ config: configOf(command), db }, kind, platform)
          if (!found) throw new TemplateNotFoundError(missing({ platform }))
          return found
        },
      })
      ioOf(command).stdout.write(content)
    })
  addExamples(
    template
      .command('set <platform> <file>')
      .description('write a template into the database; - reads it from the input')
      .option(...rebuildOption)
      .action(async (platform: string, file: string, options: Options, command: Command) => {
        const content = await readContent(command, file)
        const kind = kindOf(options)
        const source = await onSite(command, {
          remote: (site) => setTemplateAt(site, { kind, platform, content }),
          async local({ db, writer }) {
            await setTemplate({ writer }, actOfCommand(), { kind, platform, content })
            const counts = await findTemplate({ config: configOf(command), db }, kind, platform)
            return counts?.source ?? null
          },
        })
        const { stderr, stdout } = ioOf(command)
        stdout.write(`the template of ${platform} is written\n`)
        if (source === 'FILE') stderr.write(`the file ${templatePrefix[kind]}${platform} wins over it\n`)
      }),
    ['hub template set debian-12 orb-build.template.debian-12'],
  )
  template
    .command('remove <platform>')
    .description('remove a template from the database; its history stays')
    .option(...rebuildOption)
    .action(async (platform: string, options: Options, command: Command) => {
      const named = { kind: kindOf(options), platform }
      await onSite(command, {
        remote: (site) => removeTemplateAt(site, named),
        local: ({ writer }) => removeTemplate({ writer }, actOfCommand(), named),
      })
      ioOf(command).stdout.write(`the template of ${platform} is removed\n`)
    })
  template
    .command('history <platform>')
    .description('print what a template in the database was, the newest version first')
    .option(...rebuildOption)
    .option('--limit <number>', 'at most so many', parseNumber, 20)
    .option('--json', 'print JSON', false)
    .action(async (platform: string, options: Options & { limit: number }, command: Command) => {
      const { json, limit } = options
      const named = { kind: kindOf(options), platform }
      const versions = await onSite(command, {
        remote: (site) => listTemplateVersionsAt(site, named, limit),
        async local({ db }) {
          const page = { limit, backward: false, after: null, before: null }
          return withTexts((await findTemplateVersions(db, named, page)).slice(0, limit))
        },
      })
      ioOf(command).stdout.write(
        json ? jsonText(versions.map(shownVersion)) : versions.map(describeVersion).join(''),
      )
    })
}

async function readContent(command: Command, file: string): Promise<string> {
  if (file === '-') return text(ioOf(command).stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new InvalidScheduleError(`the template cannot be read: ${(error as Error).message}`)
  }
}
