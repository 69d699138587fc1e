import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { makeBackup } from '../../../server/backup/make-backup.ts'
import { readSnapshot } from '../../../server/backup/backup-folder.ts'
import { snapshotsToKeep } from '../../../server/backup/prune-backups.ts'
import { siteDatabaseOf } from '../../../server/database/site-database.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { startWatched } from '../../durability/server.ts'
import { expectedOf, readBuild } from '../../durability/stored.ts'
import { hub } from '../../hub.ts'
import { builtProgram } from '../../programs.ts'
import { blobsIn, linksOf, only, ownRecord, upload } from './backup-site.ts'

const removal = { reason: 'VACUUM', removedAt: new Date() } as const

type Json = Record<string, never> & { [key: string]: never }

/** A server with some builds, and a folder for backups. */
async function filledSite(count = 6) {
  const server = await startWatched()
  const records: ExecRecord[] = []
  for (let n = 0; n < count; n++) {
    const record = ownRecord()
    expect(await upload(server.url, record)).toBe(201)
    records.push(record)
  }
  const { dataDir, blobDir } = server.config
  const at = ['--data-dir', dataDir]
  const dir = join(temporaryDir(), 'backups')
  const backup = async (...args: string[]) => {
    const outcome = await hub(['backup', dir, '--json', ...args, ...at])
    return { ...outcome, made: JSON.parse(outcome.stdout || 'null') as Json }
  }
  return { server, records, dataDir, blobDir, dir, at, backup }
}

/** Restores the newest backup into a new data directory, starts a server on it, and expects these builds to be whole. */
async function expectRestored(dir: string, records: readonly ExecRecord[]): Promise<void> {
  const dataDir = join(temporaryDir(), 'restored')
  const restored = await hub(['restore', dir, '--data-dir', dataDir])
  expect(restored).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(dataDir)).not.toContain('restoring')
  expect(await hub(['rebuild-facts', '--check', '--data-dir', dataDir])).toMatchObject({ status: 0 })
  const { url } = await startWatched({ config: configOf(dataDir) })
  for (const record of records) expect(await readBuild(url, record.uuid)).toEqual(await expectedOf(record))
  // With the users: alice uploads.
  expect(await upload(url, ownRecord())).toBe(201)
}

test('a backup under uploads has every build that was acknowledged before, and is restored whole', async () => {
  const { server, records, dir, at } = await filledSite(4)
  let isOver = false
  const acknowledged: ExecRecord[] = [...records]
  const uploading = Array.from({ length: 2 }, async () => {
    while (!isOver) {
      const record = ownRecord()
      if ((await upload(server.url, record).catch(() => 0)) === 201) acknowledged.push(record)
      await sleep(20)
    }
  })
  onTestFinished(() => void (isOver = true))
  await expect.poll(() => acknowledged.length).toBeGreaterThan(8)
  const expected = [...acknowledged]
  // In a process of its own, as an operator does.
  const run = spawn(process.execPath, [builtProgram('hub'), 'backup', dir, '--copy', ...at], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const complaints = text(run.stderr)
  expect(await once(run, 'exit')).toEqual([0, null])
  expect(await complaints).toBe('')
  isOver = true
  await Promise.all(uploading)
  expect(acknowledged.length).toBeGreaterThan(expected.length)
  await expectRestored(dir, expected)
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0, stderr: '' })
  expect(server.errors).toEqual([])
})

test('a second backup adds what is new; snapshots share content; links are used where they can be', async () => {
  const { server, blobDir, dir, backup } = await filledSite(3)
  const first = await backup()
  expect(first).toMatchObject({
    status: 0,
    stderr: '',
    made: { counts: { builds: 3, users: 1 }, newBytes: expect.any(Number) },
  })
  const blobs = blobsIn(join(dir, 'blobs'))
  expect(first.made).toMatchObject({ newCount: blobs.length, blobs: { count: blobs.length } })
  // The site's file, and that of the backup. Uploads leave no other link.
  expect(linksOf(join(dir, 'blobs', String(blobs[0])))).toBe(2)
  expect((await backup()).made).toMatchObject({ newCount: 0, newBytes: 0 })
  expect(await upload(server.url, ownRecord({ job: 'job-0' }))).toBe(201)
  const third = await backup('--copy')
  const added = blobsIn(join(dir, 'blobs')).filter((blob) => !blobs.includes(blob))
  expect(third.made).toMatchObject({ newCount: added.length, counts: { builds: 4 } })
  expect(added.length).toBeGreaterThan(2)
  for (const blob of added) {
    expect(linksOf(join(dir, 'blobs', blob))).toBe(1)
    expect(readFileSync(join(dir, 'blobs', blob))).toEqual(readFileSync(join(blobDir, blob)))
  }
  const listed = await hub(['backup', 'list', dir, '--json'])
  expect(
    (JSON.parse(listed.stdout) as { counts: { builds: number } }[]).map(({ counts }) => counts.builds),
  ).toEqual([3, 3, 4])
  expect((await hub(['backup', 'list', dir])).stdout).toMatch(
    /^(\S+Z: \d builds, 1 users, \d+ files, .*\n){3}$/,
  )
})

