import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { DomainError } from '../errors.ts'
import { parseVerifierKey, verifierKey } from '../formats/signing/signed-note.ts'
import { witnessKey } from '../signing/site-keys.ts'
import { witnessName } from '../transparency/log-head.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/** This site is no witness of the log that a command names. */
export class UnknownLogError extends DomainError {
  override readonly name = 'UnknownLogError'
}

/** `hub witness`: add, list, remove, key. */
export function addWitnessCommands(hub: Command): void {
  const witness = hub.command('witness').description('which logs of other sites this site is a witness of')
  addExamples(
    witness
      .command('add')
      .argument('<vkey>', 'the key of the log, as the page /keys of that site shows it')
      .description('sign checkpoints of a log from now on, as long as it only grows')
      .action(async (vkey: string, _options: object, command: Command) => {
        const { name: origin } = parseVerifierKey(vkey)
        await withDatabase(command, async ({ writer }) => {
          const act = actOfCommand()
          await writer.transact([], async (tx) => {
            const row = { verifierKey: vkey.trim() }
            await tx.witnessedLog.upsert({
              where: { origin },
              create: { origin, ...row, size: 0, addedAt: act.at },
              update: row,
              select: { origin: true },
            })
            await recordAudit(tx, { ...act, action: 'witness.add', target: origin, detail: row })
          })
          ioOf(command).stdout.write(
            `this site is a witness of ${origin}: it posts to /witness/add-checkpoint\n`,
          )
        })
      }),
    ['hub witness add builds.example.org/log+6b1dcc3d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'],
  )
  witness
    .command('remove')
    .argument('<origin>', 'the name of the log')
    .description('sign no further checkpoints of a log')
    .action(async (origin: string, _options: object, command: Command) => {
      await withDatabase(command, async ({ writer }) => {
        const act = actOfCommand()
        await writer.transact([], async (tx) => {
          const { count } = await tx.witnessedLog.deleteMany({ where: { origin } })
          if (count === 0)
            throw new UnknownLogError(`this site is no witness of ${origin}: see "hub witness list"`)
          await recordAudit(tx, { ...act, action: 'witness.remove', target: origin, detail: {} })
        })
      })
    })
  witness
    .command('list')
    .description('print the logs that this site is a witness of')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      await withDatabase(command, async ({ db }) => {
        const logs = await db.witnessedLog.findMany({ orderBy: { origin: 'asc' } })
        const lines = logs.map(
          ({ origin, size, seenAt }) =>
            `${origin}: ${size} entries seen${seenAt ? `, ${seenAt.toISOString()}` : ''}\n`,
        )
        ioOf(command).stdout.write(json ? `${JSON.stringify(logs, null, 2)}\n` : lines.join(''))
      })
    })
  witness
    .command('key')
    .description(
      'print the key that this site signs with as a witness: the other site puts it into its file of witnesses',
    )
    .action(async (_options: object, command: Command) => {
      const config = readConfig(environmentOf(command))
      await withDatabase(command, async ({ db, writer }) => {
        const key = await witnessKey({ config, db, writer }, new Date())
        if (!key) throw new UnknownLogError('the site signs nothing: --signing is off')
        ioOf(command).stdout.write(`${verifierKey({ name: witnessName(config), key }, 'cosignature')}\n`)
      })
    })
}
