import { once } from 'node:events'
import { Argument, Option, type Command } from 'commander'
import { filterNames } from '../exports/export-list.ts'
import { exportLists } from '../exports/export-lists.ts'
import { readFilter } from '../exports/read-export.ts'
import { exportFormats, writeExport, type ExportFormat } from '../exports/write-export.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { onSite } from './remote/on-site.ts'

type Options = { format: ExportFormat } & { [Name in (typeof filterNames)[number]]?: string }

/** `hub list` */
export function addListCommand(hub: Command): void {
  const list = hub
    .command('list')
    .addArgument(new Argument('<list>', 'which one').choices(Object.keys(exportLists)))
    .description('print a whole list, as the site exports it: CSV, or an object of JSON a line')
    .addOption(new Option('--format <format>', 'of the lines').choices([...exportFormats]).default('csv'))
  for (const name of filterNames) list.option(`--${name} <value>`, `only ${descriptions[name]}`)
  list.action(async (name: string, { format, ...filters }: Options, command: Command) => {
    const asked = exportLists[name]
    if (!asked) throw new Error(`commander let ${name} through`)
    const given = Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const filter = readFilter(name, asked, new URLSearchParams(given))
    if ('fault' in filter) command.error(`error: ${filter.fault}`)
    else
      await onSite(command, {
        remote: (site) =>
          print(command, site.read(`/export/${name}.${format}?${new URLSearchParams(given).toString()}`)),
        local: ({ db }) => print(command, writeExport(db, asked, filter.filter, format)),
      })
  })
  addExamples(list, [
    'hub list builds --since 2026-01-01 --until 2026-12-31 > verdicts.csv',
    'hub list builds --job dns-primary --verdict disputed --format jsonl',
    'hub list files --build 4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0',
  ])
}

async function print(command: Command, texts: AsyncIterable<string>): Promise<void> {
  const { stdout } = ioOf(command)
  for await (const text of texts) if (!stdout.write(text)) await once(stdout, 'drain')
}

const descriptions: Record<(typeof filterNames)[number], string> = {
  job: 'those of the job with this name',
  platform: 'those on the platform with this name',
  status: 'builds that: succeeded or failed',
  verdict:
    'builds with the verdict: reproduced, disputed (by a build or a signed statement), not-reproducible (by a build), unconfirmed or no-output',
  since: 'builds that started on this day or later, such as 2026-11-23',
  until: 'builds that started on this day or before',
  build: 'the files of the build with this UUID',
}
