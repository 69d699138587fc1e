import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import type { Refused } from '../../../server/imports/import-report.ts'
import { temporaryDir } from '../../app.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { importSite, writeRecord } from '../../import-site.ts'
import { file, sampleRecord } from '../../record.ts'

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

test('files, folders and archives of records are imported; builds that are there already are counted', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  // builder-server's folder, and what else lies in it.
  for (const n of [1, 2]) {
    await writeRecord(join(dir, 'db/hello', uuidOf(n), 'full'), sampleRecord({ uuid: uuidOf(n) }))
    writeFileSync(join(dir, 'db/hello', uuidOf(n), 'script'), 'no record')
  }
  symlinkSync(join(dir, 'db'), join(dir, 'db/around'))
  await writeRecord(join(dir, 'one.der'), sampleRecord({ uuid: uuidOf(3) }))
  await writeRecord(join(dir, 'packed/a.full'), sampleRecord({ uuid: uuidOf(4) }))
  // Larger than what is read whole, beside one that is small.
  const large = file('bin/large', Buffer.alloc(5 * 1024 ** 2, 'x'))
  await writeRecord(join(dir, 'packed/b.full'), sampleRecord({ uuid: uuidOf(5), artifacts: [large] }))
  writeFileSync(join(dir, 'packed/notes.txt'), 'no record')
  execFileSync('tar', ['-cf', join(dir, 'plain.tar'), '-C', dir, 'packed'])
  execFileSync('tar', ['-czf', join(dir, 'packed.tgz'), '-C', dir, 'packed'])
  const paths = ['db', 'one.der', 'plain.tar'].map((name) => join(dir, name))

  const dry = await site.hub('import', 'records', ...paths, '--dry-run', '--json')
  expect(dry).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(dry.stdout)).toEqual({ dryRun: true, imported: 5, present: 0, removed: 0, refused: [] })
  expect(await site.db.build.count()).toBe(0)

  const first = await site.hub('import', 'records', ...paths)
  expect(first).toEqual({
    status: 0,
    stdout: '5 builds imported, 0 there already, 0 refused\n',
    stderr: '',
  })
  const builds = await site.db.build.findMany({ orderBy: { uuid: 'asc' }, include: { job: true } })
  expect(builds.map(({ uuid, uploaderId }) => [uuid, uploaderId])).toEqual(
    [1, 2, 3, 4, 5].map((n) => [uuidOf(n), null]),
  )
  const again = await site.hub('import', 'records', ...paths, join(dir, 'packed.tgz'), '--json')
  expect(JSON.parse(again.stdout)).toEqual({
    dryRun: false,
    imported: 0,
    present: 7,
    removed: 0,
    refused: [],
  })
  expect(readdirSync(join(site.dataDir, 'imports')), 'the staging folder is gone').toEqual([])
})

test('builds are said to be uploaded by a user, who has to be allowed to', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  await writeRecord(join(dir, 'full'), sampleRecord({ uuid: uuidOf(1) }))
  expect(await site.hub('import', 'records', dir, '--as', 'nobody')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no user nobody') as string,
  })
  const { id, ...alice } = await site.db.user.findUniqueOrThrow({ where: { name: 'alice' } })
  await site.writer.transact([], (tx) =>
    tx.user.create({ data: { ...alice, name: 'bob', unrestricted: false } }),
  )
  const refused = await site.hub('import', 'records', dir, '--as', 'bob')
  expect(refused).toMatchObject({
    status: 3,
    stdout: expect.stringContaining('may not upload builds of job hello') as string,
  })
  await site.hub('access', 'add', 'bob', 'hello')
  expect(await site.hub('import', 'records', dir, '--as', 'bob')).toMatchObject({ status: 0 })
  expect(await site.db.build.findFirstOrThrow()).toMatchObject({ uploaderId: id + 1 })
})

