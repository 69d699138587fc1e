import type { Command } from 'commander'
import { describePolicy } from '../scheduling/describe-definition.ts'
import {
  listSectionPolicies,
  removeSectionPolicy,
  setSectionPolicy,
  type SectionPolicy,
} from '../scheduling/section-policies.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { onSite } from './remote/on-site.ts'
import {
  listSectionPoliciesAt,
  removeSectionPolicyAt,
  setSectionPolicyAt,
} from './remote/section-policies.ts'
import { policyOf, withPolicyFlags, type PolicyFlags } from './schedule-flags.ts'

/** `hub schedule sections`, `set-section` and `remove-section`. */
export function addSectionCommands(schedule: Command): void {
  schedule
    .command('sections')
    .description('print how often the outputs of the jobs of sections are built')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const policies = await onSite(command, {
        remote: listSectionPoliciesAt,
        local: ({ db }) => listSectionPolicies(db),
      })
      ioOf(command).stdout.write(json ? jsonText(policies) : policies.map(describe).join(''))
    })
  addExamples(
    withPolicyFlags(schedule.command('set-section <section>'))
      .description(
        'say how often the outputs of the jobs of a section are built, where their schedules do not say it; what is not named stays',
      )
      .action(async (section: string, flags: PolicyFlags, command: Command) => {
        const given = { section, reproduce: policyOf(flags) }
        const policy = await onSite(command, {
          remote: (site) => setSectionPolicyAt(site, given),
          local: ({ writer }) => setSectionPolicy({ writer }, actOfCommand(), given),
        })
        ioOf(command).stdout.write(describe(policy))
      }),
    [
      'hub schedule set-section Unikernels --times 2',
      'hub schedule set-section Uncategorized --times 2 --on all --within 12h',
    ],
  )
  schedule
    .command('remove-section <section>')
    .description('remove the policy of a section')
    .action(async (section: string, _options: unknown, command: Command) => {
      await onSite<unknown>(command, {
        remote: (site) => removeSectionPolicyAt(site, section),
        local: ({ writer }) => removeSectionPolicy({ writer }, actOfCommand(), { section }),
      })
      ioOf(command).stdout.write(`the section ${visibleText(section)} has no policy any more\n`)
    })
}

const describe = ({ section, reproduce }: Pick<SectionPolicy, 'section' | 'reproduce'>) =>
  `${visibleText(section)}: ${describePolicy(reproduce)}\n`
