import type { Command } from 'commander'
import { listWorkers } from '../scheduling/list-runs.ts'
import { ioOf } from './command-io.ts'
import { jsonText } from './json-text.ts'
import { describeWorker, shownWorker, type PrintedWorker } from './print-scheduling.ts'
import { onSite } from './remote/on-site.ts'
import { listWorkersAt } from './remote/workers.ts'

/** `hub worker list`. `worker`: the command that it becomes a part of. */
export function addWorkerList(worker: Command): void {
  worker
    .command('list')
    .description('print the workers that are connected to the hub, or were')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const workers = await onSite<PrintedWorker[]>(command, {
        remote: listWorkersAt,
        local: ({ db }) => listWorkers(db),
      })
      workers.sort(byPlatform)
      ioOf(command).stdout.write(
        json ? jsonText(workers.map(shownWorker)) : workers.map(describeWorker).join(''),
      )
    })
}

/** Those that are connected first, then by platform and name. */
function byPlatform(one: PrintedWorker, other: PrintedWorker): number {
  const rank = ({ disconnectedAt, name, platform }: PrintedWorker) =>
    `${disconnectedAt === null ? 0 : 1} ${platform} ${name}`
  return rank(one) < rank(other) ? -1 : 1
}
