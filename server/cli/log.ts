import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import { headAndRefusal } from '../transparency/check-head.ts'
import { followLog } from '../transparency/follow-log.ts'
import { toHex } from '../transparency/log-head.ts'
import { readLogState, type LogState } from '../transparency/read-log-state.ts'
import { resetLog } from '../transparency/reset-log.ts'
import { verifyLog } from '../transparency/verify-log.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { jsonText } from './json-text.ts'
import { readLogStateAt } from './remote/administered.ts'
import { onSite } from './remote/on-site.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/** `hub log`: show, verify, follow, reset. */
export function addLogCommands(hub: Command): void {
  const log = hub
    .command('log')
    .description('the log of what the site states: nobody can change it later without being found out')
  addShow(log)
  addVerify(log)
  addFollow(log)
  addReset(log)
}

const entriesOf = (count: number) => (count === 1 ? '1 entry' : `${count.toLocaleString('en-US')} entries`)

const configOf = (command: Command) => readConfig(environmentOf(command))

function addShow(log: Command): void {
  log
    .command('show')
    .description('print the state of the log, and the signed checkpoint')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const found = await onSite<LogState | null>(command, {
        remote: readLogStateAt,
        local: ({ db }) => readLogState(db, configOf(command).dataDir, new Date()),
      })
      const { stdout } = ioOf(command)
      if (!found) {
        stdout.write(json ? 'null\n' : 'the log has no entry yet: the server writes it\n')
        return
      }
      const { note, origin, pendingCount, refusal, root, size, startedAt } = found
      stdout.write(
        json
          ? jsonText({ origin, size, root, startedAt, refusal, note })
          : `log ${origin} with ${entriesOf(size)} since ${startedAt.toISOString()}\n` +
              `root ${root}\n` +
              (pendingCount === 0 ? '' : `${entriesOf(pendingCount)} or more wait\n`) +
              (refusal === null ? '' : `${refusal}\n`) +
              `\n${note}`,
      )
    })
}

function addVerify(log: Command): void {
  log
    .command('verify')
    .description(
      'read the whole log: compute its root anew, check the signature, and whether every statement that it names is stored. Exits with 3 if something is wrong',
    )
    .action(async (_options: object, command: Command) => {
      const config = configOf(command)
      await withDatabase(command, async ({ db }) => {
        const { stdout } = ioOf(command)
        const { head, refusal } = await headAndRefusal(db, config.dataDir)
        if (!head) {
          stdout.write('the log has no entry yet: the server writes it\n')
          return
        }
        const blobs = await siteBlobStore(config)
        const { entryCount, envelopeCount, problems } = await verifyLog({ db, blobs }, head)
        const all = refusal === null ? problems : [...problems, refusal]
        for (const problem of all) stdout.write(`${problem}\n`)
        if (all.length > 0) throw new FoundProblemsError(`${counted(all.length, 'fault')} of the log`)
        stdout.write(`the log is whole: ${entriesOf(entryCount)}, ${counted(envelopeCount, 'statement')}\n`)
      })
    })
}

function addFollow(log: Command): void {
  addExamples(
    log
      .command('follow')
      .argument('<url>', 'address of another site', parseSite)
      .description(
        'read what another site has added to its log since the last time, and check that it has changed nothing before. Tells which of its ' +
          'statements contradict outputs of this site. Exits with 3 if it finds that, or a changed log. Run it from cron',
      )
      .option(
        '--vkey <key>',
        'the key of that log, as its page /keys shows it; default: the first that was seen',
      )
      .option('--state <file>', 'where to remember what was read; default: a file in the data directory')
      .option('--json', 'print JSON', false)
      .action(
        async (url: string, options: { vkey?: string; state?: string; json: boolean }, command: Command) => {
          const { dataDir } = configOf(command)
          const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
          const state = options.state ?? join(dataDir, `followed-log-${name}`)
          await withDatabase(command, async ({ db }) => {
            const { stdout } = ioOf(command)
            const followed = await followLog(db, url, state, options.vkey ?? null)
            const { checkpoint, newEntries, contradictions } = followed
            if (options.json)
              stdout.write(
                `${JSON.stringify({ ...followed, checkpoint: { ...checkpoint, root: toHex(checkpoint.root) } }, null, 2)}\n`,
              )
            else {
              stdout.write(
                `${checkpoint.origin}: ${entriesOf(checkpoint.size)}, ${newEntries.length} new, nothing changed before\n`,
              )
              for (const { sha256, job, url: where } of contradictions)
                stdout.write(`a rebuild of ${job} gave another file than ${sha256}: ${where}\n`)
            }
            if (contradictions.length > 0)
              throw new FoundProblemsError(
                `${counted(contradictions.length, 'output')} of this site could not be rebuilt there`,
              )
          })
        },
      ),
    ['hub log follow https://builds.example.org'],
  )
}

function addReset(log: Command): void {
  addExamples(
    log
      .command('reset')
      .description(
        'end the log, and begin one with a new name. Only for a database that is older than what was published, as after a restore',
      )
      .option(
        '--new-origin',
        'yes: followers and witnesses of the old log have to take up the new one',
        false,
      )
      .action(async ({ newOrigin }: { newOrigin: boolean }, command: Command) => {
        if (!newOrigin)
          command.error('error: this ends the log of the site for ever. If that is meant, give --new-origin')
        const config = configOf(command)
        await withDatabase(command, async ({ db, writer }) => {
          const origin = await resetLog({ config, db, writer }, actOfCommand())
          ioOf(command).stdout.write(`the log of the site is ${origin} from now on\n`)
        })
      }),
    ['hub log reset --new-origin'],
  )
}

function parseSite(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('it must be an address, such as https://builds.example.org')
  return text.replace(/\/+$/, '')
}
