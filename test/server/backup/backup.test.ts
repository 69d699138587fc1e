import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { readLastBackup } from '../../../server/backup/last-backup.ts'
import { copierToBackup } from '../../../server/backup/backup-stores.ts'
import { makeBackup } from '../../../server/backup/make-backup.ts'
import { readSnapshot } from '../../../server/backup/backup-folder.ts'
import { lockDataDir } from '../../../server/data-dir-lock.ts'
import { siteDatabaseOf } from '../../../server/database/site-database.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { siteKeyFile } from '../../../server/secrets/site-key.ts'
import { openSecrets } from '../../../server/webhooks/endpoint-secrets.ts'
import { secretText } from '../../../server/webhooks/signatures.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { configOf } from '../../durability/data-dir.ts'
import { startWatched } from '../../durability/server.ts'
import { expectedOf, readBuild } from '../../durability/stored.ts'
import { hub } from '../../hub.ts'
import { builtProgram } from '../../programs.ts'
import { file } from '../../record.ts'
import { addBuilds, blobsIn, linksOf, ownRecord, siteRecords, upload, useFilledSite } from './backup-site.ts'

const removal = { reason: 'VACUUM', removedAt: new Date() } as const

const filledSite = useFilledSite()

/** Restores the newest backup into a new data directory, starts a server on it, and expects these builds to be whole. */
async function expectRestored(dir: string, records: readonly ExecRecord[]): Promise<void> {
  const dataDir = join(temporaryDir(), 'restored')
  const restored = await hub(['restore', dir, '--data-dir', dataDir])
  expect(restored).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(dataDir)).not.toContain('restoring')
  expect(await hub(['rebuild-facts', '--check', '--data-dir', dataDir])).toMatchObject({ status: 0 })
  const { url } = await startWatched({ config: configOf(dataDir), runsTasks: true })
  for (const record of records) expect(await readBuild(url, record.uuid)).toEqual(await expectedOf(record))
  // With the users: alice uploads.
  expect(await upload(url, ownRecord())).toBe(201)
}

test('a backup under uploads has every build that was acknowledged before, and is restored whole', async () => {
  const { config, dir, at } = filledSite()
  const server = await startWatched({ config, runsTasks: true })
  let isOver = false
  const acknowledged: ExecRecord[] = [...siteRecords]
  const uploading = Array.from({ length: 2 }, async () => {
    while (!isOver) {
      const record = ownRecord()
      if ((await upload(server.url, record).catch(() => 0)) === 201) acknowledged.push(record)
      await sleep(20)
    }
  })
  onTestFinished(() => void (isOver = true))
  await expect.poll(() => acknowledged.length).toBeGreaterThan(5)
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
  const { dataDir, blobDir, dir, backup } = filledSite()
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
  await addBuilds(dataDir, [ownRecord({ job: 'job-0' })])
  const third = await backup('--copy')
  const added = blobsIn(join(dir, 'blobs')).filter((blob) => !blobs.includes(blob))
  expect(third.made).toMatchObject({ newCount: added.length, counts: { builds: 4 } })
  expect(added.length).toBeGreaterThan(2)
  for (const blob of added) {
    expect(linksOf(join(dir, 'blobs', blob))).toBe(1)
    expect(readFileSync(join(dir, 'blobs', blob))).toEqual(readFileSync(join(blobDir, blob)))
  }
  const last = await readLastBackup(dataDir)
  expect(last).toEqual({
    ...{ folder: dir, name: third.made.name, lostCount: 0 },
    finishedAt: new Date(third.made.finishedAt ?? 0),
  })
  const listed = await hub(['backup', 'list', dir, '--json'])
  expect(
    (JSON.parse(listed.stdout) as { counts: { builds: number } }[]).map(({ counts }) => counts.builds),
  ).toEqual([3, 3, 4])
  expect((await hub(['backup', 'list', dir])).stdout).toMatch(
    /^(\S+Z: \d builds, 1 users, \d+ files, .*\n){3}$/,
  )
})

