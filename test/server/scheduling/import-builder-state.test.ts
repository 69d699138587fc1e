import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { neverAt } from '../../../server/formats/builder-commands.ts'
import { encodeState } from '../../../server/formats/builder-state.ts'
import { importBuilderState } from '../../../server/scheduling/import-builder-state.ts'
import { readInfo } from '../../../server/scheduling/read-info.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { actAt, add, queueOf, script, scriptJob } from './scheduling-site.ts'

const next = new Date('2027-03-14T15:09:26Z')
const hello = { kind: 'SCRIPT' as const, job: { name: 'hello', platform: 'debian-12', script: script() } }
const orb = { kind: 'OPAM_PACKAGE' as const, job: { name: 'orb', opamPackage: 'dns-primary-git' } }
const slash = { kind: 'OPAM_PACKAGE' as const, job: { name: 'a/b', opamPackage: 'x' } }
const state = {
  schedules: [
    { next, period: 'DAILY' as const, job: hello },
    { next: neverAt, period: 'NEVER' as const, job: orb },
    { next, period: 'WEEKLY' as const, job: slash },
  ],
  queues: [
    { platform: 'debian-12', jobs: [orb, hello] },
    { platform: 'empty', jobs: [] },
  ],
  droppedPlatforms: ['debian-9'],
  ignored: 0,
}

test('what builder-server schedules is taken over once, with what waits in its order', async () => {
  const { deps } = await testApp()
  const take = (isDryRun = false) => importBuilderState(deps, actAt(), state, { isDryRun })
  const refused = [{ name: 'job a/b', reason: expect.stringContaining('contains "/"') as string }]
  const first = { schedules: 2, present: 0, queued: 2, dropped: 1, refused }
  expect(await take(true)).toEqual(first)
  expect(await deps.db.schedule.count()).toBe(0)
  expect(await take()).toEqual(first)
  expect(await queueOf(deps, 'debian-12')).toEqual(['orb', 'hello'])
  const info = await readInfo(deps.db)
  expect(info.schedules.map(({ job, nextAt, period }) => [job.name, nextAt, period]).sort()).toEqual([
    ['hello', next, 'DAILY'],
    ['orb', null, 'NEVER'],
  ])
  expect(info.queues.map(({ platform }) => platform)).toEqual(['debian-12', 'empty'])
  expect(info.dropped).toEqual(['debian-9'])
  expect(await take()).toMatchObject({ schedules: 0, present: 2, queued: 0, dropped: 0 })
})

test('jobs that are here keep their schedule', async () => {
  const { deps } = await testApp()
  await add(deps, scriptJob('hello', 'freebsd-14'))
  const report = await importBuilderState(deps, actAt(), state, { isDryRun: false })
  expect(report.present).toBe(1)
  expect(report.refused.map(({ name }) => name)).toEqual(['job a/b', 'job hello in the queue of debian-12'])
})

test('hub import builder-state reads the file, and names what it refuses', async () => {
  const dir = temporaryDir()
  const file = join(dir, 'state')
  writeFileSync(file, encodeState(state))
  const args = ['import', 'builder-state', file, '--data-dir', join(dir, 'data')]
  await hub(['user', 'add', 'alice', '--data-dir', join(dir, 'data')], { input: 'a password of alice\n' })
  const { status, stdout, stderr } = await hub(args)
  expect(stderr).toContain('1 refused')
  expect(stdout).toContain(
    'schedules taken over: 2; there already: 0\nruns queued: 2\nplatforms dropped: 1\n',
  )
  expect(stdout).toContain('refused: job a/b')
  expect(status).toBe(3)
  writeFileSync(file, 'garbage')
  expect((await hub(args)).stderr).toContain('malformed state of builder')
})
