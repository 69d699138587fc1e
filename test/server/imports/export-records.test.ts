import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { importSite, writeRecord, type ImportSite } from '../../import-site.ts'
import { file, sampleRecord } from '../../record.ts'

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** What the site says of its builds, without its own row numbers and what depends on the time and order of arrival. */
async function factsOf({ db }: ImportSite) {
  const builds = await db.build.findMany({
    orderBy: { uuid: 'asc' },
    include: {
      job: { select: { name: true } },
      platform: { select: { name: true } },
      artifacts: { select: { path: true, sha256: true }, orderBy: { path: 'asc' } },
    },
  })
  return builds.map(
    ({
      id: _id,
      jobId: _job,
      platformId: _platform,
      mainBinaryId: _main,
      receivedAt: _at,
      verdictAt: _verdictAt,
      ...facts
    }) => facts,
  )
}

async function siteWithBuilds() {
  const site = await importSite()
  const dir = temporaryDir()
  const records = [
    sampleRecord({ uuid: uuidOf(1) }),
    sampleRecord({ uuid: uuidOf(2), startedAt: new Date('2026-11-02T10:00:00Z') }),
    sampleRecord({
      uuid: uuidOf(3),
      artifacts: [file('bin/hello.hvt', 'another one')],
      platform: 'freebsd-14',
    }),
    sampleRecord({
      uuid: uuidOf(4),
      job: 'dns primary',
      result: { kind: 'signalled', signal: -7n },
      artifacts: [],
    }),
  ]
  const bytes = new Map<string, Buffer>()
  for (const one of records) bytes.set(one.uuid, await writeRecord(join(dir, one.job, one.uuid, 'full'), one))
  await site.hub('import', 'records', dir)
  return { site, bytes }
}

test('exported builds are the same on another site: bytes, verdicts, hashes', async () => {
  const { site, bytes } = await siteWithBuilds()
  const dest = temporaryDir()
  const first = await site.hub('export', '--all', '--dest', dest, '--json')
  expect([first.status, JSON.parse(first.stdout)]).toEqual([
    0,
    {
      exported: 4,
      present: 0,
      refused: [],
      bytes: [...bytes.values()].reduce((sum, { length }) => sum + length, 0),
    },
  ])
  expect(
    readFileSync(join(dest, 'hello', uuidOf(2), 'full')).equals(bytes.get(uuidOf(2)) ?? Buffer.of()),
  ).toBe(true)
  expect(readdirSync(join(dest, 'dns primary'))).toEqual([uuidOf(4)])

  const other = await importSite()
  await other.hub('import', 'records', dest)
  expect(await factsOf(other)).toEqual(await factsOf(site))
  expect((await factsOf(other)).map(({ verdict }) => verdict)).toContain('REPRODUCED')

  // As after a stop in the middle: complete files stay, others are written again.
  truncateSync(join(dest, 'hello', uuidOf(1), 'full'), 10)
  writeFileSync(join(dest, 'hello', uuidOf(1), 'full.part'), 'half')
  const again = await site.hub('export', '--job', 'hello', '--dest', dest, '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({ exported: 1, present: 2 })
  expect(readdirSync(join(dest, 'hello', uuidOf(1)))).toEqual(['full'])
})

test('an archive is imported as it is', async () => {
  const { site, bytes } = await siteWithBuilds()
  const tar = join(temporaryDir(), 'hello.tar')
  expect(await site.hub('export', '--job', 'hello', '--platform', 'debian-12', '--dest', tar)).toMatchObject({
    status: 0,
  })
  const names = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).trim().split('\n').sort()
  expect(names).toEqual([1, 2].map((n) => `hello/${uuidOf(n)}/full`))
  expect(execFileSync('tar', ['-xOf', tar, names[0] ?? '']).equals(bytes.get(uuidOf(1)) ?? Buffer.of())).toBe(
    true,
  )
  const other = await importSite()
  expect(await other.hub('import', 'records', tar)).toMatchObject({ status: 0 })
  expect(await other.db.build.count()).toBe(2)
  expect(await site.hub('export', '--all', '--dest', tar)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is there already') as string,
  })
})

test('builds whose content is lost are named, the others are written', async () => {
  const { site } = await siteWithBuilds()
  const { artifacts } = (await factsOf(site)).find(({ uuid }) => uuid === uuidOf(3)) ?? {}
  const sha256 = artifacts?.[0]?.sha256 ?? ''
  rmSync(join(site.dataDir, 'blobs', sha256.slice(0, 2), sha256))
  const dest = join(temporaryDir(), 'new')
  const missing = uuidOf(9)
  for (const place of [dest, `${dest}.tar`]) {
    const outcome = await site.hub('export', uuidOf(1), uuidOf(3).toUpperCase(), missing, '--dest', place)
    expect(outcome).toMatchObject({
      status: 3,
      stdout: expect.stringContaining('1 records written') as string,
    })
    expect(outcome.stdout).toContain(`build ${uuidOf(3)} of job hello: `)
    expect(outcome.stdout).toContain(`build ${missing}: there is no such build`)
  }
  expect(existsSync(join(dest, 'hello', uuidOf(3)))).toBe(false)
  // Damage of which only the bytes tell.
  mkdirSync(join(site.dataDir, 'blobs', sha256.slice(0, 2)), { recursive: true })
  writeFileSync(join(site.dataDir, 'blobs', sha256.slice(0, 2), sha256), 'ANOTHER ONE')
  const damaged = await site.hub('export', uuidOf(3), '--dest', dest)
  expect(damaged.status).toBe(3)
  const archive = await site.hub('export', uuidOf(3), '--dest', `${dest}2.tar`)
  expect(archive).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is not written: blob') as string,
  })
  expect(readdirSync(join(dest, 'hello', uuidOf(3)))).toEqual([])
})

test.each([
  [['--dest', 'x'], 'give UUIDs, --job or --all'],
  [['--all', '--job', 'hello', '--dest', 'x'], 'give UUIDs, --job or --all'],
  [['--all', '--platform', 'p', '--dest', 'x'], '--platform needs --job'],
  [['--all'], "required option '--dest <path>'"],
])('%j is bad usage', async (args, message) => {
  const site = await importSite()
  expect(await site.hub('export', ...args)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(message) as string,
  })
})
