import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { createBackground } from '../../../server/background.ts'
import { systemClock } from '../../../server/clock.ts'
import { readText } from '../../../server/blobs/read-text.ts'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { createLog } from '../../../server/log.ts'
import { createAuthenticator } from '../../../server/users/authenticate.ts'
import { hashPassword, scryptDefaults } from '../../../server/users/password.ts'
import { listUsers } from '../../../server/users/users.ts'
import { temporaryDir } from '../../app.ts'
import { artifactFile, builderWebDir } from '../../builder-web-dir.ts'
import { hub } from '../../hub.ts'
import { copyTemplate } from '../../template.ts'
import { builtProgram } from '../../programs.ts'
import { importSite, type ImportSite } from '../../import-site.ts'

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

type Table = { rows: number; imported: number; present: number; removed: number; refused: number }
type Report = {
  tables: Record<string, Table>
  refused: { name: string; reason: string }[]
  notes: string[]
}

/** Nothing is stored in it. */
const emptySite = { hub: (...args: string[]) => hub([...args, '--data-dir', emptyDir]) }
let emptyDir = ''
beforeAll(() => {
  emptyDir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  copyTemplate(join(emptyDir, 'builder-hub.sqlite3'))
  return () => rmSync(emptyDir, { recursive: true })
})

async function importFrom(site: Pick<ImportSite, 'hub'>, dir: string, ...how: string[]) {
  const { status, stdout, stderr } = await site.hub('import', 'builder-web', dir, '--json', ...how)
  return { status, stderr, ...(stdout === '' ? {} : { report: JSON.parse(stdout) as Report }) }
}

test('users keep their passwords and rights; disabled ones stay disabled', async () => {
  const site = await importSite()
  const web = builderWebDir(temporaryDir())
  const { passwordHash: hash, passwordSalt: salt, scryptN } = await hashPassword('secret', 1024)
  const password = { password_hash: Buffer.from(hash), password_salt: Buffer.from(salt), scrypt_n: scryptN }
  web.addUser('shaggy', { ...password, restricted: 1 })
  web.addUser('gone', { password_hash: Buffer.of(), password_salt: Buffer.of(), restricted: 1 })
  web.addUser('alice')
  web.addUser('b:d')
  web.addUser('short', { password_hash: Buffer.alloc(20) })
  web.addUser('odd', { scrypt_n: 1000 })
  web.addUser('huge', { scrypt_n: 2 ** 29 })
  web.addAccess('shaggy', 'hello')
  web.addAccess('shaggy', 'later')
  const { status, report } = await importFrom(site, web.dir)
  expect(status).toBe(3)
  expect(report?.tables).toMatchObject({
    user: { rows: 8, imported: 3, present: 1, refused: 4 },
    access_list: { rows: 2, imported: 2, refused: 0 },
  })
  expect(report?.refused.map(({ name }) => name)).toEqual(
    ['b:d', 'short', 'odd', 'huge'].map((name) => `user ${name}`),
  )
  expect(report?.notes).toContain('user alice has another password here, and keeps it')
  expect(await listUsers(site.db)).toEqual([
    { name: 'alice', role: 'UPLOADER', unrestricted: true, disabled: false, jobs: [] },
    { name: 'gone', role: 'UPLOADER', unrestricted: false, disabled: true, jobs: [] },
    { name: 'scooby', role: 'UPLOADER', unrestricted: true, disabled: false, jobs: [] },
    { name: 'shaggy', role: 'UPLOADER', unrestricted: false, disabled: false, jobs: ['hello', 'later'] },
  ])
  const background = createBackground({ log: createLog('silent') })
  const authenticate = createAuthenticator({ ...site, clock: systemClock, background })
  expect(await authenticate({ kind: 'password', name: 'shaggy', password: 'secret' }, '::1')).toMatchObject({
    name: 'shaggy',
  })
  await expect(authenticate({ kind: 'password', name: 'gone', password: '' }, '::1')).rejects.toThrow(
    'wrong user or password',
  )
  // The hash is made anew as that of a new password, and is of the same one.
  await background.settled()
  const { scryptN: renewed } = await site.db.user.findUniqueOrThrow({ where: { name: 'shaggy' } })
  expect(renewed).toBe(scryptDefaults.scryptN)
  expect(await authenticate({ kind: 'password', name: 'shaggy', password: 'secret' }, '::1')).toMatchObject({
    name: 'shaggy',
  })
})

