import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

test('the command line schedules jobs, runs them, and manages queues and templates', async () => {
  const dir = temporaryDir()
  const script = join(dir, 'hello.sh')
  writeFileSync(script, '#!/bin/sh\necho hello\n')
  const run = (...args: string[]) =>
    hub([...args, '--data-dir', dir], {
      input: '#!/bin/sh\necho two\n',
      env: { BUILDER_HUB_CONFIG_DIR: join(dir, 'config') },
    })
  const said = async (...args: string[]) => {
    const { status, stderr, stdout } = await run(...args)
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }
  await hub(['user', 'add', 'alice', '--data-dir', dir], { input: 'secret\n' })

  expect(await said('schedule', 'add', 'hello', '--script', script, '--platform', 'debian-12')).toMatch(
    /^the job hello is scheduled: run [0-9a-f-]{36} waits\n$/,
  )
  expect(
    await said(
      ...['schedule', 'add', 'dns', '--opam', 'dns-primary-git', '--cron', '30 4 * * 1'],
      ...[
        '--time-zone',
        'Europe/Berlin',
        '--reproduce',
        '2',
        '--reproduce-on',
        'debian-12',
        '--memory',
        '4G',
      ],
    ),
  ).toMatch(/^the job dns is scheduled: run/)
  expect(await run('schedule', 'add', 'dns', '--opam', 'x')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has a schedule already: change that one') as string,
  })
  expect(await run('schedule', 'add', 'more', '--script', script)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('a script is for one platform: --platform NAME') as string,
  })
  expect((await run('schedule', 'add', 'more')).stderr).toContain('say what it builds')
  expect(await said('schedule', 'list')).toMatch(
    /^dns: cron 30 4 \* \* 1 \(Europe\/Berlin\), on all platforms; next \S+Z\nhello: every day, on debian-12; next \S+Z\n$/,
  )
  expect(await said('schedule', 'update', 'hello', '--script', '-', '--platform', 'debian-12')).toBe(
    'the schedule of hello is as asked for\n',
  )
  expect(await said('schedule', 'show', 'hello')).toContain('echo two')
  await said('schedule', 'update', 'dns', '--network', 'no', '--cpus', '1.5', '--reproduce-within', '12h')
  expect(JSON.parse(await said('schedule', 'show', 'dns', '--json'))).toMatchObject({
    ...{ job: 'dns', period: 'CRON', script: null, work: { opamPackage: 'dns-primary-git' } },
    limits: { allowsNetwork: false, memoryBytes: 4 * 2 ** 30, diskBytes: null, cpus: 1.5 },
    reproduce: { times: 2, platforms: ['debian-12'], within: '12h' },
  })
  await said('schedule', 'update', 'dns', '--reproduce', '1')
  expect(await said('schedule', 'show', 'dns')).toContain('reproduce: each output is built once\n')
  await said('schedule', 'update', 'dns', '--reproduce', 'section', '--memory', 'none', '--cpus', 'none')
  expect(JSON.parse(await said('schedule', 'show', 'dns', '--json'))).toMatchObject({
    ...{ reproduce: null, limits: { memoryBytes: null, cpus: null } },
  })
  expect(await said('schedule', 'show', 'dns')).toContain('reproduce: as its section says\n')
  expect(await said('schedule', 'set-section', 'Tools', '--times', '2')).toBe(
    'Tools: 2 builds in all, on any platform, within 7d\n',
  )
  await said('schedule', 'set-section', 'Tools', '--on', 'all', '--within', '12h')
  expect(await said('schedule', 'sections')).toBe('Tools: 2 builds in all, on all platforms, within 12h\n')
  expect((await run('schedule', 'set-section', 'Tools', '--times', '11')).stderr).toContain(
    'times: it must be an integer from 1 to 10',
  )
  await said('schedule', 'remove-section', 'Tools')
  expect((await run('schedule', 'remove-section', 'Tools')).stderr).toContain(
    'the section Tools has no policy',
  )
  expect(await said('schedule', 'history', 'hello')).toMatch(
    /^version 2, .*, by .*\n[^]*echo two[^]*version 1, [^]*echo hello/,
  )
  expect(await said('schedule', 'pause', 'dns')).toBe('the schedule of dns is paused\n')
  expect(await said('schedule', 'list')).toContain(
    'dns: cron 30 4 * * 1 (Europe/Berlin), on all platforms; paused',
  )
  expect(await said('schedule', 'resume', 'dns')).toBe('the schedule of dns goes on\n')
  expect(await said('schedule', 'reschedule', 'dns', '2030-01-01T00:00:00Z', '--period', 'weekly')).toBe(
    'the job dns is queued at 2030-01-01T00:00:00.000Z\n',
  )

  const uuid = (await said('job', 'run', 'hello', '--reason', 'a fix')).trim()
  expect(await said('run', 'list', '--job', 'hello')).toContain(
    `${uuid} hello on debian-12: queued; schedule by`,
  )
  expect(await said('run', 'show', uuid)).toContain('“a fix”')
  expect(await said('run', 'cancel', uuid, '--reason', 'wrong')).toBe(`run ${uuid} is cancelled\n`)
  const again = (await said('run', 'retry', uuid)).trim()
  expect(again).not.toBe(uuid)
  const listed = JSON.parse(await said('run', 'list', '--state', 'cancelled', '--json')) as object[]
  expect(listed).toMatchObject([{ uuid, job: 'hello', state: 'CANCELLED' }])
  expect(await run('run', 'show', '00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 1 })

  expect(await said('queue', 'list')).toBe('debian-12: 2 waiting, 0 under way\n')
  expect(await said('queue', 'pause', 'debian-12')).toBe('debian-12 is paused\n')
  expect(await said('queue', 'list')).toBe('debian-12: paused, 2 waiting, 0 under way\n')
  expect(await said('queue', 'resume', 'debian-12')).toBe('debian-12 goes on\n')
  expect(await said('worker', 'list')).toBe('')

  expect(await said('template', 'set', 'debian-12', '-')).toBe('the template of debian-12 is written\n')
  expect(await said('template', 'list')).toBe('debian-12, opam packages: the database\n')
  expect(await said('template', 'show', 'debian-12')).toBe('#!/bin/sh\necho two\n')
  expect(await said('template', 'remove', 'debian-12')).toBe('the template of debian-12 is removed\n')
  expect(await said('template', 'history', 'debian-12')).toMatch(/^version 2, .*\n {2}removed\nversion 1, /)
  expect(await run('template', 'show', 'debian-12')).toMatchObject({ status: 1 })

  expect(await said('queue', 'drop', 'debian-12')).toBe('debian-12 is dropped\n')
  expect(await said('queue', 'undrop', 'debian-12')).toBe('debian-12 is taken back\n')
  expect(await said('schedule', 'remove', 'dns')).toBe('the job dns is not scheduled any more\n')
  expect(await said('schedule', 'list')).toBe('')
})
