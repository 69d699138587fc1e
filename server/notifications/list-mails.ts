import type { Reader } from '../database/reader.ts'
import type { MailId, QueuedTaskId } from '../ids.ts'
import { sendMailKind } from './mail.ts'

/** WAITING: it is sent as soon as it can be. FAILED: all attempts gave an error. REFUSED: the mail server refuses the address. */
export type MailState = 'WAITING' | 'SENT' | 'REFUSED' | 'FAILED'

export type ListedMail = {
  id: number
  userName: string
  recipient: string
  kind: string
  subject: string
  createdAt: Date
  sentAt: Date | null
  state: MailState
  attempts: number
  /** Why the last attempt failed, or what the mail server said. */
  answer: string | null
  /** The task that sends it, by which it is sent again; null: there is none any more. */
  taskId: QueuedTaskId | null
}

/** The newest mails first. `isFailed`: only those that could not be sent. */
export async function listMails(
  db: Reader,
  { isFailed = false, limit = 50 }: { isFailed?: boolean; limit?: number } = {},
): Promise<ListedMail[]> {
  const dead = isFailed
    ? await db.queuedTask.findMany({
        where: { kind: sendMailKind, state: { in: ['DEAD', 'FAILED'] } },
        orderBy: { id: 'desc' },
        take: limit,
        select: { key: true },
      })
    : []
  const mails = await db.mail.findMany({
    ...(isFailed && {
      where: { OR: [{ state: 'REFUSED' }, { id: { in: dead.map(({ key }) => Number(key) as MailId) } }] },
    }),
    orderBy: { id: 'desc' },
    take: limit,
    include: { user: { select: { name: true } } },
  })
  const tasks = await db.queuedTask.findMany({
    where: { kind: sendMailKind, key: { in: mails.map(({ id }) => String(id)) } },
    select: { id: true, key: true, state: true, attempts: true, error: true },
  })
  const taskOf = new Map(tasks.map((task) => [task.key, task]))
  return mails.map(({ id, user, recipient, kind, subject, createdAt, sentAt, state, answer }) => {
    const task = taskOf.get(String(id))
    return {
      ...{ id, userName: user.name, recipient, kind, subject, createdAt, sentAt },
      ...{ state: stateOf(state, task?.state), attempts: task?.attempts ?? 0 },
      ...{ answer: answer ?? task?.error ?? null, taskId: task?.id ?? null },
    }
  })
}

function stateOf(mail: string, task: string | undefined): MailState {
  if (mail === 'SENT' || mail === 'REFUSED') return mail
  return task === 'DEAD' || task === 'FAILED' ? 'FAILED' : 'WAITING'
}
