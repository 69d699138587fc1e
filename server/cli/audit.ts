import { InvalidArgumentError, Option, type Command } from 'commander'
import { auditActions, auditResults, type AuditAction, type AuditResult } from '../audit/actions.ts'
import { findBrokenEntry } from '../audit/find-broken-entry.ts'
import { listAudit } from '../audit/list-audit.ts'
import type { AuditEntry } from '../generated/prisma/client.ts'
import type { AuditEntryId } from '../ids.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { parseTime } from './parse-time.ts'
import { auditJson, describeAuditEntry, type PrintedAuditEntry } from './print-audit.ts'
import { progressOf } from './progress.ts'
import { listAuditAt } from './remote/audit.ts'
import { onSite } from './remote/on-site.ts'
import { withDatabase } from './with-database.ts'

type Options = {
  since?: Date
  until?: Date
  user?: string
  action?: AuditAction
  result?: string
  target?: string
  limit: number
  json: boolean
}

const entriesPerRead = 500

/** `hub audit …` */
export function addAuditCommands(hub: Command): void {
  const audit = hub
    .command('audit')
    .description(
      'print the audit log, the newest entries first: who did what, from where, on what, and with which result',
    )
    .option('--since <time>', 'only entries from then on (RFC 3339)', parseTime)
    .option('--until <time>', 'only entries before then (RFC 3339)', parseTime)
    .option('--user <name>', 'only what this user did')
    .addOption(new Option('--action <action>', 'only this action').choices([...auditActions]))
    .addOption(
      new Option('--result <result>', 'only this result').choices(
        auditResults.map((one) => one.toLowerCase()),
      ),
    )
    .option('--target <name>', 'only what was done to this: a name, or a UUID')
    .option('--limit <number>', 'print so many entries at most', parseLimit, 100)
    .option('--json', 'print a line of JSON for each entry', false)
    .action(async (options: Options, command: Command) => {
      const { stdout } = ioOf(command)
      const { since, until, user, action, target } = options
      const result = options.result?.toUpperCase() as AuditResult | undefined
      const filter = { since, until, actor: user, action, result, target }
      const print = (entries: readonly PrintedAuditEntry[]) =>
        stdout.write(entries.map(options.json ? auditJson : describeAuditEntry).join(''))
      await onSite<unknown>(command, {
        remote: async (site) => print(await listAuditAt(site, filter, options.limit)),
        async local({ db }) {
          let after: AuditEntryId | null = null
          for (let left = options.limit; left > 0; left -= entriesPerRead) {
            const limit = Math.min(left, entriesPerRead)
            const page = { limit, after, before: null, backward: false }
            const found: AuditEntry[] = await listAudit(db, filter, page)
            print(found.slice(0, limit))
            if (found.length <= limit) return
            after = found[limit - 1]?.id ?? null
          }
        },
      })
    })
  addExamples(audit, [
    'hub audit',
    'hub audit --user alice --since 2026-11-01T00:00:00Z',
    'hub audit --action session.sign-in --result failed --json --limit 1000',
  ])
  addExamples(
    audit
      .command('verify')
      .description(
        'compute the chain of hashes of the audit log anew. Exits with 3 if an entry was changed or removed',
      )
      .action(async (_options: unknown, command: Command) => {
        const io = ioOf(command)
        const { json } = command.optsWithGlobals<{ json: boolean }>()
        await withDatabase(command, async ({ db }) => {
          const progress = progressOf(io)
          const check = await findBrokenEntry(db, (count) => progress.show(`${count} entries`))
          progress.clear()
          const { count, broken } = check
          if (json) io.stdout.write(`${JSON.stringify(check)}\n`)
          else if (!broken) io.stdout.write(`${count} entries: none was changed or removed\n`)
          if (broken)
            throw new FoundProblemsError(
              `entry ${broken.id} of the audit log: ${broken.reason}. The ${count} entries before it are as they were written`,
            )
        })
      }),
    ['hub audit verify', 'hub audit verify --json'],
  )
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('it must be a whole number from 1 on')
  return Number(text)
}
