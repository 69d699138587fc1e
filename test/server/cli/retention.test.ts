import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runHub } from '../../../server/cli/hub.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { hub } from '../../hub.ts'
import { temporaryDir } from '../../app.ts'
import { factSite, store, type Told } from '../facts/fact-site.ts'
import { uuidOf } from '../graphql-site.ts'

const base: Told = {
  ...{ job: 'one', platform: 'debian-12', failed: false, durationMs: 5_000, input: 1, output: 1 },
  ...{ readme: null, opamSwitch: null, startedAt: new Date(0) },
}

/** A data directory with the builds 1 to 6 of the job `one`, one a day, and 7 and 8 of the job `two`. */
async function dataDirWithBuilds() {
  const site = await factSite()
  for (let number = 1; number <= 8; number++) {
    const job = number <= 6 ? 'one' : 'two'
    const startedAt = new Date(Date.UTC(2026, 0, number))
    await store(site, { ...base, job, startedAt, output: number <= 3 ? 1 : 2 }, number)
  }
  await site.closeDatabase()
  const dataDir = temporaryDir()
  const file = join(dataDir, 'builder-hub.sqlite3')
  copyFileSync(site.file, file)
  const run = (...args: string[]) => hub(['--data-dir', dataDir, ...args])
  const stored = async () => {
    const { db, closeDatabase } = await openDatabase(file)
    const builds = await db.build.findMany({ select: { uuid: true }, orderBy: { uuid: 'asc' } })
    const tombstones = await db.tombstone.findMany({ orderBy: { id: 'asc' } })
    await closeDatabase()
    return { builds: builds.map(({ uuid }) => uuid), reasons: tombstones.map(({ reason }) => reason) }
  }
  return { dataDir, run, stored }
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

test('vacuum says what would go and why others stay, removes it, and has nothing left to do', async () => {
  const { dataDir, run, stored } = await dataDirWithBuilds()
  expect(await run('build', 'pin', uuidOf(2).toUpperCase(), '--reason', 'in use')).toEqual({
    status: 0,
    stdout: `build ${uuidOf(2)} is pinned\n`,
    stderr: '',
  })
  const rule = ['vacuum', 'older-than', '2026-01-05T00:00:05Z', '--keep-outputs', 'first']
  const forecast = await run(...rule, '--dry-run')
  expect(forecast).toMatchObject({ status: 0, stderr: '' })
  expect(lines(forecast.stdout).map((line) => line.split(/ {2,}/))).toEqual([
    ['job', 'platform', 'builds', 'removed', 'newest', 'of output', 'pinned'],
    ['one', 'debian-12', '6', '2', '0', '2', '1'],
    [expect.stringContaining('no number and no time keeps them:')],
    ['', 'newest', expect.stringContaining('the newest build') as string],
    ['', 'of output', expect.stringContaining('of a main binary') as string],
    ['', 'pinned', expect.stringContaining('hub build pin') as string],
    // The consoles of two builds; all else of them is in others, too.
    ['2 builds would be removed; 18 B become free'],
  ])
  const json = await run(...rule, '--dry-run', '--json')
  expect(JSON.parse(json.stdout)).toEqual({
    ...{ isDryRun: true, removedCount: 2, freedBytes: 18 },
    places: [
      {
        ...{ job: 'one', platform: 'debian-12', buildCount: 6, removedCount: 2, staysOfRule: 1 },
        ...{ staysOfOutput: 2, staysAsNewest: 0, staysAsPinned: 1 },
      },
      {
        ...{ job: 'two', platform: 'debian-12', buildCount: 2, removedCount: 0, staysOfRule: 2 },
        ...{ staysOfOutput: 0, staysAsNewest: 0, staysAsPinned: 0 },
      },
    ],
  })
  expect((await stored()).builds).toHaveLength(8)
  expect(await run(...rule)).toEqual({
    status: 0,
    stdout: '2 builds of 1 job removed; the server deletes their content within two days\n',
    stderr: '',
  })
  const reason = 'hub vacuum older-than 2026-01-05T00:00:05.000Z'
  expect(await stored()).toEqual({
    builds: [1, 2, 4, 6, 7, 8].map(uuidOf),
    reasons: [reason, reason],
  })
  const { stdout } = await run('audit', '--action', 'retention.apply', '--json')
  expect(lines(stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ via: 'command', target: reason, detail: { removedCount: 2 } }),
  ])
  expect((await run(...rule)).stdout).toBe('0 builds removed\n')

  // With a job or a platform that is named, no other is touched.
  const ofTwo = await run('vacuum', 'except-latest', '1', '--job', 'two', '--platform', 'debian-12', '--json')
  expect(JSON.parse(ofTwo.stdout)).toMatchObject({
    removedCount: 1,
    places: [{ job: 'two', removedCount: 1 }],
  })
  expect((await run('vacuum', 'except-latest-successful', '4')).stdout).toBe('0 builds removed\n')
  expect((await run('build', 'unpin', uuidOf(2))).stdout).toBe(`build ${uuidOf(2)} is no longer pinned\n`)
  expect((await run('build', 'unpin', uuidOf(2))).stdout).toBe(`build ${uuidOf(2)} was not pinned\n`)
  const policy = join(dataDir, 'policy.json')
  writeFileSync(policy, JSON.stringify({ rules: [{ jobs: 'o*', keep: { newestSuccessful: 1 } }] }))
  expect((await run('vacuum', 'policy', '--file', policy)).stdout).toMatch(/^3 builds of 1 job removed/)
  expect(await stored()).toMatchObject({
    builds: [6, 8].map(uuidOf),
    reasons: expect.arrayContaining(['retention policy, rule 1']) as string[],
  })
  const checked = ['config', 'check', '--retention-file', policy]
  expect(await run(...checked)).toMatchObject({ status: 0 })
  writeFileSync(policy, '{"rules": [{"keep": {}}]}')
  expect(await run(...checked)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('rules[0].keep: it must keep something') as string,
  })
  expect(await run('vacuum', 'policy', '--file', policy)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('rules[0].keep: it must keep something') as string,
  })
})