test('verify names what is wrong with a backup, and a backup with --check mends it', async () => {
  const { dir, at, backup } = await filledSite(3)
  await backup('--copy')
  const [absent, short, damaged, ...others] = blobsIn(join(dir, 'blobs')).map((blob) =>
    join(dir, 'blobs', blob),
  )
  expect(others.length).toBeGreaterThan(3)
  rmSync(String(absent))
  truncateSync(String(short), 1)
  const bytes = readFileSync(String(damaged))
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(String(damaged), bytes)
  const quick = await hub(['backup', 'verify', dir])
  expect(quick.status).toBe(3)
  const nameOf = (path?: string) => String(path).slice(-64)
  expect(quick.stdout).toContain(`blob ${nameOf(absent)}: it is missing\n`)
  expect(quick.stdout).toContain(`blob ${nameOf(short)}: it has 1 bytes instead of `)
  expect(quick.stdout).not.toContain(nameOf(damaged))
  for (const how of [['--all'], ['--sample', '1000000']]) {
    const read = await hub(['backup', 'verify', dir, '--json', ...how])
    expect(read.status).toBe(3)
    const problems = read.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string })
    expect(problems.map(({ name }) => name)).toEqual([absent, short, damaged].map(nameOf))
  }
  expect(await hub(['backup', dir, '--check', ...at])).toMatchObject({ status: 0 })
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
  const { folder } = await readSnapshot(dir)
  writeFileSync(join(folder, 'database.sqlite3'), 'no database')
  writeFileSync(join(folder, 'blobs.txt'), 'no list')
  const files = await hub(['backup', 'verify', dir])
  expect(files.stdout).toMatch(
    /^database .*database\.sqlite3: it has 11 bytes instead of .*\nlist .*blobs\.txt: it has 7 bytes/,
  )
  expect((await hub(['restore', dir, '--data-dir', join(temporaryDir(), 'new')])).stderr).toContain(
    'database.sqlite3 is damaged: restore another snapshot (--snapshot)',
  )
})

test('content that is lost on the site is named, all else is saved and restored, and what a backup had stays', async () => {
  const { server, blobDir, dir, backup } = await filledSite(3)
  await backup('--copy')
  const known = blobsIn(blobDir)
  expect(await upload(server.url, ownRecord())).toBe(201)
  const [lost, damaged] = blobsIn(blobDir).filter((blob) => !known.includes(blob))
  rmSync(join(blobDir, String(known[0])))
  rmSync(join(blobDir, String(lost)))
  writeFileSync(join(blobDir, String(damaged)), 'other bytes')
  const { status, stderr, made } = await backup('--copy')
  expect(status).toBe(3)
  expect(stderr).toContain('2 files of builds are lost or damaged on the site')
  expect(made).toMatchObject({
    lost: {
      count: 2,
      named: [
        { id: String(lost).slice(3), problem: 'missing' },
        { id: String(damaged).slice(3), problem: 'damaged' },
      ],
    },
  })
  expect((await hub(['backup', 'verify', dir])).stdout).toContain(
    `blob ${String(lost).slice(3)}: it was missing on the site`,
  )
  const dataDir = join(temporaryDir(), 'restored')
  expect(await hub(['restore', dir, '--data-dir', dataDir])).toMatchObject({ status: 0 })
  expect(existsSync(join(dataDir, 'blobs', String(known[0])))).toBe(true)
  rmSync(join(dir, 'blobs', String(known[0])))
  const again = await hub(['restore', dir, '--data-dir', join(temporaryDir(), 'restored')])
  expect(again.status).toBe(3)
  expect(again.stdout).toContain(`missing in the backup: ${String(known[0]).slice(3)}`)
})