test('bad records are named, the others are imported, and the command exits with 3', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const at = (name: string) => join(dir, name)
  const good = await writeRecord(at('good.full'), sampleRecord({ uuid: uuidOf(1) }))
  await writeRecord(at('name.full'), sampleRecord({ job: '..', uuid: uuidOf(2) }))
  writeFileSync(at('cut.full'), good.subarray(0, -1))
  writeFileSync(at('longer.full'), Buffer.concat([good.subarray(0), Buffer.of(0)]))
  writeFileSync(at('empty.full'), '')
  writeFileSync(at('text.full'), 'not a record at all')
  mkdirSync(at('archives'))
  writeFileSync(at('archives/short.tar'), Buffer.alloc(700, 'x'))
  writeFileSync(at('archives/cut.tar.gz'), gzipSync(Buffer.alloc(4_096, 'x')).subarray(0, 30))
  const archives = ['short.tar', 'cut.tar.gz'].map((name) => at(`archives/${name}`))

  for (const how of [['--dry-run'], []]) {
    const outcome = await site.hub('import', 'records', dir, ...archives, at('absent'), '--json', ...how)
    expect(outcome).toMatchObject({ status: 3, stderr: expect.stringMatching(/^8 refused: /) as string })
    const { imported, refused } = JSON.parse(outcome.stdout) as {
      imported: number
      refused: { name: string; reason: string }[]
    }
    expect(imported).toBe(1)
    const reasons = Object.fromEntries(refused.map(({ name, reason }) => [name, reason]))
    expect(reasons).toEqual({
      [at('name.full')]: expect.stringContaining('job name ".." is not a name') as string,
      [at('cut.full')]: expect.stringContaining('malformed build record at byte') as string,
      [at('longer.full')]: expect.stringMatching(/malformed build record|exists already/) as string,
      [at('empty.full')]: expect.stringContaining('malformed build record at byte 0') as string,
      [at('text.full')]: expect.stringContaining('malformed build record at byte 0') as string,
      [at('absent')]: expect.stringContaining('no such file') as string,
      [archives[0] ?? '']: expect.any(String) as string,
      [archives[1] ?? '']: expect.any(String) as string,
    })
  }
  expect(await site.db.build.count()).toBe(1)
})

test('files are deleted once their builds are durable, refused ones stay', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const full = join(dir, 'hello', uuidOf(1), 'full')
  await writeRecord(full, sampleRecord({ uuid: uuidOf(1) }))
  writeFileSync(join(dir, 'bad.full'), 'bad')
  await site.hub('import', 'records', dir, '--dry-run', '--delete')
  expect(existsSync(full)).toBe(true)
  await site.hub('import', 'records', dir, '--delete')
  expect(readdirSync(dir)).toEqual(['bad.full', 'hello'])
  expect(readdirSync(join(dir, 'hello'))).toEqual([])
  await writeRecord(full, sampleRecord({ uuid: uuidOf(1) }))
  await site.hub('import', 'records', dir, '--delete')
  expect(existsSync(full), 'its build was stored before').toBe(false)
})

test('a record that differs from the stored build of its UUID is refused, and stays', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const path = join(dir, 'x.full')
  const record = sampleRecord({
    uuid: uuidOf(1),
    artifacts: [file('bin/x', 'one'), file('README.md', 'read')],
  })
  await writeRecord(path, record)
  await site.hub('import', 'records', dir)
  const [artifact, readme] = [file('bin/x', 'one'), file('README.md', 'read')]
  const others: [name: string, parts: Partial<ExecRecord>][] = [
    ['job', { job: 'other' }],
    ['platform', { platform: 'other' }],
    ['start', { startedAt: new Date(record.startedAt.getTime() - 1) }],
    ['finish', { finishedAt: new Date(record.finishedAt.getTime() + 1) }],
    ['result', { result: { kind: 'signalled', signal: 0n } }],
    ['result', { result: { kind: 'aborted', message: Buffer.from('x') } }],
    ['script', { script: Buffer.from('other') }],
    ['console', { console: [] }],
    ['readme', { artifacts: [artifact, file('README.md', 'other')] }],
    ['artifact "bin/x"', { artifacts: [file('bin/x', 'two'), readme] }],
    ['artifact "bin/y"', { artifacts: [artifact, file('bin/y', 'two'), readme] }],
    ['missing artifact "bin/x"', { artifacts: [readme] }],
  ]
  const reasons: Record<string, string> = {}
  for (const [index, [name, parts]] of others.entries()) {
    const other = join(dir, `${index}.full`)
    await writeRecord(other, { ...record, ...parts })
    reasons[other] = `build ${uuidOf(1)} is stored with other content (${name})`
  }
  for (const how of ['--dry-run', '--delete']) {
    const { status, stdout } = await site.hub('import', 'records', dir, '--json', how)
    const { present, refused } = JSON.parse(stdout) as { present: number; refused: Refused[] }
    expect([status, present, refused.length]).toEqual([3, 1, others.length])
    for (const { name, reason } of refused) expect(reason).toContain(reasons[name])
  }
  expect(readdirSync(dir).length, 'only the file of the stored content is gone').toBe(others.length)
  // A readme that only the stored build has is no loss.
  await writeRecord(path, { ...record, artifacts: [artifact] })
  expect(await site.hub('import', 'records', path, '--delete')).toMatchObject({ status: 0 })
  expect(existsSync(path)).toBe(false)
})

