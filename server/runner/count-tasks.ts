import type { Reader } from '../database/reader.ts'

export type TaskCounts = {
  kinds: { kind: string; pending: number; running: number; done: number; failed: number; dead: number }[]
  /** Dead letters: the most frequent errors first. `key` is that of one of the tasks. */
  dead: { kind: string; error: string; count: number; key: string }[]
}

/** Errors that are told at most. */
export const maxErrors = 20

/** How the queued tasks of a hub stand. Reads all their rows. */
export async function countTasks(db: Reader): Promise<TaskCounts> {
  const groups = await db.queuedTask.groupBy({
    by: ['kind', 'state'],
    _count: true,
    orderBy: { kind: 'asc' },
  })
  const errors = await db.queuedTask.groupBy({
    by: ['kind', 'error'],
    where: { state: 'DEAD' },
    _count: true,
    _max: { key: true },
    orderBy: [{ _count: { id: 'desc' } }, { kind: 'asc' }, { error: 'asc' }],
    take: maxErrors,
  })
  return {
    kinds: [...new Set(groups.map(({ kind }) => kind))].map((kind) => {
      const countOf = (state: string) =>
        groups.find((group) => group.kind === kind && group.state === state)?._count ?? 0
      return {
        ...{ kind, pending: countOf('PENDING'), running: countOf('RUNNING') },
        ...{ done: countOf('DONE'), failed: countOf('FAILED'), dead: countOf('DEAD') },
      }
    }),
    dead: errors.map(({ kind, error, _count, _max }) => ({
      ...{ kind, error: error ?? 'no error is known', count: _count, key: _max.key ?? '' },
    })),
  }
}