test('builds and jobs are removed by name, but not while builds are pinned', async () => {
  const { run, stored } = await dataDirWithBuilds()
  await run('build', 'pin', uuidOf(8))
  expect(await run('build', 'remove', uuidOf(7), uuidOf(8))).toEqual({
    status: 1,
    stdout: '',
    stderr: `pinned: ${uuidOf(8)}. Nothing was removed; "hub build unpin" takes a pin back\n`,
  })
  expect(await run('job', 'remove', 'two')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`pinned builds of two: ${uuidOf(8)}`) as string,
  })
  expect(await run('build', 'remove', uuidOf(9))).toMatchObject({
    status: 1,
    stderr: `there is no build ${uuidOf(9)}: nothing was removed\n`,
  })
  const dry = await run('build', 'remove', uuidOf(7), '--dry-run')
  expect(lines(dry.stdout)).toEqual([
    `${uuidOf(7)} two on debian-12, started 2026-01-07T00:00:00.000Z`,
    '1 build would be removed',
  ])
  expect((await stored()).builds).toHaveLength(8)
  expect((await run('build', 'remove', uuidOf(7), uuidOf(7), '--reason', 'a password')).stdout).toBe(
    '1 build is removed\n',
  )
  expect((await run('build', 'remove', uuidOf(7))).stdout).toBe('0 builds are removed\n')
  await run('build', 'unpin', uuidOf(8))
  expect((await run('job', 'remove', 'one', '--dry-run')).stdout).toBe(
    'the job one with 6 builds would be removed\n',
  )
  expect((await run('job', 'remove', 'one')).stdout).toBe('the job one is removed with 6 builds\n')
  expect((await run('job', 'remove', 'one')).stdout).toBe('the job one is removed already\n')
  expect(await run('job', 'remove', 'three')).toMatchObject({
    status: 1,
    stderr: 'there is no job "three"\n',
  })
  expect(await stored()).toEqual({
    builds: [uuidOf(8)],
    reasons: ['a password', ...Array.from({ length: 6 }, () => 'hub job remove one')],
  })
  const { stdout } = await run('audit', '--action', 'job.remove', '--json')
  expect(lines(stdout).map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      ...{ via: 'command', target: 'one' },
      detail: { removedCount: 6, reason: 'hub job remove one' },
    }),
  ])
})