test('a restored site opens its secrets if the backup has the keys, and restore says when it has none', async () => {
  const { dataDir, dir, at, backup } = filledSite()
  const added = await hub(['webhooks', 'add', 'https://receiver.example/', ...at])
  const secret = added.stdout.trim()
  expect(secret).toMatch(/^whsec_/)
  const restore = async () => {
    const target = join(temporaryDir(), 'restored')
    const { stdout } = await hub(['restore', dir, '--data-dir', target])
    const database = await siteDatabaseOf(configOf(target)).then((stored) => stored.open())
    onTestFinished(database.closeDatabase)
    const endpoint = await database.db.webhookEndpoint.findFirstOrThrow()
    return { target, stdout, open: () => openSecrets(target, endpoint, new Date()).secrets.map(secretText) }
  }
  await backup()
  const without = await restore()
  expect(without.stdout).toContain(`bring them back to ${join(without.target, 'keys')}`)
  expect(without.open).toThrow('hub webhooks rotate-secret')
  const { made } = await backup('--keys')
  expect(made.keys).toMatchObject([{ file: 'secrets.key', sizeBytes: 32 }])
  expect(await hub(['backup', 'verify', dir])).toMatchObject({ status: 0 })
  const whole = await restore()
  expect(whole.stdout).not.toContain('keys')
  expect(whole.open()).toEqual([secret])
  for (const folder of [join(whole.target, 'keys'), join(dir, 'snapshots', String(made.name), 'keys')]) {
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'secrets.key'))).toEqual(readFileSync(siteKeyFile(dataDir)))
  }
  truncateSync(join(dir, 'snapshots', String(made.name), 'keys/secrets.key'), 5)
  expect((await hub(['backup', 'verify', dir])).stdout).toContain('secrets.key: it has 5 bytes instead of 32')
  expect((await hub(['restore', dir, '--data-dir', join(temporaryDir(), 'bad')])).stderr).toContain(
    'are damaged (secrets.key)',
  )
})

test('verify names what is wrong with a backup, and a backup with --check mends it', async () => {
  const { dir, at, backup } = filledSite()
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
  const { dataDir: site, blobDir, dir, backup } = filledSite()
  await backup('--copy')
  const known = blobsIn(blobDir)
  await addBuilds(site, [ownRecord()])
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
  const restored = await hub(['restore', dir, '--data-dir', dataDir])
  expect(restored.status).toBe(3)
  for (const [blob, problem] of [
    [lost, 'missing'],
    [damaged, 'damaged'],
  ])
    expect(restored.stdout).toContain(
      `${problem} on the site when the backup was made: ${String(blob).slice(3)}\n`,
    )
  expect(restored.stderr).toContain(
    '0 files of builds are missing or damaged in the backup, and 2 were so on',
  )
  expect(existsSync(join(dataDir, 'blobs', String(known[0])))).toBe(true)
  rmSync(join(dir, 'blobs', String(known[0])))
  const again = await hub(['restore', dir, '--json', '--data-dir', join(temporaryDir(), 'restored')])
  expect(again.status).toBe(3)
  expect(JSON.parse(again.stdout)).toMatchObject({
    lost: { count: 1, named: [{ id: String(known[0]).slice(3), problem: 'missing' }] },
    lostOnSite: { count: 2 },
  })
})

