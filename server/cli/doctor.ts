import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { missingMigrations, siteDatabaseOf } from '../database/site-database.ts'
import type { Finding, Level } from '../doctor/check.ts'
import { problem } from '../doctor/check.ts'
import { checkBlobStore } from '../doctor/check-blob-store.ts'
import { checkBackup } from '../doctor/check-backup.ts'
import { checkContent } from '../doctor/check-content.ts'
import { checkHooks } from '../doctor/check-hooks.ts'
import { checkConfigFile, checkMachine } from '../doctor/check-machine.ts'
import { checkMailServer, checkMailSettings } from '../doctor/check-mail.ts'
import { checkKeys } from '../doctor/check-keys.ts'
import { checkLog } from '../doctor/check-log.ts'
import { checkMirror } from '../doctor/check-mirror.ts'
import { checkBuilderListener, checkScheduling } from '../doctor/check-scheduling.ts'
import { checkWebhooks } from '../doctor/check-webhooks.ts'
import { checkIdentity } from '../doctor/check-identity.ts'
import { checkRetention } from '../doctor/check-retention.ts'
import { checkDatabase, checkDataDir, checkPublicUrl, checkServer } from '../doctor/check-site.ts'
import { operatorMessage } from '../operator-errors.ts'
import { configFileOf } from '../settings/given-settings.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { addSettings, environmentOf, flagsOf, settingsOfServerAlone } from './settings.ts'

const marks: Record<Level, string> = { ok: 'ok', warning: 'WARNING', problem: 'PROBLEM' }

/** `hub doctor` */
export function addDoctorCommand(hub: Command): void {
  const doctor = addSettings(hub.command('doctor'), settingsOfServerAlone)
    .description(
      'look for what the operator can mend: settings, machine, data directory, database, server, proxy, tasks, backup. It changes ' +
        'nothing. The exit status is 3 if there is a warning or a problem',
    )
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const found = await examine(command)
      const { stdout } = ioOf(command)
      if (json) stdout.write(`${JSON.stringify(found, null, 2)}\n`)
      else for (const { level, text } of found) stdout.write(`${marks[level].padEnd(8)} ${text}\n`)
      const count = found.filter(({ level }) => level !== 'ok').length
      if (count > 0)
        throw new FoundProblemsError(`${count} of ${found.length} checks found something to mend`)
    })
  addExamples(doctor, ['hub doctor', 'hub doctor --config /etc/builder-hub/config.toml --json'])
}

/** Each check runs, whatever the others find. */
async function examine(command: Command): Promise<Finding[]> {
  // Without valid settings nothing else can be looked at: that is the answer of `hub config check`, too.
  const config = readConfig(environmentOf(command))
  const database = await siteDatabaseOf(config)
  const found: Finding[] = []
  const run = async (check: () => Finding[] | Promise<Finding[]>) => {
    try {
      found.push(...(await check()))
    } catch (error) {
      const message = operatorMessage(error, config.dataDir)
      if (message === null) throw error
      found.push(problem(message))
    }
  }
  await run(() => checkConfigFile(configFileOf(flagsOf(command), ioOf(command).env)))
  await run(checkMachine)
  await run(() => checkDataDir(config))
  // What opens a database creates its file.
  if (!existsSync(config.dataDir)) return found
  await run(() => checkDatabase(database))
  await run(() => checkBlobStore(config))
  if (found.every(({ level }) => level !== 'problem') && (await missingMigrations(database)).length === 0)
    await run(async () => {
      const opened = await database.open()
      try {
        return [
          ...(await checkContent(opened.db)),
          ...(await checkBackup(opened.db, config, new Date())),
          ...(await checkMirror(opened.db, config)),
          ...(await checkWebhooks(opened.db, config)),
          ...(await checkKeys(opened.db, config)),
          ...(await checkLog(opened.db, config)),
          ...(await checkHooks(opened.db, config, new Date())),
          ...(await checkScheduling(opened.db, config, new Date())),
        ]
      } finally {
        await opened.closeDatabase()
      }
    })
  await run(() => checkMailSettings(config))
  await run(() => checkMailServer(config))
  await run(() => checkRetention(config))
  await run(() => checkIdentity(config))
  await run(() => checkBuilderListener(config))
  await run(() => checkServer(config, database))
  await run(() => checkPublicUrl(config))
  return found
}
