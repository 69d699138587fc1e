import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { countTasks } from '../runner/count-tasks.ts'
import { rightsOf, roles } from '../users/rights.ts'
import { ok, warning, type Finding } from './check.ts'

const uploading = roles.filter((role) => rightsOf(role).includes('upload'))

/** Whether somebody can upload, and what the background could not do. */
export async function checkContent(db: Reader): Promise<Finding[]> {
  return [
    await checkUsers(db),
    ...describeDeadTasks((await countTasks(db)).kinds),
    describeDamage(await db.damagedBlob.count()),
  ]
}

export async function checkUsers(db: Reader): Promise<Finding> {
  const users = await db.user.count({ where: { disabled: false, role: { in: uploading } } })
  return users === 0
    ? warning('no user can upload: "hub user add NAME" creates one')
    : ok(`${counted(users, 'user')} can upload`)
}

export function describeDeadTasks(kinds: readonly { kind: string; dead: number }[]): Finding[] {
  const dead = kinds.filter((kind) => kind.dead > 0)
  return dead.length === 0
    ? [ok('no task of the background is dead')]
    : dead.map(({ kind, dead: count }) =>
        warning(
          `${counted(count, 'task')} of the kind ${kind} ${count === 1 ? 'is' : 'are'} dead: "hub tasks status" says why`,
        ),
      )
}

export const describeDamage = (count: number): Finding =>
  count === 0
    ? ok('no stored file is known to be damaged')
    : warning(
        `${counted(count, 'stored file')} ${count === 1 ? 'is' : 'are'} damaged: "hub verify" names them`,
      )
