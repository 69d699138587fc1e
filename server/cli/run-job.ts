import type { Command } from 'commander'
import { runJob } from '../scheduling/run-job.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { onSite } from './remote/on-site.ts'
import { runJobAt } from './remote/runs.ts'

/** `hub job run`. */
export function addRunJob(job: Command): void {
  addExamples(
    job
      .command('run <name>')
      .description('queue a scheduled job now, in front of all others; print the UUIDs of its runs')
      .option('--platform <names...>', 'on these platforms; default: all that it is built on')
      .option('--reason <text>', 'why, for the page of the run')
      .action(async (name: string, options: { platform?: string[]; reason?: string }, command: Command) => {
        const asked = { job: name, platforms: options.platform ?? null, reason: options.reason ?? null }
        const runs = await onSite(command, {
          remote: (site) => runJobAt(site, asked),
          local: ({ writer }) => runJob({ writer }, actOfCommand(), asked),
        })
        const { stderr, stdout } = ioOf(command)
        stdout.write(runs.map((uuid) => `${uuid}\n`).join(''))
        if (runs.length === 0) stderr.write(`no platform has a queue for ${name} yet\n`)
      }),
    ['hub job run hello', 'hub job run hello --platform debian-12 --reason "new compiler"'],
  )
}
