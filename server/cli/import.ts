import { InvalidArgumentError, type Command } from 'commander'
import { emptyReport, type ImportReport } from '../imports/import-report.ts'
import type { ImportOutcome } from '../imports/import-one.ts'
import { importBuilderWeb } from '../imports/builder-web/import-builder-web.ts'
import {
  emptyBuilderWebReport,
  tableNames,
  type BuilderWebReport,
} from '../imports/builder-web/table-report.ts'
import { importUrl } from '../imports/remote/import-url.ts'
import { siteAddressFault } from '../imports/remote/site-address.ts'
import { createHttpClient } from '../http-client.ts'
import { importRecords } from '../imports/import-records.ts'
import { watchRecords } from '../imports/watch-records.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { findUploader } from '../users/users.ts'
import { visibleText } from '../visible-text.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { addBuilderStateCommand } from './import-builder-state.ts'
import { FoundProblemsError } from './exit-status.ts'
import { withImportSite } from './import-site.ts'
import { progressOf } from './progress.ts'

type RecordOptions = {
  again: boolean
  as?: string
  delete: boolean
  dryRun: boolean
  interval: number
  json: boolean
  retry: number
  watch: boolean
}

/** `hub import …` */
export function addImportCommands(hub: Command): void {
  const imports = hub
    .command('import')
    .description('take builds over from builder-server, builder-web or another Builder Hub')
  addRecordsCommand(imports)
  addBuilderWebCommand(imports)
  addUrlCommand(imports)
  addBuilderStateCommand(imports)
}

type BuilderWebOptions = { again: boolean; dryRun: boolean; json: boolean }

function addBuilderWebCommand(imports: Command): void {
  const builderWeb = imports
    .command('builder-web <datadir>')
    .description(
      "take over builder-web's data directory (version 18 of its database): users with their passwords, access " +
        'lists, and all builds with their files. The directory is only read, and builder-web may run meanwhile. Can ' +
        'be stopped and run again: it goes on with what is not there yet. Exits with 3 if something was refused',
    )
    .option('--again', 'also store builds that were removed here', false)
    .option('--dry-run', 'read and check everything, and store nothing', false)
    .option('--json', 'print JSON', false)
    .action(async (dataDir: string, options: BuilderWebOptions, command: Command) => {
      const io = ioOf(command)
      const progress = progressOf(io)
      await withImportSite(command, {}, async (deps, signal) => {
        const report = emptyBuilderWebReport()
        const onProgress = (done: number, all: number) => progress.show(`${done} of ${all} builds`)
        const how = { isDryRun: options.dryRun, isAgain: options.again, signal, onProgress }
        try {
          await importBuilderWeb(deps, dataDir, how, report)
        } finally {
          progress.clear()
          const json = { dryRun: options.dryRun, ...report }
          io.stdout.write(
            options.json ? `${JSON.stringify(json, null, 2)}\n` : printTables(report, options.dryRun),
          )
        }
        const count = report.refused.length
        if (count > 0)
          throw new FoundProblemsError(`${count} refused: each is named above; the rest is there`)
      })
    })
  addExamples(builderWeb, [
    'hub import builder-web /var/lib/builder-web --dry-run',
    'hub import builder-web /var/db/builder-web --json',
  ])
}

type UrlOptions = { dryRun: boolean; job: string[]; json: boolean; since?: Date }

function addUrlCommand(imports: Command): void {
  const url = imports
    .command('url')
    .argument('<address>', 'address of the site, e.g. https://builds.robur.coop', parseAddress)
    .description(
      'copy the builds of another Builder Hub, or of builder-web, that are not here, through its public addresses. ' +
        'builder-web lists one build of each output, and failed ones. Builds say where they are from. Builds that were ' +
        'removed here stay removed. Can be stopped and run again. Exits with 3 if a build is refused',
    )
    .option('--job <name>', 'only builds of this job; can be given several times', collect, [])
    .option('--since <time>', 'only what a Builder Hub received at this time (RFC 3339) or later', parseTime)
    .option('--dry-run', 'only count what would be copied', false)
    .option('--json', 'print JSON', false)
    .action(async (address: URL, options: UrlOptions, command: Command) => {
      const io = ioOf(command)
      await withImportSite(command, {}, (deps, signal) =>
        withReport(io, options, (report, onProgress) => {
          const how = {
            jobs: options.job,
            since: options.since ?? null,
            isDryRun: options.dryRun,
            signal,
            onProgress,
          }
          return importUrl({ ...deps, fetch: createHttpClient() }, address, how, report)
        }),
      )
    })
  addExamples(url, [
    'hub import url https://builds.robur.coop --dry-run',
    'hub import url https://builds.example.org --job dns-primary --since 2026-11-01T00:00:00Z',
  ])
}

function parseAddress(text: string): URL {
  const fault = siteAddressFault(text)
  if (fault !== null) throw new InvalidArgumentError(fault)
  return new URL(text)
}

const collect = (text: string, before: readonly string[]) => [...before, text]

function parseTime(text: string): Date {
  const time = parseRfc3339(text)
  if (time === null) throw new InvalidArgumentError('it must be a time, as 2026-11-01T00:00:00Z')
  return time
}