test('a build that is removed, with its content, while the backup runs is not missed: the database is saved anew', async () => {
  const { server, dir, blobDir, records } = await filledSite(3)
  const { deps } = server
  const database = await siteDatabaseOf(server.config, projectDir)
  let saves = 0
  const gone = await deps.db.build.findFirstOrThrow({ where: { uuid: String(records[0]?.uuid) } })
  const made = await makeBackup({
    ...{ dir, blobDir, version: '1', isCopied: true, isChecked: false },
    database: {
      async save(...args) {
        const saved = await database.save(...args)
        if (saves++ > 0) return saved
        await deps.writer.transact(['facts'], (tx) => removeBuild(tx, gone.id, removal))
        for await (const _ of collectBlobs(deps, { graceMs: -60_000 }));
        return saved
      },
    },
  })
  expect(saves).toBe(2)
  expect(made.manifest).toMatchObject({ lost: { count: 0 }, counts: { builds: 2 } })
  expect(readdirSync(join(dir, 'snapshots'))).toEqual([made.name])
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
})

/** Runs `hub` in a process, and kills it as soon as `isTime`, if it has not ended by then. */
async function killed(args: readonly string[], isTime: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [builtProgram('hub'), ...args], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  let isOver = false
  void exited.then(() => (isOver = true))
  while (!isOver && !isTime()) await sleep(1)
  child.kill('SIGKILL')
  await exited
}

test('a backup and a restore that are killed at any point are run again, and are whole', async () => {
  const { dir, at, records } = await filledSite(12)
  const snapshots = join(dir, 'snapshots')
  const hasFile = (test: (name: string) => boolean) =>
    existsSync(snapshots) &&
    readdirSync(snapshots).some((name) => readdirSync(join(snapshots, name)).some(test))
  const blobCount = (folder: string) => (existsSync(folder) ? blobsIn(folder).length : 0)
  for (const isTime of [
    () => existsSync(snapshots),
    () => hasFile((name) => name === 'wanted.txt'),
    () => blobCount(join(dir, 'blobs')) > 3,
    () => hasFile((name) => name === 'blobs.txt'),
  ])
    await killed(['backup', dir, '--copy', ...at], isTime)
  // What is there has its name only when it is whole. Nothing of what was killed counts as a backup, unless it was done.
  expect(await hub(['backup', dir, '--copy', ...at])).toMatchObject({ status: 0 })
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
  for (const name of readdirSync(snapshots))
    expect(readdirSync(join(snapshots, name))).toContain('manifest.json')

  const dataDir = join(temporaryDir(), 'restored')
  const restore = ['restore', dir, '--data-dir', dataDir]
  for (const isTime of [
    () => existsSync(join(dataDir, 'restoring')),
    () => blobCount(join(dataDir, 'blobs')) > 3,
    () => blobCount(join(dataDir, 'blobs')) > 30,
  ]) {
    await killed(restore, isTime)
    if (!existsSync(join(dataDir, 'restoring'))) continue
    const refused = await hub(['user', 'list', '--data-dir', dataDir])
    expect(refused).toMatchObject({ status: 1 })
    expect(refused.stderr).toContain('a backup is being restored')
  }
  if (existsSync(join(dataDir, 'restoring'))) expect(await hub(restore)).toMatchObject({ status: 0 })
  const { url } = await startWatched({ config: configOf(dataDir) })
  for (const record of records) expect(await readBuild(url, record.uuid)).toEqual(await expectedOf(record))
})

test('restore refuses a place that is not empty, another engine, and a backup of a newer version', async () => {
  const { dir, at, backup } = await filledSite(1)
  await backup()
  const { name, folder } = await readSnapshot(dir)
  const other = temporaryDir()
  writeFileSync(join(other, 'notes.txt'), '')
  expect((await hub(['restore', dir, ...at])).stderr).toMatch(/another server uses/)
  expect((await hub(['restore', dir, '--data-dir', makeDataDir()])).stderr).toContain(
    'is not empty (it has builder-hub.sqlite3): name a new data directory',
  )
  expect((await hub(['restore', dir, '--data-dir', other])).stderr).toContain('(it has notes.txt)')
  const begun = temporaryDir()
  writeFileSync(join(begun, 'restoring'), '2020-01-01T00-00-00.000Z')
  expect((await hub(['restore', dir, '--data-dir', begun])).stderr).toContain(
    'the restore of 2020-01-01T00-00-00.000Z into',
  )
  expect((await hub(['restore', dir, '--snapshot', 'x', '--data-dir', other])).stderr).toContain(
    `${dir} has no finished backup x: "hub backup list`,
  )
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<string, unknown>
  const fresh = join(temporaryDir(), 'fresh')
  for (const [change, message] of [
    [{ migrations: ['9999_newer'] }, 'which is newer (migrations 9999_newer): restore it with that version'],
    [
      { engine: 'postgresql' },
      'the backup of a site on PostgreSQL: name an empty database by --database-url',
    ],
    [{ format: 2 }, 'manifest.json is damaged, or of a newer version'],
  ] as const) {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, ...change }))
    const refused = await hub(['restore', dir, '--snapshot', name, '--data-dir', fresh])
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(message)
  }
  expect(existsSync(join(fresh, 'restoring'))).toBe(false)
})

