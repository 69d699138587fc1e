import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BuildId } from '../../../server/ids.ts'
import { reasonOf } from '../../../server/retention/removal.ts'
import { definedFacts } from '../facts/defined-facts.ts'
import { content, factSite, removeAll, store, told, type Told } from '../facts/fact-site.ts'
import { uuidOf } from '../graphql-site.ts'

const base: Told = {
  job: 'one',
  platform: 'debian-12',
  failed: false,
  startedAt: new Date('2026-01-20T12:00:00Z'),
  durationMs: 5_000,
  input: 1,
  output: 1,
  readme: null,
  opamSwitch: 1,
}

test('a removed build leaves its facts, and the hashes of its artifacts, each once', async () => {
  const site = await factSite()
  await store(site, base, 1)
  const id = await store(site, { ...base, failed: true }, 2)
  const build = await site.db.build.findUniqueOrThrow({ where: { id } })
  await removeAll(site, [id])
  expect(
    await site.db.tombstone.findMany({ include: { artifacts: { orderBy: { sha256: 'asc' } } } }),
  ).toEqual([
    {
      id: 1,
      uuid: uuidOf(2),
      job: 'one',
      platform: 'debian-12',
      startedAt: base.startedAt,
      finishedAt: new Date('2026-01-20T12:00:05Z'),
      receivedAt: build.receivedAt,
      status: 'FAILED',
      inputId: build.inputId,
      mainBinaryPath: 'bin/hello',
      mainBinarySha256: content('output 1').id,
      mainBinarySizeBytes: 10n,
      verdict: 'REPRODUCED',
      reproducedCount: 1,
      removedAt: new Date('2026-03-01T00:00:00Z'),
      reason: 'a test',
      artifacts: ['output 1', 'switch 1', 'input 1', 'packages']
        .map((text) => ({ sha256: content(text).id, startedAt: base.startedAt, tombstoneId: 1 }))
        .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    },
  ])
})

test('tombstones have the verdicts that their builds had together, in whatever order these were removed', async () => {
  const site = await factSite()
  const [builds = []] = fc.sample(fc.array(told, { minLength: 30, maxLength: 30 }), { seed: 7, numRuns: 1 })
  const ids: BuildId[] = []
  for (const [number, build] of builds.entries()) ids.push(await store(site, build, number))
  const { verdicts, outputs } = await definedFacts(site.db)
  const sizes = Object.fromEntries(
    Object.entries(outputs ?? {}).map(([sha256, output]) => [
      sha256,
      Number((output as { buildCount: number }).buildCount),
    ]),
  )
  await removeAll(
    site,
    ids.sort((a, b) => ((a * 7919) % 31) - ((b * 7919) % 31)),
  )
  const tombstones = await site.db.tombstone.findMany()
  expect(Object.fromEntries(tombstones.map(({ uuid, verdict }) => [uuid, verdict]))).toEqual(verdicts)
  expect(new Set(Object.values(verdicts ?? {})).size).toBeGreaterThan(2)
  for (const { mainBinarySha256, reproducedCount } of tombstones)
    expect(reproducedCount).toBe(mainBinarySha256 === null ? 0 : (sizes[mainBinarySha256] ?? 0) - 1)
})

test('a removed build that is stored again is a build again, without a tombstone', async () => {
  const site = await factSite()
  const id = await store(site, base, 1)
  await store(site, base, 2)
  await removeAll(site, [id])
  expect(await site.db.tombstone.count()).toBe(1)
  await store(site, base, 1)
  expect(await site.db.tombstone.count()).toBe(0)
  expect(await site.db.tombstoneArtifact.count()).toBe(0)
  expect(await site.db.build.count()).toBe(2)
})

test('the pin of a build goes with it', async () => {
  const site = await factSite()
  const id = await store(site, base, 1)
  await site.writer.transact([], (tx) =>
    tx.pin.create({ data: { buildId: id, pinnedAt: new Date(0), reason: 'release' } }),
  )
  await removeAll(site, [id])
  expect(await site.db.pin.count()).toBe(0)
})

test.each([
  ['vacuum except-latest 5', 'vacuum except-latest 5'],
  [' two\n\tlines ', 'two lines'],
  ['x'.repeat(501), `${'x'.repeat(499)}…`],
  ['🦫'.repeat(500), '🦫'.repeat(500)],
])('a reason is one line: %j', (text, expected) => expect(reasonOf(text)).toBe(expected))
