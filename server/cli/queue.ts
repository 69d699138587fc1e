import type { Command } from 'commander'
import { listQueues } from '../scheduling/list-runs.ts'
import { dropPlatform, pauseQueue, resumeQueue, undropPlatform } from '../scheduling/queues.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { jsonText } from './json-text.ts'
import { describeQueue } from './print-scheduling.ts'
import { onSite } from './remote/on-site.ts'
import { listQueuesAt, queueActs } from './remote/queues.ts'

/** `hub queue …` */
export function addQueueCommands(hub: Command): void {
  const queue = hub
    .command('queue')
    .description('see what waits for the workers of each platform, and stop it')
  queue
    .command('list')
    .description('print the queues of all platforms')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const queues = await onSite(command, { remote: listQueuesAt, local: ({ db }) => listQueues(db) })
      ioOf(command).stdout.write(json ? jsonText(queues) : queues.map(describeQueue).join(''))
    })
  const said = (
    name: 'pause' | 'resume' | 'undrop',
    description: string,
    act: typeof pauseQueue,
    done: string,
  ) =>
    queue
      .command(`${name} <platform>`)
      .description(description)
      .action(async (platform: string, _options: unknown, command: Command) => {
        await onSite<unknown>(command, {
          remote: (site) => site.act<object, { platform: string }>(queueActs[name], { platform }),
          local: ({ writer }) => act({ writer }, actOfCommand(), { platform }),
        })
        ioOf(command).stdout.write(`${platform} ${done}\n`)
      })
  said('pause', 'give no runs of a platform to workers; what runs goes on', pauseQueue, 'is paused')
  said('resume', 'give runs of a platform to workers again', resumeQueue, 'goes on')
  said('undrop', 'take a platform back that was dropped', undropPlatform, 'is taken back')
  queue
    .command('drop <platform>')
    .description('give a platform up: its queue, and the schedules of its scripts; what runs goes on')
    .option('--yes', 'do not ask on a terminal', false)
    .action(async (platform: string, { yes }: { yes: boolean }, command: Command) => {
      const ask = () => confirm(ioOf(command), yes, `Drop ${platform}, with the schedules of its scripts?`)
      await onSite<unknown>(command, {
        remote: async (site) => {
          await ask()
          return site.act(queueActs.drop, { platform })
        },
        local: async ({ writer }) => {
          await ask()
          await dropPlatform({ writer }, actOfCommand(), { platform })
        },
      })
      ioOf(command).stdout.write(`${platform} is dropped\n`)
    })
}