test('a later run reports what builder-web allows otherwise, and changes no user and no access', async () => {
  const site = await importSite()
  const web = builderWebDir(temporaryDir())
  for (const name of ['gone', 'limited', 'taken', 'freed']) web.addUser(name)
  web.sqlite.exec(`UPDATE user SET restricted = 1 WHERE username IN ('taken', 'freed')`)
  web.addUser('closed')
  web.addUser('alice', { restricted: 1 })
  for (const job of ['hello', 'hello', 'other']) web.addAccess('taken', job)
  web.addAccess('alice', 'hello')
  web.addUser('b:d')
  web.addAccess('b:d', 'hello')
  for (const how of [['--dry-run'], []]) {
    const { report } = await importFrom(site, web.dir, ...how)
    expect(report?.tables).toMatchObject({
      user: { rows: 8, imported: 6, present: 0, refused: 2 },
      access_list: { rows: 5, imported: 2, present: 1, refused: 2 },
    })
    expect(report?.refused).toEqual([
      { name: 'user alice', reason: expect.stringContaining('may upload all jobs here') as string },
      { name: 'user b:d', reason: 'no client can send this name' },
      {
        name: 'access of alice to hello',
        reason: expect.stringContaining('"hub access add alice hello"') as string,
      },
      { name: 'access of b:d to hello', reason: 'the user was refused' },
    ])
  }
  await site.hub('access', 'remove', 'taken', 'hello')
  await site.hub('user', 'disable', 'closed')
  const before = await listUsers(site.db)
  web.sqlite.exec(`DELETE FROM access_list; DELETE FROM user WHERE username IN ('alice', 'b:d');
    UPDATE user SET password_hash = x'' WHERE username = 'gone';
    UPDATE user SET restricted = username = 'limited'`)
  web.addAccess('taken', 'hello')
  const { status, report } = await importFrom(site, web.dir)
  expect([status, report?.refused]).toEqual([
    3,
    [
      { name: 'user gone', reason: expect.stringContaining('"hub user disable gone"') as string },
      {
        name: 'user limited',
        reason: expect.stringContaining('restricted to an access list there') as string,
      },
      { name: 'access of taken to hello', reason: expect.stringContaining('hub access add') as string },
    ],
  ])
  expect(report?.notes).toEqual(
    expect.arrayContaining([
      'user taken may upload all jobs there, and stays restricted here',
      'user closed is enabled there, and stays disabled here',
    ]),
  )
  expect(await listUsers(site.db)).toEqual(before)
})