test('on a terminal a command says what goes and asks; without a yes nothing is done', async () => {
  const { dataDir, run, stored } = await dataDirWithBuilds()
  const onTerminal = async (answer: string | AsyncIterable<Buffer>, ...args: string[]) => {
    const input = typeof answer === 'string' ? [Buffer.from(answer)] : answer
    const stdin = Object.assign(Readable.from(input), { isTTY: true })
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const told = Promise.all([text(stdout), text(stderr)])
    const status = await runHub(['--data-dir', dataDir, ...args], { env: process.env, stdin, stdout, stderr })
    stdout.end()
    stderr.end()
    const [shown, complaints] = await told
    return { status, shown, complaints }
  }
  const refused = await onTerminal('n\n', 'vacuum', 'except-latest', '1')
  expect(refused).toMatchObject({ status: 1, shown: '' })
  expect(refused.complaints).toContain('Remove 6 builds (hub vacuum except-latest 1)? [y/N]')
  expect(refused.complaints).toContain('nothing was done: answer y, or give --yes')
  expect(await onTerminal('\n', 'job', 'remove', 'one')).toMatchObject({ status: 1, shown: '' })
  expect(await onTerminal('no\n', 'build', 'remove', uuidOf(1))).toMatchObject({ status: 1, shown: '' })
  expect((await stored()).builds).toHaveLength(8)
  expect(await onTerminal('y\n', 'vacuum', 'except-latest', '5')).toMatchObject({
    status: 0,
    shown: expect.stringMatching(/^1 build of 1 job removed/) as string,
  })
  // A build is pinned while the question is open.
  const pinning = (number: number) =>
    (async function* () {
      await run('build', 'pin', uuidOf(number))
      yield Buffer.from('y\n')
    })()
  const left = await onTerminal(pinning(2), 'build', 'remove', uuidOf(2), uuidOf(3), '--json')
  expect([left.status, JSON.parse(left.shown)]).toEqual([
    1,
    {
      ...{ isDryRun: false, removedCount: 1, left: [uuidOf(2)] },
      builds: [{ uuid: uuidOf(3), job: 'one', platform: 'debian-12', startedAt: '2026-01-03T00:00:00.000Z' }],
    },
  ])
  expect(left.complaints).toContain(`left, because they were pinned meanwhile: ${uuidOf(2)};`)
  await run('build', 'unpin', uuidOf(2))
  const job = await onTerminal(pinning(4), 'job', 'remove', 'one')
  expect(job).toMatchObject({ status: 1, shown: '3 builds of the job one removed\n' })
  expect(job.complaints).toContain(`have arrived, meanwhile: ${uuidOf(4)}. "hub build unpin"`)
  await run('build', 'unpin', uuidOf(4))
  const removed = await onTerminal('', 'job', 'remove', 'one', '--yes', '--json')
  expect([removed.status, JSON.parse(removed.shown)]).toEqual([
    0,
    { job: 'one', isDryRun: false, isRemoved: true, removedCount: 1, left: [] },
  ])
  expect((await stored()).builds).toEqual([7, 8].map(uuidOf))
})

test.each([
  [['vacuum', 'except-latest', '0'], 'it must be a whole number greater than 0'],
  [['vacuum', 'except-latest-successful', '-1'], 'it must be a whole number'],
  [['vacuum', 'older-than', 'yesterday'], 'it must be an RFC 3339 time'],
  [['vacuum', 'older-than', '2026-01-01T00:00:00Z', '--keep-outputs', 'all'], 'there are first, last'],
  [['vacuum', 'policy'], 'name the policy by --file'],
  [['build', 'remove'], "missing required argument 'uuids'"],
  [['build', 'pin', '1'], '"1" is not a UUID'],
])('bad usage: %j', async (args, message) => {
  const { status, stderr } = await hub(['--data-dir', '/nowhere', ...args])
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})