test('damaged content is not saved as good: what is marked, or has another size than its row, is hashed', async () => {
  const { dataDir, blobDir, dir, backup } = filledSite()
  const expected = await Promise.all(siteRecords.map(expectedOf))
  const [flipped, stale, short, misnumbered] = expected.flatMap(({ artifacts }) =>
    artifacts.filter(({ path }) => /hello|environment/.test(path)).map(({ sha256 }) => sha256),
  ) as [string, string, string, string]
  const fileOf = (hash: string) => join(blobDir, hash.slice(0, 2), hash)
  const bytes = readFileSync(fileOf(flipped))
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(fileOf(flipped), bytes)
  truncateSync(fileOf(short), 1)
  const sqlite = new Sqlite(join(dataDir, 'builder-hub.sqlite3'))
  for (const hash of [flipped, stale])
    sqlite
      .prepare(
        `INSERT INTO "DamagedBlob" (sha256, problem, detail, "foundAt") VALUES (?, 'HASH', 'other bytes', 0)`,
      )
      .run(Buffer.from(hash, 'hex'))
  sqlite
    .prepare('UPDATE "Artifact" SET "sizeBytes" = "sizeBytes" + 1 WHERE sha256 = ?')
    .run(Buffer.from(misnumbered, 'hex'))
  sqlite.close()
  for (const flags of [[], ['--copy']]) {
    const { status, made } = await backup(...flags)
    expect(status).toBe(3)
    expect(made).toMatchObject({
      lost: { count: 2, named: [flipped, short].sort().map((id) => ({ id, problem: 'damaged' })) },
    })
  }
  for (const whole of [stale, misnumbered])
    expect(existsSync(join(dir, 'blobs', whole.slice(0, 2), whole))).toBe(true)
  const verified = await hub(['backup', 'verify', dir])
  expect(verified.status).toBe(3)
  expect(verified.stdout).toContain(`blob ${flipped}: it was damaged on the site`)
})

test('a database of an older version is saved by that version, or is migrated if that is asked for', async () => {
  const { dataDir, dir, at, backup } = filledSite()
  expect(await hub(['migrate', 'down', '--no-copy', ...at])).toMatchObject({ status: 0 })
  const states = async () => (await hub(['migrate', 'status', '--json', ...at])).stdout
  const before = await states()
  const refused = await backup()
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /is of an older version \(it lacks \d{4}_\w+\): run "hub backup" of that version/,
  )
  expect(await states()).toBe(before)
  expect(existsSync(dir)).toBe(false)
  // As a server would be.
  const lock = lockDataDir(dataDir)
  expect((await backup('--migrate')).stderr).toContain('stop the server, run this again')
  lock.release()
  expect(await backup('--migrate')).toMatchObject({ status: 0, made: { counts: { builds: 3 } } })
  expect(await states()).not.toBe(before)
})