test('builds come with times, results, consoles, scripts, artifacts, readmes and uploaders', async () => {
  const site = await importSite()
  const web = builderWebDir(temporaryDir())
  const input = {
    'opam-switch': 'opam-version: "2.0"\n',
    'build-environment': 'A=b\n',
    'system-packages': 'x=1\n',
  }
  const console = '-0.500s:early\n0.001s:two\nlines\n12.345s:9.999s:text\n18446744073.709s:wrapped\n'
  const long = `${'0.002s:0123456789abcdef\n'.repeat(40_000)}`
  web.addBuild({
    uuid: uuidOf(3),
    artifacts: { ...input, 'bin/hello': 'binary', 'doc//a/./b': 'text' },
    console,
    columns: { input_id: null },
  })
  web.addBuild({ uuid: uuidOf(2), console: long, columns: { result_code: -7 * 256 } })
  web.addBuild({ uuid: uuidOf(1), console: '', columns: { result_code: 65_536, result_msg: 'timeout' } })
  web.addTag('hello', 'readme.md', '# Hello')
  web.addTag('hello', 'section', 'Packages')
  const { status, report } = await importFrom(site, web.dir)
  expect(status).toBe(0)
  expect(report?.tables).toMatchObject({
    build: { rows: 3, imported: 3, present: 0, refused: 0 },
    build_artifact: { rows: 5, imported: 5, present: 0, refused: 0 },
    job: { rows: 1, imported: 1 },
  })
  expect(report?.notes).toEqual([
    `build ${uuidOf(3)}: its input id is another one here`,
    'job hello: the section is another one here, because its newest opam switch says so',
  ])
  const builds = await site.db.build.findMany({
    orderBy: { id: 'asc' },
    include: { uploader: true, artifacts: { orderBy: { id: 'asc' } } },
  })
  expect(
    builds.map(({ uuid }) => uuid),
    'in the order in which builder-web stored them',
  ).toEqual([3, 2, 1].map(uuidOf))
  const [first, second, third] = builds
  expect(first).toMatchObject({
    startedAt: new Date(20_000 * 86_400_000 + 1_250),
    finishedAt: new Date(20_000 * 86_400_000 + 2_500),
    uploader: { name: 'scooby' },
    mainBinaryPath: 'bin/hello',
    status: 'SUCCEEDED',
  })
  expect(first?.artifacts.map(({ path }) => path)).toEqual([...Object.keys(input), 'bin/hello', 'doc/a/b'])
  expect(second).toMatchObject({ resultKind: 'SIGNALLED', resultCode: -7n })
  expect(third).toMatchObject({ resultKind: 'ABORTED', consoleLineCount: 0 })
  const blobs = diskBlobStore({ dir: join(site.dataDir, 'blobs'), stagingDir: site.dataDir })
  const textOf = (sha256: string | null | undefined) => readText(blobs, toBlobId(sha256 ?? ''))
  // A time before the start is negative, not 584 years away.
  expect(await textOf(first?.consoleSha256)).toBe(console.replace('18446744073.709s', '-0.001s'))
  expect(first?.consoleLineCount).toBe(5)
  expect(await textOf(second?.consoleSha256)).toBe(long)
  expect(await textOf(first?.scriptSha256)).toBe('#!/bin/sh\n')
  expect(await textOf((await site.db.job.findFirstOrThrow()).readmeSha256)).toBe('# Hello')
})

test('a later run takes what is new, and the directory is only read', async () => {
  const site = await importSite()
  const web = builderWebDir(temporaryDir())
  web.addBuild({ uuid: uuidOf(1), artifacts: { 'bin/x': 'one' } })
  const before = readFileSync(join(web.dir, 'builder.sqlite3'))
  const dry = await importFrom(site, web.dir, '--dry-run')
  expect(dry).toMatchObject({
    status: 0,
    report: {
      tables: { build: { imported: 1 }, user: { imported: 1 }, job: { rows: 1, imported: 1 } },
      notes: [],
    },
  })
  expect(await site.db.build.count()).toBe(0)
  await importFrom(site, web.dir)
  web.addBuild({ uuid: uuidOf(2), artifacts: { 'bin/x': 'one' } })
  const { report } = await importFrom(site, web.dir)
  expect(report?.tables['build']).toEqual({ rows: 2, imported: 1, present: 1, removed: 0, refused: 0 })
  expect(report?.tables['build_artifact']).toEqual({
    rows: 2,
    imported: 1,
    present: 1,
    removed: 0,
    refused: 0,
  })
  await site.hub('build', 'remove', uuidOf(1), '--reason', 'secret', '--yes')
  const later = await importFrom(site, web.dir)
  expect(later.report?.tables['build']).toEqual({ rows: 2, imported: 0, present: 1, removed: 1, refused: 0 })
  const again = await importFrom(site, web.dir, '--again')
  expect(again.report?.tables['build']).toMatchObject({ imported: 1, present: 1, removed: 0 })
  expect(before.length).toBe(statSync(join(web.dir, 'builder.sqlite3')).size)
  expect(existsSync(join(web.dir, 'builder.sqlite3-wal'))).toBe(false)
})

type Web = ReturnType<typeof builderWebDir>

