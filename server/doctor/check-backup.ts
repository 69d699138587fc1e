import { readLastBackup } from '../backup/last-backup.ts'
import type { Config } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { ok, warning, type Finding } from './check.ts'

const hourMs = 3_600_000
/** As the alert rule: a day, and the time that a backup takes. */
const longestHours = 26

/** Whether the builds of the site are saved every day. A site without builds needs no backup yet. */
export async function checkBackup(
  db: Reader,
  { dataDir }: Pick<Config, 'dataDir'>,
  now: Date,
): Promise<Finding[]> {
  if ((await db.build.findFirst({ select: { id: true } })) === null) return []
  const last = await readLastBackup(dataDir)
  if (last === null) return [warning('no backup was made: run "hub backup FOLDER" every day')]
  const hours = Math.floor((now.getTime() - last.finishedAt.getTime()) / hourMs)
  const what = `the last backup ended ${counted(hours, 'hour')} ago, in ${last.folder}`
  return hours >= longestHours ? [warning(`${what}: run "hub backup" every day`)] : [ok(what)]
}