test.each([['list'], ['verify']])(
  'hub backup %s of a folder without backups says how to make one',
  async (verb) => {
    const dir = temporaryDir()
    const refused = await hub(['backup', verb, dir])
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(`${dir} is no folder of backups: "hub backup ${dir}" makes one`)
    mkdirSync(join(dir, 'snapshots/2026-01-01T00-00-00.000Z'), { recursive: true })
    const unfinished = await hub(['backup', verb, dir])
    if (verb === 'list') expect(unfinished).toMatchObject({ status: 0, stdout: '' })
    else expect(unfinished.stderr).toContain('has no finished backup')
  },
)

const day = (text: string) => `2026-${text}T03-00-00.000Z`
const [a, b, c, d, e] = ['11-01', '11-14', '11-15', '11-16', '11-16'].map(day) as [
  string,
  string,
  string,
  string,
  string,
]

test.each([
  ['the newest of each day', { daily: 2, weekly: 0 }, [a, b, c, d], [c, d]],
  // The 15th is a Sunday: its week began on the 9th.
  ['the newest of each week', { daily: 0, weekly: 2 }, [a, b, c, d], [c, d]],
  ['both together', { daily: 1, weekly: 3 }, [a, b, c, d], [a, c, d]],
  [
    'one of several on a day',
    { daily: 9, weekly: 0 },
    [day('11-16').replace('T03', 'T01'), d, e.replace('T03', 'T05')],
    [e.replace('T03', 'T05')],
  ],
  ['the newest one always', { daily: 0, weekly: 0 }, [a, b], [b]],
  ['none', { daily: 5, weekly: 5 }, [], []],
])('prune keeps %s', (_name, keep, names, kept) => expect(snapshotsToKeep(names, keep)).toEqual(kept))

test('prune removes older backups, and content that no other one has', async () => {
  const { server, dir, at, backup } = await filledSite(2)
  await backup('--copy')
  const only1 = blobsIn(join(dir, 'blobs'))
  const { deps } = server
  const build = await deps.db.build.findFirstOrThrow()
  await deps.writer.transact(['facts'], (tx) => removeBuild(tx, build.id, removal))
  expect(await upload(server.url, ownRecord())).toBe(201)
  await backup('--copy')
  const [older, newer] = readdirSync(join(dir, 'snapshots'))
  const dry = await hub(['backup', dir, '--keep-daily', '1', '--dry-run', '--json', ...at])
  const { removed, removedBlobs } = JSON.parse(dry.stdout) as { removed: string[]; removedBlobs: number }
  expect(removed).toEqual([older])
  expect(removedBlobs).toBeGreaterThan(1)
  expect(readdirSync(join(dir, 'snapshots'))).toEqual([older, newer])
  const run = await hub(['backup', dir, '--keep-daily', '1', '--copy', ...at])
  expect(run.status).toBe(0)
  expect(run.stdout).toContain(
    `1 backups kept, 2 removed:\n  ${older}\n  ${newer}\n${removedBlobs} files of them removed`,
  )
  expect(only1.filter((blob) => !existsSync(join(dir, 'blobs', blob)))).toHaveLength(removedBlobs)
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
  only(readdirSync(join(dir, 'snapshots')))
})

test('one backup at a time changes a folder, and wrong arguments are named', async () => {
  const { dir, at, backup } = await filledSite(1)
  await backup()
  const lock = new Sqlite(join(dir, 'backup.lock'))
  lock.exec('BEGIN EXCLUSIVE')
  expect((await hub(['backup', dir, ...at])).stderr).toContain(
    `another backup uses ${dir}: wait until it is done`,
  )
  lock.close()
  expect(await hub(['backup', dir, '--keep-daily', 'x', ...at])).toMatchObject({ status: 2 })
  expect(await hub(['backup', dir, '--dry-run', ...at])).toMatchObject({ status: 2 })
  expect(await hub(['backup', join(temporaryDir(), 'x'), '--data-dir', temporaryDir()])).toMatchObject({
    status: 1,
  })
  for (const command of [['backup'], ['backup', 'list'], ['backup', 'verify'], ['restore']])
    expect((await hub([...command, '--help'])).stdout).toContain('Examples:\n  hub ')
  // A copy of the folder is a backup, too: hard links or not.
  const copy = join(dirname(dir), 'copy')
  cpSync(dir, copy, { recursive: true })
  expect(await hub(['backup', 'verify', copy, '--all'])).toMatchObject({ status: 0 })
})