test.each<[name: string, damage: (web: Web) => void, reason: string]>([
  [
    'an artifact is missing',
    (web) => rmSync(join(web.dir, artifactFile('binary'))),
    'cannot be read: ENOENT',
  ],
  ['an artifact is shorter', (web) => web.write(artifactFile('binary'), 'bin'), 'has 3 bytes instead of 6'],
  [
    'an artifact is another one',
    (web) => web.write(artifactFile('binary'), 'BINARY'),
    'its SHA-256 is another one',
  ],
  [
    'the console is missing',
    (web) => rmSync(join(web.dir, 'hello', uuidOf(1), 'console.txt')),
    'cannot be read: ENOENT',
  ],
  [
    'the console has no times',
    (web) => web.write(`hello/${uuidOf(1)}/console.txt`, 'text\n'),
    'does not begin with a time',
  ],
  [
    'the script is a folder',
    (web) => {
      rmSync(join(web.dir, 'hello', uuidOf(1), 'script.txt'))
      mkdirSync(join(web.dir, 'hello', uuidOf(1), 'script.txt'))
    },
    'cannot be read: EISDIR',
  ],
  [
    'a script that is a link to a file outside',
    (web) => {
      const script = join(web.dir, 'hello', uuidOf(1), 'script.txt')
      rmSync(script)
      symlinkSync('/etc/passwd', script)
    },
    'is a link that leads out of',
  ],
  [
    'an artifact that is a link to a file outside',
    (web) => {
      const outside = join(temporaryDir(), 'binary')
      renameSync(join(web.dir, artifactFile('binary')), outside)
      symlinkSync(outside, join(web.dir, artifactFile('binary')))
    },
    'is a link that leads out of',
  ],
  [
    'a console outside',
    (web) => web.sqlite.exec(`UPDATE build SET console = '../../etc/passwd'`),
    'path of the console "../../etc/passwd" contains ".."',
  ],
  [
    'a script with an absolute path',
    (web) => web.sqlite.exec(`UPDATE build SET script = '/etc/passwd'`),
    'path of the script "/etc/passwd" is absolute',
  ],
  [
    'an artifact whose path leads out',
    (web) => web.sqlite.exec(`UPDATE build_artifact SET filepath = 'a/../../b'`),
    'artifact path "a/../../b" contains ".."',
  ],
  [
    'two artifacts at one path',
    (web) =>
      web.sqlite.exec(
        `INSERT INTO build_artifact (filepath, sha256, size, build) SELECT 'bin//x', sha256, size, build FROM build_artifact`,
      ),
    'two artifacts have the path "bin/x"',
  ],
  [
    'a file that is a folder',
    (web) =>
      web.sqlite.exec(
        `INSERT INTO build_artifact (filepath, sha256, size, build) SELECT 'bin', sha256, size, build FROM build_artifact`,
      ),
    '"bin" is a file, and the folder of "bin/x"',
  ],
  ['a job named ..', (web) => web.sqlite.exec(`UPDATE job SET name = '..'`), 'job name ".." is not a name'],
  [
    'a job whose name is not UTF-8',
    (web) => web.sqlite.exec(`UPDATE job SET name = CAST(x'ff' AS TEXT)`),
    'job: it is not UTF-8',
  ],
  ['a job that is missing', (web) => web.sqlite.exec('DELETE FROM job'), 'job: '],
  [
    'a platform without a name',
    (web) => web.sqlite.exec(`UPDATE build SET platform = ''`),
    'platform name "" is empty',
  ],
  ['no UUID', (web) => web.sqlite.exec(`UPDATE build SET uuid = 'x'`), '"x" is no UUID'],
  [
    'a hash of another length',
    (web) => web.sqlite.exec(`UPDATE build_artifact SET sha256 = x'00'`),
    'it does not have 32 bytes',
  ],
  ['a negative size', (web) => web.sqlite.exec('UPDATE build_artifact SET size = -1'), 'sizeBytes: '],
  ['a time that is a text', (web) => web.sqlite.exec(`UPDATE build SET start_d = 'today'`), 'startDay: '],
  [
    'a time beyond the year 9999',
    (web) => web.sqlite.exec('UPDATE build SET finish_d = 3000000'),
    'its finish is no time',
  ],
  [
    'picoseconds of more than a day',
    (web) => web.sqlite.exec('UPDATE build SET start_ps = 86400000000000000'),
    'its start is no time',
  ],
])('%s: the build is refused by name, and the others are not', async (_name, damage, reason) => {
  const web = builderWebDir(temporaryDir())
  web.addBuild({ uuid: uuidOf(1), artifacts: { 'bin/x': 'binary' } })
  damage(web)
  web.addBuild({ uuid: uuidOf(2), job: 'other', artifacts: { 'bin/y': 'other binary' } })
  const { status, report } = await importFrom(emptySite, web.dir, '--dry-run')
  expect(report?.refused.filter(({ name }) => name.startsWith('build '))).toEqual([
    {
      name: expect.stringMatching(/^build (00000000-0000-4000-8000-000000000001|x)/) as string,
      reason: expect.stringContaining(reason) as string,
    },
  ])
  expect(status).toBe(3)
  expect(report?.tables['build']).toMatchObject({ imported: 1, refused: 1 })
  expect(report?.tables['job']).toMatchObject({ imported: 1, present: 0 })
})