function printTables({ tables, refused, notes }: BuilderWebReport, isDryRun: boolean): string {
  const columns = [
    'in builder-web',
    isDryRun ? 'to import' : 'imported',
    'there already',
    'removed before',
    'refused',
  ]
  const line = (name: string, cells: readonly unknown[]) =>
    [name.padEnd(14), ...cells.map((cell) => String(cell).padStart(15))].join('')
  const lines = [
    line('', columns),
    ...tableNames.map((name) => {
      const { rows, imported, present, removed, refused } = tables[name]
      return line(name, [rows, imported, present, removed, refused])
    }),
    ...refused.map(({ name, reason }) => `refused: ${name}: ${reason}`),
    ...notes.map((note) => `note: ${note}`),
  ]
  return lines.map((one) => `${visibleText(one)}\n`).join('')
}

function addRecordsCommand(imports: Command): void {
  const records = imports
    .command('records <path...>')
    .description(
      'store build records, as uploads do: files, folders (all files named "full" or "….full" in them, as ' +
        'builder-server keeps what it could not upload), and tar archives of such files, also gzipped. Builds that ' +
        'are stored already are counted, and so are builds that were removed here. Exits with 3 if a record is ' +
        'refused; the others are stored',
    )
    .option('--again', 'also store builds that were removed here', false)
    .option('--as <name>', 'user who is said to have uploaded the builds, and who must be allowed to')
    .option(
      '--delete',
      'delete a file when its build is durable, or was stored before with the same content',
      false,
    )
    .option('--dry-run', 'check the records, and store nothing', false)
    .option('--json', 'print JSON', false)
    .option('--watch', 'go on, and store records as they appear, until SIGTERM', false)
    .option('--interval <seconds>', 'with --watch: pause between two looks', parseSeconds, 5)
    .option(
      '--retry <seconds>',
      'with --watch: pause before a record is tried again that was refused for a reason outside of it, such as the ' +
        'rights of the user',
      parseSeconds,
      60,
    )
    .action(async (paths: string[], options: RecordOptions, command: Command) => {
      if (options.watch && options.dryRun) command.error('error: give --watch or --dry-run, not both')
      // A watcher is restarted by itself: it must not undo the rollback of an upgrade.
      const site = { isMigrated: !options.watch }
      await withImportSite(command, site, async (deps, signal) => {
        const name = options.as
        const findUser = async () => (name === undefined ? null : findUploader(deps.db, name))
        // A wrong name is no fault of each record.
        await findUser()
        const how = {
          findUser,
          isAgain: options.again,
          isDryRun: options.dryRun,
          isDeleting: options.delete,
          signal,
        }
        const io = ioOf(command)
        if (options.watch) {
          await watchRecords(deps, paths, {
            ...how,
            intervalMs: options.interval * 1000,
            retryMs: options.retry * 1000,
            onOutcome: (name, outcome) => tellOutcome(io, name, outcome, options.json),
            onDelay: (reason) => io.stderr.write(`${reason}\n`),
          })
          return
        }
        await withReport(io, options, (report, onProgress) =>
          importRecords(deps, paths, { ...how, onProgress }, report),
        )
      })
    })
  addExamples(records, [
    'hub import records /var/db/builder --dry-run',
    'hub import records /var/db/builder --as builder --watch --delete',
    'hub import records backup.tar.gz',
  ])
}

/** Prints the report of an import also if the import ends early. Throws FoundProblemsError if something was refused. */
export async function withReport(
  io: CommandIo,
  { dryRun, json }: { dryRun: boolean; json: boolean },
  run: (report: ImportReport, onProgress: () => void) => Promise<unknown>,
): Promise<void> {
  const report = emptyReport()
  const progress = progressOf(io)
  const shown = () => progress.show(`${report.imported} imported, ${report.present} there already`)
  try {
    await run(report, shown)
  } finally {
    progress.clear()
    io.stdout.write(
      json ? `${JSON.stringify({ dryRun, ...report }, null, 2)}\n` : printReport(report, dryRun),
    )
  }
  const count = report.refused.length
  if (count > 0)
    throw new FoundProblemsError(`${count} refused: mend what is named above, and run the command again`)
}

function printReport({ imported, present, removed, refused }: ImportReport, isDryRun: boolean): string {
  const counts = isDryRun
    ? [`${imported} builds would be imported`, `${present} are there already`]
    : [`${imported} builds imported`, `${present} there already`]
  if (removed > 0) counts.push(`${removed} removed here before (--again stores such builds again)`)
  counts.push(isDryRun ? `${refused.length} would be refused` : `${refused.length} refused`)
  const lines = [
    counts.join(', '),
    ...refused.map(({ name, reason }) => `  ${visibleText(name)}: ${visibleText(reason)}`),
  ]
  return `${lines.join('\n')}\n`
}

function tellOutcome(
  { stdout, stderr }: CommandIo,
  name: string,
  outcome: ImportOutcome,
  json: boolean,
): void {
  if (json) stdout.write(`${JSON.stringify({ name, ...outcome })}\n`)
  else {
    const output = outcome.kind === 'refused' ? stderr : stdout
    output.write(`${visibleText(name)}: ${visibleText(textOf(outcome))}\n`)
  }
}

function textOf(outcome: ImportOutcome): string {
  switch (outcome.kind) {
    case 'imported':
      return `imported as build ${outcome.uuid}`
    case 'present':
      return `there already: build ${outcome.uuid}`
    case 'removed':
      return `removed here before: build ${outcome.uuid}`
    case 'refused':
      return `refused: ${outcome.reason}`
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= 86_400)) throw new InvalidArgumentError('it must be a number of seconds')
  return seconds
}
