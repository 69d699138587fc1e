import type { Deps } from '../deps.ts'
import type { ActiveTries, ActiveTry } from './active-tries.ts'

type Mark = {
  active: ActiveTry
  state: 'RUNNING' | 'UPLOADED'
  at: Date
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Writes how far tries are: RUNNING, or UPLOADED. Those that come while a transaction runs, together in the next one; those that have
 * ended meanwhile are left out.
 */
export function markTries({ clock, writer }: Pick<Deps, 'clock' | 'writer'>, tries: ActiveTries) {
  let marks: Mark[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    isWriting = true
    while (marks.length > 0) {
      const some = marks
      marks = []
      try {
        await write(some)
        for (const { resolve } of some) resolve()
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    isWriting = false
  }

  const write = (some: readonly Mark[]) =>
    writer.transact(
      (count: number) => (count > 0 ? ['runs'] : []),
      async (tx) => {
        const left = some.filter(({ active }) => tries.find(active.attempt.uuid) === active)
        const started = left.filter(({ state }) => state === 'RUNNING')
        if (started.length > 0) {
          await tx.runTry.updateMany({
            where: { id: { in: started.map(({ active }) => active.id) }, state: 'ASSIGNED' },
            data: { state: 'RUNNING', startedAt: started[0]?.at ?? null },
          })
          await tx.run.updateMany({
            where: { id: { in: started.map(({ active }) => active.runId) }, state: 'ASSIGNED' },
            data: { state: 'RUNNING' },
          })
        }
        const uploaded = left.filter(({ state }) => state === 'UPLOADED')
        if (uploaded.length > 0)
          await tx.run.updateMany({
            where: {
              ...{ id: { in: uploaded.map(({ active }) => active.runId) } },
              state: { in: ['ASSIGNED', 'RUNNING'] },
            },
            data: { state: 'UPLOADED' },
          })
        return left.length
      },
      undefined,
      { durability: 'LATER' },
    )

  return (active: ActiveTry, state: Mark['state']): Promise<void> =>
    new Promise((resolve, reject) => {
      marks.push({ active, state, at: clock.now(), resolve, reject })
      if (!isWriting) void writeAll()
    })
}

export type MarkTry = ReturnType<typeof markTries>