test.each<[name: string, prepare: (web: Web) => void, message: string]>([
  ['another program', (web) => web.sqlite.pragma('application_id = 1'), 'is no database of builder-web'],
  [
    'an older version',
    (web) => web.sqlite.pragma('user_version = 17'),
    'migrate it to 18 by builder-migrations',
  ],
  ['a newer version', (web) => web.sqlite.pragma('user_version = 19'), 'newer than 18'],
  [
    'no database',
    (web) => writeFileSync(join(web.dir, 'builder.sqlite3'), 'x'.repeat(5_000)),
    'cannot be read: ',
  ],
  ['no table', (web) => web.sqlite.exec('DROP TABLE access_list'), 'no such table'],
  ['an absent file', (web) => rmSync(join(web.dir, 'builder.sqlite3')), "name builder-web's data directory"],
])('%s is refused with what to do', async (_name, prepare, message) => {
  const web = builderWebDir(temporaryDir())
  prepare(web)
  web.sqlite.close()
  const { status, stderr } = await importFrom(emptySite, web.dir)
  expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
})

test('an import that is killed goes on where it was', async () => {
  const site = await importSite()
  const web = builderWebDir(temporaryDir())
  const count = 60
  for (let n = 1; n <= count; n++)
    web.addBuild({ uuid: uuidOf(n), job: `job ${n % 5}`, artifacts: { 'bin/x': `binary ${n % 50}` } })
  // Nobody writes into it: the import cannot come to its end.
  const script = join(web.dir, 'job 0', uuidOf(count), 'script.txt')
  rmSync(script)
  execFileSync('mkfifo', [script])
  const args = ['import', 'builder-web', web.dir, '--data-dir', site.dataDir]
  const child = spawn(process.execPath, [builtProgram('hub'), ...args])
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_status, signal) => resolve(signal)),
  )
  await expect.poll(() => site.db.build.count(), { interval: 5 }).toBeGreaterThan(0)
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  const stored = await site.db.build.count()
  rmSync(script)
  writeFileSync(script, '#!/bin/sh')
  // What it left is removed once it is old enough to have been locked.
  const imports = join(site.dataDir, 'imports')
  for (const name of readdirSync(imports)) utimesSync(join(imports, name), 0, 0)

  const { status, report } = await importFrom(site, web.dir)
  expect([status, report?.tables['build']]).toEqual([
    0,
    { rows: count, imported: count - stored, present: stored, removed: 0, refused: 0 },
  ])
  expect(readdirSync(imports)).toEqual([])
  const builds = await site.db.build.findMany({ orderBy: { id: 'asc' }, select: { uuid: true } })
  expect(builds.map(({ uuid }) => uuid)).toEqual(Array.from({ length: count }, (_, n) => uuidOf(n + 1)))
  expect(await site.hub('rebuild-facts', '--check')).toMatchObject({ status: 0 })
  expect(await site.hub('export', '--all', '--dest', temporaryDir())).toMatchObject({ status: 0 })
})
