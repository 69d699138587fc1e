import type { Command } from 'commander'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { readConfig } from '../config.ts'
import { exportRecords, type ExportChoice, type ExportReport } from '../imports/export-records.ts'
import { visibleText } from '../visible-text.ts'
import { commandLog } from './command-log.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { progressOf } from './progress.ts'
import { environmentOf } from './settings.ts'
import { untilSignal } from './until-signal.ts'
import { withDatabase } from './with-database.ts'

type Options = { all: boolean; dest: string; job?: string; json: boolean; platform?: string }

/** `hub export` */
export function addExportCommand(hub: Command): void {
  const exporting = hub
    .command('export [uuid...]')
    .description(
      'write the records of builds, as /exec serves them: builder-web, Builder Hub and "hub import records" take them. ' +
        'Files that are there and complete are left alone, so an export can be stopped and run again. Exits with 3 if ' +
        'the content of a build is missing or damaged; the others are written',
    )
    .requiredOption(
      '--dest <path>',
      'a folder, which gets files JOB/UUID/full, or a new tar archive, whose name ends in .tar',
    )
    .option('--job <name>', 'all builds of a job')
    .option('--platform <name>', 'with --job: only the builds on a platform')
    .option('--all', 'all builds', false)
    .option('--json', 'print JSON', false)
    .action(async (uuids: string[], options: Options, command: Command) => {
      const choice = choiceOf(uuids, options, command)
      const io = ioOf(command)
      const config = readConfig(environmentOf(command))
      const progress = progressOf(io)
      await withDatabase(command, async ({ db, writer }) => {
        const deps = {
          ...{ db, writer, log: commandLog(config) },
          blobs: await siteBlobStore(config),
        }
        const place = { path: options.dest, isTar: options.dest.endsWith('.tar') }
        const onProgress = ({ exported, present }: ExportReport) =>
          progress.show(`${exported} records written, ${present} there already`)
        const report = await untilSignal((signal) =>
          exportRecords(deps, choice, place, { signal, onProgress }),
        ).finally(() => progress.clear())
        io.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : printReport(report))
        const count = report.refused.length
        if (count > 0)
          throw new FoundProblemsError(`${count} builds cannot be exported: they are named above`)
      })
    })
  addExamples(exporting, [
    'hub export 4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0 --dest records',
    'hub export --job dns-primary --platform debian-12 --dest dns-primary.tar',
    'hub export --all --dest /mnt/records',
  ])
}

function choiceOf(uuids: readonly string[], { all, job, platform }: Options, command: Command): ExportChoice {
  const given = [uuids.length > 0, job !== undefined, all].filter(Boolean).length
  if (given !== 1) command.error('error: give UUIDs, --job or --all')
  if (platform !== undefined && job === undefined) command.error('error: --platform needs --job')
  if (all) return { kind: 'all' }
  return job === undefined ? { kind: 'uuids', uuids } : { kind: 'job', job, platform: platform ?? null }
}

function printReport({ exported, present, refused, bytes }: ExportReport): string {
  const lines = [
    `${exported} records written (${bytes} bytes), ${present} there already, ${refused.length} refused`,
    ...refused.map(({ name, reason }) => `  ${name}: ${reason}`),
  ]
  return lines.map((line) => `${visibleText(line)}\n`).join('')
}
