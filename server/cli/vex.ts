import { Option, type Command } from 'commander'
import { listVexStatements, type ListedVexStatement } from '../advisories/list-vex-statements.ts'
import { setVex } from '../advisories/set-vex.ts'
import { vexJustifications, vexStatuses, type VexJustification, type VexStatus } from '../advisories/vex.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { listVexStatementsAt } from './remote/administered.ts'
import { setVexAt } from './remote/advisories.ts'
import { onSite } from './remote/on-site.ts'

const lower = (words: readonly string[]) => words.map((word) => word.toLowerCase())

/** `hub vex`: set, list. */
export function addVexCommands(hub: Command): void {
  const vex = hub.command('vex').description('say whether known issues matter for builds of jobs')
  addExamples(
    vex
      .command('set')
      .argument('<advisory>', 'id of the advisory')
      .description('say of an advisory whether it matters, in place of what was said of the same jobs before')
      .requiredOption('--job <name>', 'name of the job; * stands for any characters')
      .addOption(
        new Option('--status <status>', 'whether the issue is one')
          .choices(lower(vexStatuses))
          .makeOptionMandatory(),
      )
      .addOption(
        new Option('--justification <why>', 'why builds are not affected').choices(lower(vexJustifications)),
      )
      .option('--note <text>', 'more, for everybody to read')
      .action(
        async (
          advisoryId: string,
          options: { job: string; status: string; justification?: string; note?: string },
          command: Command,
        ) => {
          const { job, status, justification, note } = options
          const said = {
            ...{ jobs: job, status: status.toUpperCase() as VexStatus, note: note ?? null },
            justification: (justification?.toUpperCase() as VexJustification | undefined) ?? null,
          }
          await onSite(command, {
            remote: (site) => setVexAt(site, { advisory: advisoryId, ...said }),
            local: ({ writer }) => setVex(writer, actOfCommand(), { advisoryId, ...said }),
          })
          ioOf(command).stdout.write(`${advisoryId}: ${status} for ${job}\n`)
        },
      ),
    [
      'hub vex set OSEC-2026-05 --job "dns-*" --status not_affected --justification vulnerable_code_not_in_execute_path',
    ],
  )
  vex
    .command('list')
    .description('print what was said of advisories')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const found = await onSite<ListedVexStatement[]>(command, {
        remote: listVexStatementsAt,
        local: ({ db }) => listVexStatements(db),
      })
      ioOf(command).stdout.write(json ? jsonText(found.map(shownVex)) : found.map(describeVex).join(''))
    })
}

function describeVex({ advisoryId, jobs, status, justification, note }: ListedVexStatement): string {
  const words = [advisoryId, jobs, status.toLowerCase(), justification?.toLowerCase() ?? '-', note ?? '']
  return `${words.join(' ').trim()}\n`
}

/** What was said of an advisory as JSON has it. */
function shownVex(statement: ListedVexStatement): ListedVexStatement {
  const { id, advisoryId, jobs, status, justification, note, statedAt, statedBy } = statement
  return { id, advisoryId, jobs, status, justification, note, statedAt, statedBy }
}
