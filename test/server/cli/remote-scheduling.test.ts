import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actAt, add, opamJob, scriptJob } from '../scheduling/scheduling-site.ts'
import { siteOfCommands, type SiteOfCommands } from './remote-site.ts'

let site: SiteOfCommands
let uuid: string

beforeAll(async () => {
  site = await siteOfCommands()
  const { db, writer } = site.server.deps
  const { runs } = await add(site.server.deps, {
    ...scriptJob('hello', 'debian-12'),
    ...{ period: 'CRON', cron: '30 4 * * 1', timeZone: 'Europe/Berlin', priority: -3 },
    ...{
      limits: { memoryBytes: 2 ** 30, cpus: 1.5 },
      reproduce: { times: 2, platforms: 'all', within: '12h' },
    },
  })
  await add(site.server.deps, opamJob('dns', 'dns-primary-git'))
  await add(site.server.deps, {
    ...opamJob('web'),
    work: { kind: 'OPAM_PACKAGE', opamPackage: 'web', platforms: ['debian-12', 'debian-13'] },
    reproduce: { times: 3, platforms: ['debian-13'] },
  })
  uuid = runs[0] ?? ''
  const at = actAt().at
  await writer.transact(['runs'], async (tx) => {
    const run = await tx.run.findUniqueOrThrow({ where: { uuid } })
    for (const [name, disconnectedAt] of [
      ['arm-1', null],
      ['box-1', at],
    ] as const)
      await tx.buildWorker.create({
        data: {
          ...{ name, platform: 'debian-12', address: '192.0.2.1', protocol: 'HUB', software: 'hub-worker 1' },
          ...{
            slots: 2,
            connections: disconnectedAt ? 0 : 1,
            connectedAt: at,
            lastSeenAt: at,
            disconnectedAt,
          },
        },
      })
    await tx.runTry.create({
      data: {
        ...{ runId: run.id, number: 1, uuid, workerName: 'box-1', address: '192.0.2.1', state: 'ENDED' },
        ...{ scriptSha256: '0'.repeat(64), ending: 'PUT_BACK', assignedAt: at, startedAt: at, endedAt: at },
        ...{ deadlineAt: at, error: 'the worker is gone' },
      },
    })
    await tx.run.updateMany({
      where: { uuid },
      data: { tryCount: 1, reason: 'a ‮trick', requestedBy: 'bob' },
    })
  })
  expect(await db.run.count()).toBeGreaterThan(0)
  const template = join(site.dir, 'template')
  writeFileSync(template, '#!/bin/sh\necho %%OPAM_PACKAGE%%\n')
  await site.local('template', 'set', 'debian-12', template)
  writeFileSync(join(site.dir, 'config', 'orb-build.template.debian-13'), '#!/bin/sh\necho file\n')
  await site.local('schedule', 'update', 'dns', '--period', 'weekly')
  await site.local('schedule', 'pause', 'web')
})
afterAll(() => site.stop())

test.for([
  'run list',
  'run list --json',
  'run list --state queued --cause schedule --job hello --platform debian-12 --worker box-1 --limit 1',
  'run show UUID',
  'run show UUID --json',
  'queue list',
  'queue list --json',
  'schedule list',
  'schedule list --json',
  'schedule show hello',
  'schedule show hello --json',
  'schedule show web --json',
  'schedule history dns',
  'schedule history dns --json --limit 1',
  'template list',
  'template list --json',
  'template show debian-12',
  'template show debian-13',
  'template history debian-12',
  'template history debian-12 --json',
  'worker list',
  'worker list --json',
])('hub %s says the same of a site as of its data directory', async (line) => {
  const args = line.replace('UUID', uuid).split(' ')
  const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
  expect(near).toMatchObject({ status: 0, stderr: '' })
  expect(near.stdout).not.toBe('')
  expect(far).toEqual(near)
})

