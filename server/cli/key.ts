import { Argument, type Command } from 'commander'
import { readConfig } from '../config.ts'
import { publicKeyOf, formsOf, listKeys, type KeyForms } from '../signing/list-keys.ts'
import { keyPurposes, type KeyPurpose } from '../signing/key-purpose.ts'
import { KeyManagementError, revokeKey, rotateKey } from '../signing/manage-keys.ts'
import { publicJwk } from '../formats/signing/jwk-set.ts'
import { newestHead } from '../transparency/log-head.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseTime } from './parse-time.ts'
import { describeKey, shownKey, stateOfKey, type PrintedKey } from './print-site.ts'
import { onSite } from './remote/on-site.ts'
import { listKeysAt, listKeysInAllForms } from './remote/site.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

const purposes = keyPurposes.map((purpose) => purpose.toLowerCase())

/** `hub key`: list, show, rotate, revoke. */
export function addKeyCommands(hub: Command): void {
  const key = hub
    .command('key')
    .description('show, replace or revoke the keys that the site signs statements with')
  addLooking(key)
  addRotate(key)
  addRevoke(key)
}

const configOf = (command: Command) => readConfig(environmentOf(command))

function addLooking(key: Command): void {
  key
    .command('list')
    .description('print all keys of the site, those of the past included')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const keys = await onSite<PrintedKey[]>(command, {
        remote: listKeysAt,
        local: ({ db }) => listKeys(db),
      })
      const none = 'there is no key yet: the server makes them at its start\n'
      ioOf(command).stdout.write(json ? jsonText(keys.map(shownKey)) : keys.map(describeKey).join('') || none)
    })
  addExamples(
    key
      .command('show')
      .argument('<key-id>', 'its id, or the first digits of it')
      .description('print a public key in all the forms that programs read')
      .option('--json', 'print the key as JSON Web Key', false)
      .action(async (id: string, { json }: { json: boolean }, command: Command) => {
        const { forms, ...found } = await onSite<PrintedKey & { forms: KeyForms }>(command, {
          remote: async (site) => findByPrefix(await listKeysInAllForms(site), id),
          async local({ db }) {
            const { host, port, publicUrl } = configOf(command)
            const key = findByPrefix(await listKeys(db), id)
            const head = await newestHead(db)
            return { ...key, forms: formsOf(key, publicUrl || `http://${host}:${port}`, head?.origin) }
          },
        })
        const { stdout } = ioOf(command)
        if (json) {
          stdout.write(jsonText(publicJwk(publicKeyOf(found))))
          return
        }
        const lines = [
          `id: ${found.keyId}`,
          `signs: ${found.purpose.toLowerCase()}`,
          `state: ${stateOfKey(found)}`,
          ...Object.entries(forms).flatMap(([form, text]) => (text === null ? [] : [`${form}: ${text}`])),
          found.publicKey,
        ]
        stdout.write(lines.join('\n'))
      }),
    ['hub key show 06e3fd8f'],
  )
}

function addRotate(key: Command): void {
  addExamples(
    key
      .command('rotate')
      .addArgument(new Argument('<purpose>', 'which key').choices(purposes))
      .description(
        'make a new key, which the old one introduces; the old private key is deleted, and what it has signed stays good',
      )
      .option('--keep', 'leave the old private key in a file of its own', false)
      .action(async (purpose: string, { keep }: { keep: boolean }, command: Command) => {
        const config = configOf(command)
        await withDatabase(command, async ({ db, writer }) => {
          const site = { config, db, writer }
          const made = await rotateKey(site, actOfCommand(), purpose.toUpperCase() as KeyPurpose, {
            isKept: keep,
          })
          ioOf(command).stdout.write(`the site signs with ${made} from now on\n`)
        })
      }),
    ['hub key rotate attest'],
  )
}

function addRevoke(key: Command): void {
  addExamples(
    key
      .command('revoke')
      .argument('<key-id>', 'its id, or the first digits of it')
      .description('say that others may have signed with a key; a key that is in use is replaced')
      .requiredOption('--since <time>', 'since when, such as 2026-01-01T00:00:00Z', parseTime)
      .requiredOption('--reason <text>', 'why: everybody can read it')
      .action(async (id: string, { since, reason }: { since: Date; reason: string }, command: Command) => {
        const config = configOf(command)
        await withDatabase(command, async ({ db, writer }) => {
          const { keyId } = findByPrefix(await listKeys(db), id)
          const given = { since, reason }
          const { newKeyId } = await revokeKey({ config, db, writer }, actOfCommand(), keyId, given)
          const text = newKeyId === null ? '' : `, and the site signs with ${newKeyId} from now on`
          ioOf(command).stdout.write(`the key ${keyId} is revoked${text}\n`)
        })
      }),
    ['hub key revoke 06e3fd8f --since 2026-11-01T00:00:00Z --reason "the machine was broken into"'],
  )
}

/** Throws KeyManagementError. */
function findByPrefix<Key extends PrintedKey>(keys: readonly Key[], id: string): Key {
  const [found, ...others] = keys.filter(({ keyId }) => keyId.startsWith(id.toLowerCase()))
  if (!found) throw new KeyManagementError(`the site has had no key ${id}: see "hub key list"`)
  if (others.length > 0) throw new KeyManagementError(`several keys begin with ${id}: give more digits`)
  return found
}
