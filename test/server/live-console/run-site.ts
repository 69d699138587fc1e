import { randomUUID } from 'node:crypto'
import type { RunState, TryEnding, TryState } from '../../../server/scheduling/run-state.ts'
import type { TestApp } from '../../app.ts'

type Site = Pick<TestApp, 'deps'>
const sha256 = '0'.repeat(64)

/** A definition of a run as its column has it. */
const definition = JSON.stringify({
  work: { kind: 'SCRIPT', platform: 'debian-12', scriptSha256: sha256 },
})

/** A row of Run, as the scheduler writes it. Returns its UUID. */
export async function addRun(
  { deps: { writer } }: Site,
  given: { job?: string; platform?: string; state?: RunState; uuid?: string; position?: number } = {},
): Promise<string> {
  const { job = 'hello', platform = 'debian-12', state = 'QUEUED', uuid = randomUUID(), position = 1 } = given
  await writer.transact(['runs'], (tx) =>
    tx.run.create({
      data: {
        ...{ uuid, job, platform, state, position, definition },
        ...{ cause: 'REQUEST', kind: 'SCRIPT', priority: 0, maxParallel: 1 },
        queuedAt: new Date('2026-11-30T10:00:00Z'),
      },
    }),
  )
  return uuid
}

/** Changes the state of a run. */
export async function setRun({ deps: { writer } }: Site, uuid: string, state: RunState): Promise<void> {
  await writer.transact(['runs'], (tx) => tx.run.update({ where: { uuid }, data: { state } }))
}

/** Gives the run to a worker; its console is open then. Returns the UUID of the try. */
export async function addTry({ deps: { writer, consoles } }: Site, run: string): Promise<string> {
  const { number, uuid } = await writer.transact(['runs'], async (tx) => {
    const { id, tryCount } = await tx.run.update({
      where: { uuid: run },
      data: { state: 'ASSIGNED', tryCount: { increment: 1 }, startedAt: new Date('2026-11-30T10:01:00Z') },
    })
    return tx.runTry.create({
      data: {
        ...{ runId: id, number: tryCount, uuid: tryCount === 1 ? run : randomUUID(), scriptSha256: sha256 },
        ...{ workerName: `worker-${tryCount}`, address: '127.0.0.1:4000', state: 'ASSIGNED' },
        ...{ assignedAt: new Date('2026-11-30T10:01:00Z'), deadlineAt: new Date('2026-11-30T11:02:00Z') },
      },
    })
  })
  if (number > 0) await consoles.open(uuid)
  return uuid
}

export async function setTry(
  { deps: { writer } }: Site,
  uuid: string,
  data: { state: TryState; ending?: TryEnding; error?: string },
): Promise<void> {
  await writer.transact(['runs'], (tx) => tx.runTry.update({ where: { uuid }, data }))
}

/** Prints lines `from` to `to`, exclusive, on the console of a try. */
export async function print({ deps: { consoles } }: Site, uuid: string, from: number, to: number) {
  const lines = Array.from({ length: to - from }, (_, n) => ({
    deltaNs: BigInt(from + n) * 1_000_000n,
    text: Buffer.from(`line ${from + n}`),
  }))
  await consoles.find(uuid)?.append(lines)
}
