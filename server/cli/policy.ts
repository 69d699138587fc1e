import { join } from 'node:path'
import type { Command } from 'commander'
import { BadConfigError, readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import { readEvidence } from '../policy/evidence.ts'
import { readPolicyFile, type Policy } from '../policy/policy-file.ts'
import { policyFileName } from '../policy/site-policy.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

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
        ioOf(command).stdout.write(`${path} is good\n${describePolicy(found)}`)
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
        const found = readPolicyFile(policyPathOf(command))
        await withDatabase(command, async ({ db }) => {
          const { stdout } = ioOf(command)
          if (sha256 === undefined) {
            const counts = await db.policyVerdict.groupBy({ by: ['outcome'], _count: true })
            const numbers = Object.fromEntries(counts.map(({ _count, outcome }) => [outcome, _count]))
            const lines = counts.map(({ _count, outcome }) => `${outcome}: ${counted(_count, 'output')}\n`)
            const text = found ? describePolicy(found) + lines.join('') : 'the site has no policy\n'
            stdout.write(
              json
                ? `${JSON.stringify({ sha256: found?.sha256 ?? null, outcomes: numbers }, null, 2)}\n`
                : text,
            )
            return
          }
          const hash = sha256.toLowerCase()
          if (!/^[0-9a-f]{64}$/.test(hash)) throw new BadConfigError('a SHA-256 has 64 hexadecimal digits')
          const rows = await db.policyVerdict.findMany({
            where: { sha256: hash },
            include: { job: { select: { name: true } }, platform: { select: { name: true } } },
          })
          const shown = rows.map(({ at, evidence, job, outcome, platform }) => ({
            ...{ job: job.name, platform: platform.name, outcome, judgedAt: at },
            ...readEvidence(evidence),
          }))
          stdout.write(
            json
              ? `${JSON.stringify(shown, null, 2)}\n`
              : shown.map(describeVerdict).join('') || 'the policy has said nothing of this output yet\n',
          )
        })
      }),
    ['hub policy show', 'hub policy show 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'],
  )
}

function describePolicy({ exemptions, groupOfUser, keys, rules, sha256 }: Policy): string {
  const groups = new Set([...groupOfUser.values(), ...[...keys.values()].map(({ group }) => group)])
  const attesters = groupOfUser.size + keys.size
  return [
    `SHA-256: ${sha256}`,
    `${counted(attesters, 'attester')} in ${counted(groups.size, 'group')}`,
    ...rules.map(
      ({ jobs, platforms, groups: least, signed }) =>
        `${jobs.join(' ')} on ${platforms.join(' ')}: ${counted(least, 'group')}${signed ? ', signed' : ''}`,
    ),
    ...exemptions.map(({ job, platform, reason }) => `${job} on ${platform}: exempt, ${reason}`),
    '',
  ].join('\n')
}

type Shown = ReturnType<typeof readEvidence> & { job: string; platform: string; outcome: string }

function describeVerdict({ job, platform, outcome, reason, votes }: Shown): string {
  return [
    `${job} on ${platform}: ${outcome}${reason === null ? '' : `: ${reason}`}`,
    ...votes.map(
      ({ at, attester, group, isRevoked, kind, side }) =>
        `  ${side === 'FOR' ? 'for' : 'against'}: ${attester}, ${group === null ? 'not listed' : `group ${group}`}, ${kind === 'UPLOAD' ? 'uploaded' : 'signed'} ${at}${isRevoked ? ', by a revoked key' : ''}`,
    ),
    '',
  ].join('\n')
}
