import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { StorageFullError } from '../../../server/errors.ts'
import type { StopReason } from '../../../server/scheduling/scheduler.ts'
import { cancelRun, findRun } from '../../../server/scheduling/runs.ts'
import { testApp, type TestApp } from '../../app.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, emptySchedule, scriptJob } from './scheduling-site.ts'
import { connect, exited, files, patience, soon, workOnce } from './work.ts'

// What happens to a run from two sides at once.

const clock = fakeClock()
let app: TestApp
let deps: Deps

beforeAll(async () => {
  app = await testApp({ keep: true, clock })
  deps = app.deps
  await deps.scheduler.start()
})
afterAll(() => app.close())

beforeEach(() => emptySchedule(deps))

const now = () => actAt(clock.now())

const stateOf = async (uuid: string) => (await findRun(deps.db, uuid))?.state

/** Time passes until the run waits. */
async function untilQueued(uuid: string): Promise<void> {
  await vi.waitFor(async () => {
    clock.advance(10_000)
    expect(await stateOf(uuid)).toBe('QUEUED')
  }, patience)
}

/** A promise, and what resolves it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

test('a worker that comes back while its run is given up is told so', async () => {
  const { runs } = await add(deps, scriptJob('late', 'debian-12'), now())
  const away = await connect(deps, 'own', 'debian-12', 'HUB')
  const { uuid } = await away.request(soon())
  await away.close()
  const back = await connect(deps, 'own', 'debian-12', 'HUB')
  const busy = gate()
  const others = deps.writer.transact([], () => busy.opened)
  const transact = vi.spyOn(deps.writer, 'transact')
  try {
    clock.advance(60_000)
    // What is known of the worker, and the end of the try.
    await vi.waitFor(() => expect(transact).toHaveBeenCalledTimes(2), patience)
    const resumed = back.resume(uuid)
    busy.open()
    await others
    expect(await resumed).toBeNull()
  } finally {
    transact.mockRestore()
  }
  await vi.waitFor(async () => expect(await stateOf(runs[0] ?? '')).toBe('QUEUED'), patience)
  await back.close()
})

test('a run is put back soon where the database does not take that at once', async () => {
  const { runs } = await add(deps, scriptJob('busy', 'debian-12'), now())
  const link = await connect(deps)
  await link.request(soon())
  const transact = vi.spyOn(deps.writer, 'transact').mockRejectedValueOnce(new StorageFullError())
  await expect(link.close()).rejects.toThrow(StorageFullError)
  transact.mockRestore()
  await untilQueued(runs[0] ?? '')
})

test('a run that is cancelled before its worker listens for that is stopped', async () => {
  const { runs } = await add(deps, scriptJob('unwanted', 'debian-12'), now())
  const link = await connect(deps, 'own', 'debian-12', 'HUB')
  const { uuid } = await link.request(soon())
  await cancelRun(deps, now(), { uuid: runs[0] ?? '' })
  const reason = await new Promise<StopReason>((resolve) => link.onStop(uuid, resolve))
  expect(reason.kind).toBe('CANCELLED')
  await link.close()
})

test('a run that its worker has never got waits again at once', async () => {
  const { runs } = await add(deps, scriptJob('early', 'debian-12'), now())
  const link = await connect(deps, 'own', 'debian-12', 'HUB')
  const leaving = new AbortController()
  const { transact } = deps.writer
  const claiming = vi.spyOn(deps.writer, 'transact').mockImplementation(async (...how) => {
    const made: unknown = await transact(...how)
    // The claim is committed, and the worker leaves before it is given its run.
    if (Array.isArray(made) && made.length > 0) leaving.abort(new Error('the worker drains'))
    return made
  })
  await link.request(leaving.signal).catch(() => null)
  claiming.mockRestore()
  expect(leaving.signal.aborted).toBe(true)
  await vi.waitFor(async () => expect(await stateOf(runs[0] ?? '')).toBe('QUEUED'), patience)
  await link.close()
})

test('the timer does not spin while the build of a try is stored whose time is over', async () => {
  await add(deps, scriptJob('slow', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await link.request(soon())
  const [asked, given] = [gate(), gate()]
  const finished = link.finish(
    uuid,
    exited(0),
    (async function* () {
      asked.open()
      await given.opened
      yield* files()
    })(),
  )
  await asked.opened
  const after = vi.spyOn(clock, 'after')
  clock.advance(3_600_000 + 60_000)
  await vi.waitFor(() => expect(after.mock.calls.map(([ms]) => ms)).toContain(60_000), patience)
  expect(after.mock.calls.filter(([ms]) => ms === 0)).toEqual([])
  after.mockRestore()
  given.open()
  await finished
  expect(await stateOf(uuid)).toBe('DONE')
  await link.close()
})

test('a worker that was forgotten while it was away gets runs again', async () => {
  await (await connect(deps, 'seasonal')).close()
  await vi.waitFor(async () => {
    clock.advance(1_000)
    expect(await deps.db.buildWorker.count({ where: { name: 'seasonal', connections: 0 } })).toBe(1)
  }, patience)
  clock.advance(400 * 24 * 3_600_000)
  await deps.writer.transact([], (tx) => tx.buildWorker.deleteMany({ where: { name: 'seasonal' } }))
  const { runs } = await add(deps, scriptJob('yearly', 'debian-12'), now())
  const link = await connect(deps, 'seasonal')
  expect((await workOnce(link)).uuid).toBe(runs[0])
  await link.close()
})
