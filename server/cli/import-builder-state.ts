import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { decodeState } from '../formats/builder-state.ts'
import { importBuilderState, type StateReport } from '../scheduling/import-builder-state.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { withDatabase } from './with-database.ts'

/** `hub import builder-state` */
export function addBuilderStateCommand(imports: Command): void {
  const state = imports
    .command('builder-state <file>')
    .description(
      'take over what builder-server schedules, from the file state of its data directory: jobs with their next times, queues and dropped platforms. Jobs that have a schedule here keep it, so the command can be run again. Templates are files that both programs read: copy them into the folder of --config-dir. Stop builder-server before, or it goes on to build, too. Exits with 3 if something was refused',
    )
    .option('--dry-run', 'read and check everything, and store nothing', false)
    .option('--json', 'print JSON', false)
    .action(async (file: string, options: { dryRun: boolean; json: boolean }, command: Command) => {
      const state = decodeState(await readFile(file))
      await withDatabase(command, async (database) => {
        const report = await importBuilderState(database, actOfCommand(), state, { isDryRun: options.dryRun })
        const json = { dryRun: options.dryRun, ...report, ignored: state.ignored }
        ioOf(command).stdout.write(
          options.json ? `${JSON.stringify(json, null, 2)}\n` : printReport(report, state.ignored),
        )
        const { length } = report.refused
        if (length > 0)
          throw new FoundProblemsError(`${length} refused: each is named above; the rest is there`)
      })
    })
  addExamples(state, [
    'hub import builder-state /var/lib/builder/state --dry-run',
    'hub import builder-state /var/db/builder/state',
  ])
}

function printReport({ schedules, present, queued, dropped, refused }: StateReport, ignored: number): string {
  const lines = [
    `schedules taken over: ${schedules}; there already: ${present}`,
    `runs queued: ${queued}`,
    `platforms dropped: ${dropped}`,
    ...(ignored > 0 ? [`jobs of the queue of an older builder that were passed over: ${ignored}`] : []),
    ...refused.map(({ name, reason }) => `refused: ${name}: ${reason}`),
  ]
  return lines.map((line) => `${visibleText(line)}\n`).join('')
}
