import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { listSnapshots, NoBackupError } from '../../../server/backup/backup-folder.ts'
import { pruneBackups, snapshotsToKeep } from '../../../server/backup/prune-backups.ts'
import { hub } from '../../hub.ts'
import { addBuilds, blobsIn, only, ownRecord, siteRecords, useFilledSite } from './backup-site.ts'

const sha256Of = (data: string) => createHash('sha256').update(data).digest('hex')

const filledSite = useFilledSite()

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

test('prune removes older backups, and content that no other one has, and nothing of other programs', async () => {
  const { dataDir, dir, at, backup } = filledSite()
  const removedUuid = String(siteRecords[0]?.uuid)
  await backup()
  const only1 = blobsIn(join(dir, 'blobs'))
  expect(await hub(['build', 'remove', removedUuid, '--data-dir', dataDir])).toMatchObject({ status: 0 })
  await addBuilds(dataDir, [ownRecord()])
  await backup()
  const [older, newer] = readdirSync(join(dir, 'snapshots'))
  const hash = 'ab'.repeat(32)
  const foreign = [
    'snapshots/daily.0/photo',
    'snapshots/notes',
    `blobs/notes/${hash}`,
    'blobs/ab/notes',
    `blobs/ac/${hash}`,
  ]
  for (const name of foreign) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), '')
  }
  const leftOver = join(dir, `blobs/ab/${hash}.partial`)
  writeFileSync(leftOver, '')
  const dry = await hub(['backup', dir, '--keep-daily', '1', '--dry-run', '--json', ...at])
  const { removed, removedBlobs } = JSON.parse(dry.stdout) as { removed: string[]; removedBlobs: number }
  expect(removed).toEqual([older])
  expect(removedBlobs).toBeGreaterThan(2)
  expect(readdirSync(join(dir, 'snapshots'))).toEqual(expect.arrayContaining([older, newer]))
  const run = await hub(['backup', dir, '--keep-daily', '1', ...at])
  expect(run.status).toBe(0)
  expect(run.stdout).toContain(
    `1 backups kept, 2 removed:\n  ${older}\n  ${newer}\n${removedBlobs} files of them removed`,
  )
  expect(only1.filter((blob) => !existsSync(join(dir, 'blobs', blob)))).toHaveLength(removedBlobs - 1)
  expect(await hub(['backup', 'verify', dir, '--all'])).toMatchObject({ status: 0 })
  expect(foreign.filter((name) => !existsSync(join(dir, name)))).toEqual([])
  expect(existsSync(leftOver)).toBe(false)
  only((await listSnapshots(dir)).map(({ name }) => name))
})

test('prune removes nothing if a list of content that is kept is damaged', async () => {
  const { dir, backup } = filledSite()
  await backup()
  await backup()
  const [older] = await listSnapshots(dir)
  const file = join(dir, 'snapshots', String(older?.name), 'blobs.txt')
  const manifestFile = join(dirname(file), 'manifest.json')
  const [list, manifest] = [readFileSync(file, 'utf8'), readFileSync(manifestFile, 'utf8')]
  const lines = list.trimEnd().split('\n')
  const all = blobsIn(join(dir, 'blobs'))
  const keepAll = { daily: 9, weekly: 0 }
  // Both are of one day: the older one is removed otherwise.
  renameSync(dirname(file), join(dir, 'snapshots/2026-01-01T00-00-00.000Z'))
  const moved = (path: string) => path.replace(String(older?.name), '2026-01-01T00-00-00.000Z')
  for (const [what, text, isDescribed] of [
    ['an empty list', '', false],
    ['a list that was cut', `${lines.slice(1).join('\n')}\n`, false],
    ['another hash', list.replace(/^[0-9a-f]{64}/, '0'.repeat(64)), false],
    ['a list out of order', `${lines.toReversed().join('\n')}\n`, true],
    ['a line twice', `${lines[0]}\n${list}`, true],
    ['fewer lines than counted', `${lines.slice(1).join('\n')}\n`, true],
  ] as const) {
    writeFileSync(moved(file), text)
    const described = JSON.parse(manifest) as { blobs: object }
    if (isDescribed) Object.assign(described.blobs, { sizeBytes: text.length, sha256: sha256Of(text) })
    writeFileSync(moved(manifestFile), JSON.stringify(described))
    await expect(pruneBackups(dir, keepAll, false), what).rejects.toThrow(NoBackupError)
    expect(blobsIn(join(dir, 'blobs')), what).toEqual(all)
  }
  writeFileSync(moved(file), list)
  writeFileSync(moved(manifestFile), manifest)
  expect(await pruneBackups(dir, keepAll, false)).toMatchObject({ removed: [], removedBlobs: 0 })
})