test('a build that is removed, with its content, while the backup runs is not missed: the database is saved anew', async () => {
  const { config, dir } = filledSite()
  const { deps } = await startWatched({ config, runsTasks: true })
  const database = await siteDatabaseOf(config, projectDir)
  let saves = 0
  const gone = await deps.db.build.findFirstOrThrow({ where: { uuid: String(siteRecords[0]?.uuid) } })
  const made = await makeBackup({
    ...{ dir, version: '1' },
    copier: await copierToBackup(config, { dir }, { isCopied: true, isChecked: false }),
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
  const { dataDir: site, dir, at } = filledSite()
  const large = ownRecord({
    artifacts: Array.from({ length: 50 }, (_, n) => file(`bin/${n}`, `${randomUUID()} ${n}`)),
  })
  await addBuilds(site, [large])
  const snapshots = join(dir, 'snapshots')
  const hasFile = (test: (name: string) => boolean) =>
    existsSync(snapshots) &&
    readdirSync(snapshots).some((name) => readdirSync(join(snapshots, name)).some(test))
  const blobCount = (folder: string) => (existsSync(folder) ? blobsIn(folder).length : 0)
  for (const isTime of [
    () => hasFile((name) => name === 'wanted.txt'),
    () => blobCount(join(dir, 'blobs')) > 3,
  ])
    await killed(['backup', dir, '--copy', ...at], isTime)
  // What is there has its name only when it is whole. Nothing of what was killed counts as a backup, unless it was done.
  expect(await hub(['backup', dir, '--copy', ...at])).toMatchObject({ status: 0 })
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
  for (const name of readdirSync(snapshots))
    expect(readdirSync(join(snapshots, name))).toContain('manifest.json')

  const dataDir = join(temporaryDir(), 'restored')
  const restore = ['restore', dir, '--data-dir', dataDir]
  await killed(restore, () => blobCount(join(dataDir, 'blobs')) > 3)
  if (existsSync(join(dataDir, 'restoring'))) {
    const refused = await hub(['user', 'list', '--data-dir', dataDir])
    expect(refused).toMatchObject({ status: 1 })
    expect(refused.stderr).toContain('a backup is being restored')
    expect(await hub(restore)).toMatchObject({ status: 0 })
  }
  const { url } = await startWatched({ config: configOf(dataDir), runsTasks: true })
  for (const record of [...siteRecords, large])
    expect(await readBuild(url, record.uuid)).toEqual(await expectedOf(record))
})

test('restore refuses a place that is not empty, another engine, and a backup of a newer version', async () => {
  const { dataDir, dir, at, backup } = filledSite()
  await backup()
  const { name, folder } = await readSnapshot(dir)
  const other = temporaryDir()
  writeFileSync(join(other, 'notes.txt'), '')
  const served = lockDataDir(dataDir)
  expect((await hub(['restore', dir, ...at])).stderr).toMatch(/another server uses/)
  served.release()
  expect((await hub(['restore', dir, ...at])).stderr).toMatch(
    /is not empty \(it has .*\): name a new data directory/,
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
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  const list = readFileSync(join(folder, 'blobs.txt'), 'utf8')
  // The same size: only the hash tells.
  writeFileSync(join(folder, 'blobs.txt'), list.replace(/^[0-9a-f]{64}/, '0'.repeat(64)))
  expect((await hub(['restore', dir, '--data-dir', fresh])).stderr).toContain(
    'blobs.txt is not the list that its manifest describes: restore another snapshot (--snapshot)',
  )
  expect(existsSync(join(fresh, 'restoring'))).toBe(false)
  for (const inside of [dir, join(dir, 'site'), dirname(dir)]) {
    const refused = await hub(['restore', dir, '--data-dir', inside])
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(`${dir} is, contains or lies in ${inside}`)
  }
  expect(existsSync(join(dir, 'site'))).toBe(false)
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

test('the data directory, and folders with files of other programs, are no folders of backups', async () => {
  const { dataDir, blobDir, at } = filledSite()
  const before = blobsIn(blobDir)
  const linked = join(temporaryDir(), 'link')
  symlinkSync(dataDir, linked)
  for (const target of [
    dataDir,
    blobDir,
    join(dataDir, 'backups'),
    dirname(dataDir),
    linked,
    join(linked, 'new'),
  ])
    for (const flags of [[], ['--keep-daily', '7'], ['--keep-daily', '7', '--dry-run']]) {
      const refused = await hub(['backup', target, ...flags, ...at])
      expect(refused, target).toMatchObject({ status: 1, stdout: '' })
      expect(refused.stderr).toContain(`${target} is, contains or lies in ${dataDir}`)
    }
  expect(blobsIn(blobDir)).toEqual(before)
  const foreign = temporaryDir()
  mkdirSync(join(foreign, 'snapshots/2026-01-01T00-00-00.000Z'), { recursive: true })
  const refused = await hub(['backup', foreign, ...at])
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toContain('write to (it has snapshots): name an empty one')
  expect((await hub(['backup', foreign, '--keep-daily', '1', '--dry-run', ...at])).stderr).toContain(
    'write to (it has no builder-hub-backup.json)',
  )
  expect(readdirSync(foreign, { recursive: true })).toHaveLength(2)
  writeFileSync(join(foreign, 'builder-hub-backup.json'), '{"format":2}')
  expect((await hub(['backup', foreign, ...at])).stderr).toContain('is damaged, or of a newer version')
  // The root of a new file system, and what a first backup that was interrupted has left.
  const fresh = temporaryDir()
  mkdirSync(join(fresh, 'lost+found'))
  writeFileSync(join(fresh, 'builder-hub-backup.json.partial'), '')
  expect(await hub(['backup', fresh, ...at])).toMatchObject({ status: 0 })
})

test('one backup at a time changes a folder, and wrong arguments are named', async () => {
  const { dir, at, backup } = filledSite()
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
