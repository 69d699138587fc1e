import { expect, test, vi } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { UnsafeNameError } from '../../../server/formats/exec-names.ts'
import { createScheduler } from '../../../server/scheduling/create-scheduler.ts'
import { findRun } from '../../../server/scheduling/runs.ts'
import { testApp } from '../../app.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, scriptJob } from './scheduling-site.ts'
import { exited, files, soon, workerNamed } from './work.ts'

/** A scheduler whose writer can be told to fail, with a worker that has a run. */
async function siteWithRun() {
  const clock = fakeClock()
  const { deps } = await testApp({ clock })
  await add(deps, scriptJob('hello', 'debian-12'), actAt(clock.now()))
  const disk = { isFull: false }
  const writer: Deps['writer'] = {
    ...deps.writer,
    transact: (...transaction) =>
      disk.isFull
        ? Promise.reject(new Error('database or disk is full'))
        : deps.writer.transact(...transaction),
  }
  const scheduler = createScheduler({ ...deps, writer })
  await scheduler.start()
  const link = await scheduler.connect(workerNamed('w'))
  const { uuid } = await link.request(soon())
  return { clock, disk, link, scheduler, uuid, run: () => findRun(deps.db, uuid) }
}

test('a run that cannot be put back, as on a full disk, is put back when it can', async () => {
  const { clock, disk, link, run, scheduler, uuid } = await siteWithRun()
  disk.isFull = true
  await expect(link.lost(uuid, 'end of file')).rejects.toThrow('disk is full')
  await link.close()
  expect(await run()).toMatchObject({ state: 'ASSIGNED' })
  disk.isFull = false
  await vi.waitFor(
    async () => {
      clock.advance(1_000)
      expect(await run()).toMatchObject({ state: 'QUEUED', tries: [{ ending: 'PUT_BACK' }] })
    },
    { timeout: 60_000 },
  )
  await scheduler.close()
})

test('a path that the script should not have made ends the run: another try would make it again', async () => {
  const { link, run, scheduler, uuid } = await siteWithRun()
  const unreadable = (async function* () {
    yield* files({ 'bin/x': 'x' })
    throw new UnsafeNameError('"a\ufffd" is not UTF-8')
  })()
  await expect(link.finish(uuid, exited(0), unreadable)).rejects.toThrow('is not UTF-8')
  expect(await run()).toMatchObject({ state: 'FAILED', tries: [{ ending: 'LOST' }] })
  expect((await run())?.error).toContain('the path of a file "a\ufffd" is not UTF-8')
  await link.close()
  await scheduler.close()
})
