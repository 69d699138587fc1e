import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDeps } from '../../../server/start-server.ts'
import { projectDir } from '../../app.ts'
import { hub } from '../../hub.ts'
import { sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'
import {
  binary,
  copySite,
  flipLastByte,
  leaveOld,
  makeSite,
  records,
  remove,
  result,
  type Copy,
} from './verified-site.ts'

const site = mkdtempSync(join(tmpdir(), 'builder-hub-verified-'))
beforeAll(() => makeSite(site))
afterAll(() => rmSync(site, { recursive: true }))

test('a site without faults has none', async () => {
  const copy = copySite(site)
  for (const how of ['--quick', '--full']) {
    const { status, lines } = await copy.verify(how)
    expect(lines.map(({ type }) => type)).toEqual(['summary'])
    expect(status).toBe(0)
  }
  const { stdout } = await hub(['verify', '--data-dir', copy.config.dataDir])
  expect(stdout).toBe('nothing is wrong\n')
})

type Fault = {
  plant: (copy: Copy) => void
  /** The findings, whose kinds may have companions. */
  kinds: string[]
  /** Only a full run finds it. */
  isFull?: true
  subject: Record<string, string>
  detail: string | RegExp
  /** What is left after a repair. */
  left: string[]
  aside?: string[]
}

const ofFirst = { job: 'hello', build: uuidOf(1) }
const zeros = '0'.repeat(64)
const untracked = sha256('nothing refers to this')

const indexOf = (copy: Copy, build: number) =>
  copy.rows(`SELECT lower(hex(consoleIndexSha256)) AS id FROM Build WHERE uuid = '${uuidOf(build)}'`)[0]
    ?.id as string

const faults: Record<string, Fault> = {
  'a file is missing': {
    plant: (copy) => remove(copy.blob(binary)),
    kinds: ['BLOB_MISSING'],
    subject: { ...ofFirst, path: 'bin/hello.hvt', sha256: binary },
    detail: 'its file is missing',
    left: ['BLOB_MISSING'],
  },
  'a file is cut': {
    plant: (copy) => truncateSync(copy.blob(binary), 100),
    kinds: ['BLOB_SIZE'],
    subject: { ...ofFirst, path: 'bin/hello.hvt', sha256: binary },
    detail: 'it has 100 bytes instead of 600',
    left: ['BLOB_MISSING'],
    aside: [binary],
  },
  'a bit of a file is flipped': {
    plant: (copy) => flipLastByte(copy.blob(binary)),
    ...{ kinds: ['BLOB_DAMAGED'], isFull: true },
    subject: { ...ofFirst, path: 'bin/hello.hvt', sha256: binary },
    detail: /^its bytes have the SHA-256 [0-9a-f]{64}$/,
    left: ['BLOB_MISSING'],
    aside: [binary],
  },
  'the index of a console is damaged': {
    plant: (copy) => flipLastByte(copy.blob(indexOf(copy, 2))),
    ...{ kinds: ['BLOB_DAMAGED'], isFull: true },
    subject: { job: 'hello', build: uuidOf(2), path: '(index of the console)' },
    detail: /^its bytes have the SHA-256/,
    left: ['BLOB_MISSING'],
  },
  'the index of a console belongs to another console': {
    plant: (copy) =>
      copy.sql(`UPDATE Build SET consoleIndexSha256 = x'${indexOf(copy, 1)}' WHERE uuid = '${uuidOf(2)}'`),
    ...{ kinds: ['CONSOLE_INDEX_DIFFERS'], isFull: true },
    subject: { job: 'hello', build: uuidOf(2) },
    detail: 'line 2 begins at byte 11, and not at 13',
    left: ['CONSOLE_INDEX_DIFFERS'],
  },
  'the number of lines of a console is wrong': {
    plant: (copy) => copy.sql(`UPDATE Build SET consoleLineCount = 9 WHERE uuid = '${uuidOf(2)}'`),
    ...{ kinds: ['CONSOLE_INDEX_DIFFERS'], isFull: true },
    subject: { job: 'hello', build: uuidOf(2) },
    detail: 'its row says 9 lines, and there are 3',
    left: ['CONSOLE_INDEX_DIFFERS'],
  },
  'a file is no blob': {
    plant: (copy) => writeFileSync(join(copy.config.blobDir, 'notes.txt'), 'notes'),
    kinds: ['STRAY_FILE'],
    subject: { file: 'notes.txt' },
    detail: 'it is no blob; it has 5 bytes',
    left: [],
    aside: ['notes.txt'],
  },
  'a folder is no folder of blobs': {
    plant: (copy) => leaveOld(join(copy.config.blobDir, 'backup', 'notes.txt'), 'notes'),
    kinds: ['STRAY_FILE'],
    subject: { file: 'backup' },
    detail: 'it is no blob; it has 0 bytes',
    left: [],
    aside: ['backup'],
  },
  'nothing refers to an old blob': {
    plant: (copy) => leaveOld(copy.blob(untracked), 'nothing refers to this'),
    kinds: ['UNTRACKED_BLOB'],
    subject: { sha256: untracked },
    detail: 'nothing refers to it; it has 22 bytes',
    left: ['UNTRACKED_BLOB'],
  },
  'an upload left a file': {
    plant: (copy) => leaveOld(join(copy.config.stagingDir, 'left.blob'), 'left'),
    kinds: ['STAGED_LEFTOVER'],
    subject: {},
    detail: /^an upload left it on .*; it has 4 bytes$/,
    left: [],
    aside: ['left.blob'],
  },
  'a counter is wrong': {
    plant: (copy) => copy.sql('UPDATE JobPlatform SET failedCount = 7 WHERE jobId = 1'),
    kinds: ['FACT_DIFFERS'],
    subject: { job: 'hello', table: 'JobPlatform' },
    detail: 'JobPlatform jobId=1 platformId=1: failedCount is 7, not 0',
    left: [],
  },
  'a verdict is wrong': {
    plant: (copy) => copy.sql(`UPDATE Build SET verdict = 'REPRODUCED' WHERE uuid = '${uuidOf(1)}'`),
    kinds: ['FACT_DIFFERS'],
    subject: { job: 'hello' },
    detail: /verdict is REPRODUCED, not UNCONFIRMED|Count is/,
    left: [],
  },
  'a row of facts belongs to no job': {
    plant: (copy) =>
      copy.sql(`INSERT INTO Output (sha256, buildCount, inputCount) VALUES (x'${zeros}', 1, 1)`),
    kinds: ['FACT_DIFFERS'],
    subject: { table: 'Output' },
    detail: /there should be no such row/,
    left: [],
  },
  'an artifact belongs to no build': {
    plant: (copy) =>
      copy.sql(`INSERT INTO Artifact (buildId, path, sha256, sizeBytes, startedAt)
        VALUES (999, 'a', x'${binary}', 600, 0)`),
    kinds: ['DANGLING_ROW'],
    subject: { table: 'Artifact' },
    detail: 'its buildId refers to a row of Build that does not exist',
    left: [],
  },
  'an uploader does not exist': {
    plant: (copy) => copy.sql('UPDATE Build SET uploaderId = 999'),
    kinds: ['DANGLING_ROW'],
    subject: { table: 'Build' },
    detail: 'its uploaderId refers to a row of User that does not exist',
    left: [],
  },
  'an input id is wrong': {
    plant: (copy) => copy.sql(`UPDATE Build SET inputId = x'${zeros}' WHERE uuid = '${uuidOf(1)}'`),
    kinds: ['BUILD_DIFFERS'],
    subject: ofFirst,
    detail: new RegExp(`^inputId is ${zeros}, not [0-9a-f]{64}$`),
    left: [],
  },
  'a build does not name its main binary': {
    plant: (copy) => copy.sql(`UPDATE Build SET mainBinaryId = 999 WHERE uuid = '${uuidOf(1)}'`),
    kinds: ['DANGLING_ROW', 'BUILD_DIFFERS'].sort(),
    subject: ofFirst,
    detail: /^mainBinaryId is null, not \d+$/,
    left: [],
  },
  'other columns of artifacts are wrong': {
    plant: (copy) =>
      copy.sql(`UPDATE Build SET debugBinarySha256 = x'${zeros}', artifactsSizeBytes = 1
        WHERE uuid = '${uuidOf(1)}'`),
    kinds: ['BUILD_DIFFERS'],
    subject: ofFirst,
    detail: new RegExp(`^debugBinarySha256 is ${zeros}, not null; artifactsSizeBytes is 1, not \\d+$`),
    left: [],
  },
  'a row of an artifact is gone': {
    plant: (copy) => copy.sql(`DELETE FROM Artifact WHERE path = 'system-packages' AND buildId = 1`),
    // The names of files of a job are a fact that is derived from the rows that are left.
    kinds: ['ARTIFACTS_MISSING', 'FACT_DIFFERS'],
    subject: ofFirst,
    detail: 'it has 3 artifacts instead of 4',
    left: ['ARTIFACTS_MISSING'],
  },
  'the result of an analysis is missing': {
    plant: (copy) => remove(copy.blob(result)),
    kinds: ['RESULT_MISSING'],
    subject: { table: 'QueuedTask', row: `SOLO5 ${binary}` },
    detail: 'its file is missing',
    left: [],
  },
  'the result of an analysis is damaged': {
    plant: (copy) => flipLastByte(copy.blob(result)),
    ...{ kinds: ['BLOB_DAMAGED'], isFull: true },
    subject: { table: 'QueuedTask' },
    detail: /^its bytes have the SHA-256/,
    left: [],
    aside: [result],
  },
  'an analysis is done and names no result': {
    plant: (copy) =>
      copy.sql(`UPDATE QueuedTask SET resultSha256 = NULL WHERE kind = 'SOLO5' AND key = '${binary}'`),
    kinds: ['RESULT_MISSING'],
    subject: { table: 'QueuedTask', row: `SOLO5 ${binary}` },
    detail: 'it is done, and its row names no result',
    left: [],
  },
}

const notes = new Set(['UNTRACKED_BLOB', 'STAGED_LEFTOVER'])

test.each(Object.entries(faults))('%s: it is found, named and repaired', async (_name, fault) => {
  const copy = copySite(site)
  fault.plant(copy)
  const how = fault.isFull ? '--full' : '--quick'
  const repaired = await copy.verify(how, '--repair')
  expect([...new Set(repaired.kinds)]).toEqual(fault.kinds)
  expect(repaired.lines).toContainEqual(
    expect.objectContaining({
      subject: expect.objectContaining(fault.subject),
      detail: typeof fault.detail === 'string' ? fault.detail : expect.stringMatching(fault.detail),
    }),
  )
  if (fault.aside) expect(copy.aside()).toEqual(fault.aside)
  const after = await copy.verify(how)
  expect([...new Set(after.kinds)]).toEqual(fault.left)
  expect(after.status).toBe(fault.left.every((kind) => notes.has(kind)) ? 0 : 3)
})

test('content that was moved aside comes back with the next upload, and its mark goes', async () => {
  const copy = copySite(site)
  flipLastByte(copy.blob(binary))
  expect((await copy.verify('--full', '--repair')).status).toBe(3)
  expect(copy.rows('SELECT problem FROM DamagedBlob')).toEqual([{ problem: 'HASH' }])
  const deps = await openDeps(copy.config, projectDir)
  try {
    await receiveAll({ deps }, [{ ...sampleRecord(), ...records[0], uuid: uuidOf(9) }])
  } finally {
    await deps.closeDatabase()
  }
  expect(sha256(readFileSync(copy.blob(binary)))).toBe(binary)
  expect(copy.rows('SELECT * FROM DamagedBlob')).toEqual([])
  expect((await copy.verify('--full')).status).toBe(0)
})

test('a mark goes when the file is restored from a backup', async () => {
  const copy = copySite(site)
  const bytes = readFileSync(copy.blob(binary))
  remove(copy.blob(binary))
  expect((await copy.verify()).status).toBe(3)
  writeFileSync(copy.blob(binary), bytes)
  const { status, lines } = await copy.verify()
  expect(lines.map(({ text }) => text)).toContain(`${binary} is whole again: its mark is removed`)
  expect(status).toBe(0)
  expect(copy.rows('SELECT * FROM DamagedBlob')).toEqual([])
})

test('a damaged page of the database is found', async () => {
  const copy = copySite(site)
  const [root] = copy.rows(`SELECT rootpage FROM sqlite_master WHERE name = 'Build_receivedAt_id_idx'`)
  const [{ page_size: size } = { page_size: 0 }] = copy.rows('PRAGMA page_size') as { page_size: number }[]
  copy.sql('PRAGMA wal_checkpoint(TRUNCATE)')
  const bytes = readFileSync(copy.config.databaseFile)
  // The last bytes of the page are of the entry that was written first.
  const end = Number(root?.rootpage) * size
  bytes[end - 1] = (bytes[end - 1] ?? 0) ^ 3
  writeFileSync(copy.config.databaseFile, bytes)
  const { kinds, status } = await copy.verify('--full')
  expect(kinds).toContain('DATABASE_DAMAGED')
  expect(status).toBe(3)
})

test('builds of one input with different binaries are listed, and are no problem', async () => {
  const copy = copySite(site)
  const deps = await openDeps(copy.config, projectDir)
  try {
    const [first] = records
    const artifacts = [...(first?.artifacts ?? [])].map((one) =>
      one.path === 'bin/hello.hvt' ? { ...one, sizeBytes: 5, data: () => [Buffer.from('other')] } : one,
    )
    await receiveAll({ deps }, [sampleRecord({ uuid: uuidOf(7), artifacts })])
  } finally {
    await deps.closeDatabase()
  }
  const { kinds, lines, status } = await copy.verify()
  expect(kinds).toEqual(['NOT_REPRODUCIBLE'])
  expect(lines[0]?.detail).toContain(`${binary} (build ${uuidOf(1)})`)
  expect(lines[0]?.detail).toContain(`(build ${uuidOf(7)})`)
  expect(status).toBe(0)
})

test('--job and --since leave other builds out', async () => {
  const copy = copySite(site)
  flipLastByte(copy.blob(binary))
  // Its length is right.
  expect((await copy.verify('--quick')).kinds).toEqual([])
  const soon = new Date(Date.now() + 60_000).toISOString()
  expect((await copy.verify('--full', '--job', 'other')).kinds).toEqual([])
  expect((await copy.verify('--full', '--since', soon)).kinds).toEqual([])
  expect((await copy.verify('--full', '--job', 'hello')).kinds).toEqual(['BLOB_DAMAGED'])
  expect((await copy.verify('--full', '--since', '2020-01-01T00:00:00Z')).kinds).toEqual(['BLOB_DAMAGED'])
})

test.each([
  [['--quick', '--full'], 'give --quick or --full, not both'],
  [['--since', 'yesterday'], 'it must be an RFC 3339 time'],
  [['--rate', '0'], 'it must be a number of bytes'],
])('%j is refused', async (args, message) => {
  const { status, stderr } = await hub(['verify', '--data-dir', site, ...args])
  expect(status).toBe(2)
  expect(stderr).toContain(message)
})

test('a finding is a line for people, without control characters, and says what to do', async () => {
  const copy = copySite(site)
  writeFileSync(join(copy.config.blobDir, 'a\u001b[31m'), '')
  const { status, stdout, stderr } = await hub(['verify', '--data-dir', copy.config.dataDir])
  expect(stdout).toBe(
    'STRAY_FILE a‹U+001B›[31m: it is no blob; it has 0 bytes\n' +
      '  no part of Builder Hub makes such a file: move it elsewhere, or run with --repair\n' +
      'STRAY_FILE: 1\n',
  )
  expect(stderr).toBe('1 problem found: see above what to do\n')
  expect(status).toBe(3)
})
