import type { Command } from 'commander'
import { readMirrorState } from '../imports/remote/mirror-progress.ts'
import { counted } from '../counted.ts'
import { countTasks, type TaskCounts } from '../runner/count-tasks.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { actOfCommand } from './command-act.ts'
import { requeue } from '../runner/requeue.ts'
import { ioOf } from './command-io.ts'
import { printMirror } from './print-mirror.ts'
import { jsonText } from './json-text.ts'
import { onSite } from './remote/on-site.ts'
import { countTasksAt, readMirrorStateAt, retryTasksAt, taskKindsAt } from './remote/tasks.ts'

/** `hub tasks`, `hub tasks retry` */
export function addTaskCommands(hub: Command): void {
  const tasks = hub
    .command('tasks')
    .description('show or retry the tasks that the server runs in the background')
  tasks
    .command('status')
    .description(
      'print how many tasks of each kind are in each state, the errors of dead ones, and how far the mirror is',
    )
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { counts, mirror } = await onSite(command, {
        remote: async (site) => ({ counts: await countTasksAt(site), mirror: await readMirrorStateAt(site) }),
        local: async ({ db }) => ({ counts: await countTasks(db), mirror: await readMirrorState(db) }),
      })
      ioOf(command).stdout.write(
        json ? jsonText({ ...counts, mirror }) : `${printTasks(counts)}${printMirror(mirror)}`,
      )
    })
  tasks
    .command('retry')
    .description('run dead tasks again: those that gave an error in each attempt')
    .option('--kind <kind>', 'only tasks of this kind')
    .action(async ({ kind }: { kind?: string }, command: Command) => {
      const check = (kinds: readonly string[]) => {
        if (kind !== undefined && !kinds.includes(kind))
          command.error(`error: there is no task of the kind ${kind}`)
      }
      const count = await onSite(command, {
        async remote(site) {
          check(await taskKindsAt(site))
          return retryTasksAt(site, kind ?? null)
        },
        async local({ db, writer }) {
          const kinds = (await countTasks(db)).kinds.map((one) => one.kind)
          check(kinds)
          const names = kinds.filter((name) => kind === undefined || name === kind)
          const act = actOfCommand()
          const count = names.length > 0 ? await requeue(writer, names, ['DEAD'], act.at) : 0
          await writer.transact([], (tx) =>
            recordAudit(tx, { ...act, action: 'task.retry', target: kind ?? null, detail: { count } }),
          )
          return count
        },
      })
      ioOf(command).stdout.write(
        `${counted(count, 'task')} ${count === 1 ? 'runs' : 'run'} again as soon as a server runs\n`,
      )
    })
}

function printTasks({ kinds, dead }: TaskCounts): string {
  const columns = ['pending', 'running', 'done', 'failed', 'dead'] as const
  const width = Math.max(4, ...kinds.map(({ kind }) => kind.length)) + 1
  const lines = [
    ['kind'.padEnd(width), ...columns.map((column) => column.padStart(9))].join(''),
    ...kinds.map((row) =>
      [row.kind.padEnd(width), ...columns.map((column) => String(row[column]).padStart(9))].join(''),
    ),
    ...(dead.length > 0 ? ['dead:'] : []),
    ...dead.map(({ kind, error, count, key }) => {
      // Errors quote content of builds, which may contain escape sequences for the terminal.
      const shown = [error, key].map((text) => text.replace(/\p{Cc}/gu, '\u{fffd}'))
      return `  ${count} × ${kind}: ${shown[0]} (such as ${shown[1]})`
    }),
  ]
  return `${lines.join('\n')}\n`
}