test('commands at a site change its runs, queues, schedules and templates', async () => {
  const { db } = site.server.deps
  const done = async (...args: string[]) => {
    const { status, stderr, stdout } = await site.remote(...args)
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }
  const script = join(site.dir, 'two.sh')
  writeFileSync(script, '#!/bin/sh\necho two\n')
  const added = await done(
    ...['schedule', 'add', 'two', '--script', script, '--platform', 'debian-12', '--memory', '2G'],
    ...['--reproduce', '2', '--reproduce-on', 'debian-12', '--timeout', '60'],
  )
  const [run = ''] = /[0-9a-f-]{36}/.exec(added) ?? []
  expect(added).toBe(`the job two is scheduled: run ${run} waits\n`)
  await done('schedule', 'update', 'two', '--reproduce-within', '3d', '--cpus', '2', '--period', 'weekly')
  expect(JSON.parse((await site.local('schedule', 'show', 'two', '--json')).stdout)).toMatchObject({
    ...{ period: 'WEEKLY', script: '#!/bin/sh\necho two\n', timeoutSeconds: 60 },
    limits: { memoryBytes: 2 * 2 ** 30, cpus: 2 },
    reproduce: { times: 2, platforms: ['debian-12'], within: '3d' },
  })
  await done('schedule', 'update', 'two', '--reproduce', 'section')
  expect(await done('schedule', 'set-section', 'Tools', '--times', '3', '--on', 'debian-12')).toBe(
    'Tools: 3 builds in all, on debian-12, within 7d\n',
  )
  expect(await site.local('schedule', 'sections', '--json')).toEqual(
    await site.remote('schedule', 'sections', '--json'),
  )
  expect(await done('schedule', 'remove-section', 'Tools')).toBe('the section Tools has no policy any more\n')
  await done('schedule', 'update', 'two', '--opam', 'two-package', '--platform', 'debian-12')
  expect(JSON.parse((await site.local('schedule', 'show', 'two', '--json')).stdout)).toMatchObject({
    work: { opamPackage: 'two-package', platforms: ['debian-12'] },
    reproduce: null,
  })
  expect(await done('schedule', 'reschedule', 'two', '2030-01-01T00:00:00Z', '--period', 'daily')).toBe(
    'the job two is queued at 2030-01-01T00:00:00.000Z\n',
  )
  expect(await done('schedule', 'pause', 'two')).toBe('the schedule of two is paused\n')
  expect(await db.schedule.findUnique({ where: { job: 'two' } })).toMatchObject({ isPaused: true })
  await done('schedule', 'resume', 'two')
  expect(await done('run', 'cancel', run, '--reason', 'wrong')).toBe(`run ${run} is cancelled\n`)
  expect(await db.run.findUnique({ where: { uuid: run } })).toMatchObject({
    state: 'CANCELLED',
    error: 'cancelled by alice: wrong',
  })
  expect(await site.remote('run', 'observe', run)).toEqual({
    ...{ status: 1, stdout: '', stderr: 'the run is over: cancelled, cancelled by alice: wrong\n' },
  })
  const again = (await done('run', 'retry', run)).trim()
  expect(await db.run.findUnique({ where: { uuid: again } })).toMatchObject({ cause: 'RETRY' })
  await done('run', 'cancel', again)
  const asked = (await done('job', 'run', 'two', '--platform', 'debian-12', '--reason', 'a fix')).trim()
  expect(await db.run.findUnique({ where: { uuid: asked } })).toMatchObject({ requestedBy: 'alice' })

  expect(await done('queue', 'pause', 'debian-12')).toBe('debian-12 is paused\n')
  expect((await site.local('queue', 'list')).stdout).toContain('debian-12: paused, ')
  await done('queue', 'resume', 'debian-12')
  expect(await done('queue', 'drop', 'debian-12')).toBe('debian-12 is dropped\n')
  await done('queue', 'undrop', 'debian-12')
  await done('schedule', 'remove', 'two')
  expect(await db.schedule.count({ where: { job: 'two' } })).toBe(0)

  expect(await done('template', 'set', 'netbsd-10', script)).toBe('the template of netbsd-10 is written\n')
  expect((await site.local('template', 'show', 'netbsd-10')).stdout).toBe('#!/bin/sh\necho two\n')
  await done('template', 'remove', 'netbsd-10')
  expect(await site.remote('template', 'set', 'debian-13', script)).toMatchObject({
    status: 0,
    stderr: 'the file orb-build.template.debian-13 wins over it\n',
  })
  const acts = await db.auditEntry.findMany({ where: { via: 'token', actor: 'alice' } })
  expect(new Set(acts.map(({ action }) => action))).toEqual(
    new Set(
      [
        ...['schedule.add', 'schedule.update', 'schedule.pause', 'schedule.resume'],
        ...['schedule.remove', 'run.cancel', 'run.retry', 'run.request', 'template.set', 'template.remove'],
        ...['queue.pause', 'queue.resume', 'queue.drop', 'queue.undrop'],
        ...['section-policy.set', 'section-policy.remove'],
      ].toSorted(),
    ),
  )
})

test('what a site refuses is said as the data directory says it, and scripts are for those who may see them', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000'
  for (const line of [
    `run show ${unknown}`,
    `run cancel ${unknown}`,
    `run retry ${unknown}`,
    'queue pause plan9',
    'schedule show nothing',
    'schedule pause nothing',
    'schedule update nothing --period daily',
    'schedule add dns --opam x',
    'template show plan9',
    'template remove plan9',
    'job run nothing',
  ]) {
    const args = line.split(' ')
    const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
    expect([line, near.status, near.stdout]).toEqual([line, 1, ''])
    expect([line, far]).toEqual([line, near])
  }
  const script = join(site.dir, 'latin-1.sh')
  writeFileSync(script, Uint8Array.of(0x23, 0xe4))
  expect(
    await site.remote('schedule', 'add', 'odd', '--script', script, '--platform', 'debian-12'),
  ).toMatchObject({
    status: 1,
    stderr: 'the script is not UTF-8: schedule it on the machine of the server\n',
  })
  const reads = await site.tokenWith('read')
  const asReader = (...args: string[]) => site.remote(...args, '--token-file', reads)
  expect(await asReader('template', 'show', 'debian-12')).toMatchObject({
    status: 1,
    stderr: 'templates are for tokens with the scope "schedule" or "admin:read"\n',
  })
  expect((await asReader('worker', 'list')).stdout).toContain('2 slots, hub-worker 1; connected since')
  expect((await asReader('schedule', 'history', 'hello')).stderr).toContain(
    'does not show this list to everybody: name a token with the scope "schedule"',
  )
  expect((await asReader('queue', 'pause', 'debian-12')).stderr).toContain('lacks the right schedule')
  expect(existsSync(site.nowhere)).toBe(false)
})
