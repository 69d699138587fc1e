import type { Reader } from '../database/reader.ts'
import { countTasks } from '../runner/count-tasks.ts'
import { ok, warning, type Finding } from './check.ts'

/** Whether somebody can upload, and what the background could not do. */
export async function checkContent(db: Reader): Promise<Finding[]> {
  const users = await db.user.count({ where: { disabled: false } })
  const dead = (await countTasks(db)).kinds.filter((kind) => kind.dead > 0)
  const damaged = await db.damagedBlob.count()
  return [
    users === 0
      ? warning('no user can upload: "hub user add NAME" creates one')
      : ok(`${users} users can upload`),
    ...(dead.length === 0
      ? [ok('no task of the background is dead')]
      : dead.map(({ kind, dead: count }) =>
          warning(`${count} tasks of the kind ${kind} are dead: "hub tasks status" says why`),
        )),
    damaged === 0
      ? ok('no stored file is known to be damaged')
      : warning(`${damaged} stored files are damaged: "hub verify" names them`),
  ]
}