test('of two records with one UUID, one is stored, and the other stays', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  for (const n of [1, 2, 3])
    await writeRecord(
      join(dir, `${n}.full`),
      sampleRecord({ uuid: uuidOf(1), artifacts: [file('bin/x', `${n % 2}`)] }),
    )
  expect(await site.hub('import', 'records', dir, '--delete')).toMatchObject({ status: 3 })
  const { mainBinarySha256 } = await site.db.build.findFirstOrThrow()
  const stored = mainBinarySha256 === createHash('sha256').update('1').digest('hex') ? 1 : 0
  expect(readdirSync(dir)).toEqual(stored === 1 ? ['2.full'] : ['1.full', '3.full'])
})

test('builds that were removed here stay removed, and their files stay, unless they are asked for', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const path = join(dir, 'x.full')
  await writeRecord(path, sampleRecord({ uuid: uuidOf(1) }))
  await site.hub('import', 'records', dir)
  await site.hub('build', 'remove', uuidOf(1), '--reason', 'secret', '--yes')
  expect(await site.db.build.count()).toBe(0)
  for (const how of ['--dry-run', '--delete']) {
    const { status, stdout } = await site.hub('import', 'records', dir, '--json', how)
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      { imported: 0, present: 0, removed: 1, refused: [] },
    ])
  }
  expect(existsSync(path)).toBe(true)
  expect(await site.hub('import', 'records', dir, '--again')).toMatchObject({
    status: 0,
    stdout: '1 builds imported, 0 there already, 0 refused\n',
  })
})

test('a watcher tries again what the rights of its user have refused', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  await writeRecord(join(dir, '1.full'), sampleRecord({ uuid: uuidOf(1) }))
  const { id: _, ...alice } = await site.db.user.findUniqueOrThrow({ where: { name: 'alice' } })
  await site.writer.transact([], (tx) =>
    tx.user.create({ data: { ...alice, name: 'bob', unrestricted: false } }),
  )
  const watching = site.hub(
    ...['import', 'records', dir, '--as', 'bob', '--json', '--watch'],
    ...['--interval', '0.02', '--retry', '0.02'],
  )
  const stored = () => site.db.build.count()
  await site.hub('access', 'add', 'bob', 'hello')
  await expect.poll(stored).toBe(1)
  await site.hub('user', 'disable', 'bob')
  await writeRecord(join(dir, '2.full'), sampleRecord({ uuid: uuidOf(2) }))
  // Some looks at it.
  await sleep(200)
  expect(await stored()).toBe(1)
  await site.hub('user', 'enable', 'bob')
  await expect.poll(stored).toBe(2)
  process.emit('SIGTERM')
  const { status, stdout } = await watching
  const reasons = stdout.match(/user bob [^:"]*/g) ?? []
  expect([status, new Set(reasons).size], 'each refusal is told once').toEqual([0, reasons.length])
  expect(reasons).toContain('user bob is disabled')
})

test('records are taken as they appear, half-written ones once they are whole', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const half = join(dir, 'half.full')
  const bytes = await writeRecord(join(dir, 'written'), sampleRecord({ uuid: uuidOf(1) }))
  writeFileSync(half, bytes.subarray(0, 300))
  const watching = site.hub('import', 'records', dir, '--watch', '--interval', '0.02', '--json')
  const stored = () => site.db.build.count()

  await writeRecord(join(dir, 'job/x/full'), sampleRecord({ uuid: uuidOf(2) }))
  await expect.poll(stored).toBe(1)
  // It does not change for some looks: it was taken for a record, and refused.
  writeFileSync(half, bytes)
  await expect.poll(stored).toBe(2)
  truncateSync(join(dir, 'written'), 0)
  await writeRecord(join(dir, 'later'), sampleRecord({ uuid: uuidOf(3) }))
  renameSync(join(dir, 'later'), join(dir, 'later.full'))
  await expect.poll(stored).toBe(3)

  process.emit('SIGTERM')
  const { status, stdout } = await watching
  expect(status).toBe(0)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; kind: string; uuid?: string })
  const imported = lines.filter(({ kind }) => kind === 'imported')
  expect(imported.map(({ uuid }) => uuid)).toEqual([2, 1, 3].map(uuidOf))
  expect(lines.filter(({ kind }) => kind !== 'imported').every(({ name }) => name === half)).toBe(true)
})

test.skipIf(!hasCorpus)(
  "builder-server's own files are taken (skipped where the corpus is absent)",
  async () => {
    const site = await importSite()
    const { stdout } = await site.hub('import', 'records', corpusPath('http', 'fallback'))
    expect(stdout).toBe('2 builds imported, 0 there already, 0 refused\n')
  },
)
