import { Option, type Command } from 'commander'
import { updateJob } from '../jobs/update-job.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { updateJobAt } from './remote/jobs.ts'
import { onSite } from './remote/on-site.ts'
import { addRemoveJob } from './remove-job.ts'
import { addRunJob } from './run-job.ts'

type UpdateOptions = { section?: string; hide?: boolean; show?: boolean }

/** `hub job …` */
export function addJobCommands(hub: Command): void {
  const job = hub.command('job').description('manage jobs')
  addRunJob(job)
  addRemoveJob(job)
  addExamples(
    job
      .command('update <name>')
      .description('say where lists show a job, whatever its builds say')
      .option('--section <text>', 'heading under which it is listed; empty: the one that its builds name')
      .addOption(new Option('--hide', 'leave it out of lists of jobs; its own pages stay').conflicts('show'))
      .addOption(new Option('--show', 'list it again'))
      .action(async (name: string, options: UpdateOptions, command: Command) => {
        const { section, hide, show } = options
        if (section === undefined && !hide && !show)
          command.error('error: say what to change: --section, --hide or --show')
        const shownOrHidden = hide || show ? { isHidden: hide === true } : {}
        await onSite<unknown>(command, {
          remote: (site) =>
            updateJobAt(site, name, { ...(section === undefined ? {} : { section }), ...shownOrHidden }),
          local: ({ writer }) =>
            updateJob(writer, actOfCommand(), name, {
              ...(section === undefined ? {} : { section: section === '' ? null : section }),
              ...shownOrHidden,
            }),
        })
        ioOf(command).stdout.write(`the job ${name} is updated\n`)
      }),
    ['hub job update dns-primary --section "Name servers"', 'hub job update old-thing --hide'],
  )
}
