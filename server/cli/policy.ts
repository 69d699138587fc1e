import { join } from 'node:path'
import type { Command } from 'commander'
import { BadConfigError, readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import { describedPolicy, type DescribedPolicy } from '../policy/described-policy.ts'
import {
  countOutcomes,
  listVerdicts,
  type ListedVerdict,
  type OutcomeCount,
} from '../policy/list-verdicts.ts'
import { readPolicyFile } from '../policy/policy-file.ts'
import { policyFileName } from '../policy/site-policy.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { describePolicy, describeVerdict, shownVerdict } from './print-policy.ts'
import { listVerdictsAt, readPolicyAt } from './remote/administered.ts'
import { onSite } from './remote/on-site.ts'
import { environmentOf } from './settings.ts'

/** `hub policy`: check, show. */
export function addPolicyCommands(hub: Command): void {
  const policy = hub
    .command('policy')
    .description('check the policy that says which outputs are trusted, and show what it says of them')
  addExamples(
    policy
      .command('check')
      .argument('[file]', 'the file; default: policy.json of the configuration directory')
      .description(
        'say whether a policy can be used, and what is wrong with it. This needs no data directory',
      )
      .action((file: string | undefined, _options: unknown, command: Command) => {
        const path = file ?? policyPathOf(command)
        const found = readPolicyFile(path)
        if (!found) throw new BadConfigError(`there is no file ${path}`)
        ioOf(command).stdout.write(`${path} is good\n${describePolicy(describedPolicy(found))}`)
      }),
    ['hub policy check policy.json'],
  )
  addShow(policy)
}

const policyPathOf = (command: Command) => join(readConfig(environmentOf(command)).configDir, policyFileName)

function addShow(policy: Command): void {
  addExamples(
    policy
      .command('show')
      .argument('[sha256]', 'a main binary: what the policy says of it, and why')
      .description('print the policy, and how many outputs it trusts; or who has confirmed one output')
      .option('--json', 'print JSON', false)
      .action(async (sha256: string | undefined, { json }: { json: boolean }, command: Command) => {
        const { stdout } = ioOf(command)
        if (sha256 !== undefined) {
          const found = await listVerdictsOf(command, sha256.toLowerCase())
          const none = 'the policy has said nothing of this output yet\n'
          stdout.write(json ? jsonText(found.map(shownVerdict)) : found.map(describeVerdict).join('') || none)
          return
        }
        const { outcomes, policy } = await onSite<Shown>(command, {
          remote: readPolicyAt,
          async local({ db }) {
            const found = readPolicyFile(policyPathOf(command))
            return { policy: found && describedPolicy(found), outcomes: await countOutcomes(db) }
          },
        })
        const numbers = Object.fromEntries(outcomes.map(({ count, outcome }) => [outcome, count]))
        const lines = outcomes.map(({ count, outcome }) => `${outcome}: ${counted(count, 'output')}\n`)
        const text = policy ? describePolicy(policy) + lines.join('') : 'the site has no policy\n'
        stdout.write(json ? jsonText({ sha256: policy?.sha256 ?? null, outcomes: numbers }) : text)
      }),
    ['hub policy show', 'hub policy show 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'],
  )
}

type Shown = { policy: DescribedPolicy | null; outcomes: OutcomeCount[] }

function listVerdictsOf(command: Command, sha256: string): Promise<ListedVerdict[]> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new BadConfigError('a SHA-256 has 64 hexadecimal digits')
  return onSite<ListedVerdict[]>(command, {
    remote: (site) => listVerdictsAt(site, sha256),
    local: ({ db }) => listVerdicts(db, sha256),
  })
}
