import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'
import { doubleCredentials, s3Double, type S3Double } from '../../s3/s3-double.ts'
import { useFilledSite } from './backup-site.ts'

let double: S3Double
beforeAll(async () => {
  double = await s3Double()
  return () => double.close()
})

const filledSite = useFilledSite()

function credentials(): Record<string, string> {
  const file = join(temporaryDir(), 'keys')
  writeFileSync(file, doubleCredentials)
  return { BUILDER_HUB_S3_CREDENTIALS_FILE: file }
}

test('a site is saved in an object store, verified there, mended, and restored from it', async () => {
  const { at, dataDir } = filledSite()
  const place = double.address('backups')
  const env = credentials()
  const run = (args: string[], more: Record<string, string> = {}) => hub(args, { env: { ...env, ...more } })

  const first = await run(['backup', place, '--json', ...at])
  expect(first).toMatchObject({ status: 0, stderr: '' })
  const made = JSON.parse(first.stdout) as { name: string; newCount: number; blobs: { count: number } }
  expect(made.newCount).toBe(made.blobs.count)
  expect(double.objects.has(`backups/snapshots/${made.name}/manifest.json`)).toBe(true)
  expect(readdirSync(join(dataDir, 'outgoing-backup', 'snapshots'))).toEqual([])

  // What is there is not copied again, and a store that is busy now and then does no harm.
  double.plan('status 503', { count: 2, method: 'PUT' })
  const second = await run(['backup', place, '--json', ...at])
  expect(JSON.parse(second.stdout)).toMatchObject({ newCount: 0 })
  expect((await run(['backup', 'list', place])).stdout.trim().split('\n')).toHaveLength(2)
  expect(await run(['backup', 'verify', place, '--all'])).toMatchObject({ status: 0 })

  const [damaged = '', lost = ''] = [...double.objects.keys()].filter((key) =>
    key.startsWith('backups/blobs/'),
  )
  const stored = double.objects.get(damaged)
  if (!stored) throw new Error('the backup has blobs')
  double.objects.set(damaged, { ...stored, bytes: Buffer.alloc(stored.bytes.length, 1) })
  double.objects.delete(lost)
  const verified = await run(['backup', 'verify', place, '--all'])
  expect(verified.status).toBe(3)
  expect(verified.stdout).toContain(`blob ${damaged.slice(-64)}: its bytes have the SHA-256`)
  expect(verified.stdout).toContain(`blob ${lost.slice(-64)}: it is missing`)
  expect(await run(['backup', place, '--check', ...at])).toMatchObject({ status: 0 })
  expect(await run(['backup', 'verify', place, '--all'])).toMatchObject({ status: 0 })

  const onDisk = join(temporaryDir(), 'restored')
  expect(await run(['restore', place, '--data-dir', onDisk])).toMatchObject({ status: 0, stderr: '' })
  expect(readdirSync(onDisk)).not.toContain('incoming-backup')
  expect((await run(['verify', '--full', '--data-dir', onDisk])).stdout).toContain('nothing is wrong')

  // From one store to another, and from there to a folder.
  const inStore = join(temporaryDir(), 'restored')
  const store = { BUILDER_HUB_BLOB_STORE: double.address('site') }
  expect(await run(['restore', place, '--data-dir', inStore], store)).toMatchObject({ status: 0 })
  expect((await run(['verify', '--full', '--data-dir', inStore], store)).stdout).toContain('nothing is wrong')
  const folder = join(temporaryDir(), 'backups')
  expect(await run(['backup', folder, '--data-dir', inStore], store)).toMatchObject({ status: 0 })
  expect(await run(['backup', 'verify', folder, '--all'])).toMatchObject({ status: 0 })
})

test.each([
  [['--keep-daily', '3'], 'are for folders'],
  [['--dry-run'], 'are for folders'],
])('a backup in an object store stays: %j', async (flags, why) => {
  const { at } = filledSite()
  const refused = await hub(['backup', double.address('kept'), ...flags, ...at], { env: credentials() })
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain(why)
})

test('backups and the content of the site do not share a prefix', async () => {
  const { at } = filledSite()
  const env = { ...credentials(), BUILDER_HUB_BLOB_STORE: double.address('shared/site') }
  const refused = await hub(['backup', double.address('shared'), ...at], { env })
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('name another bucket') as string,
  })
})

test('an address without a backup is told so', async () => {
  const refused = await hub(['backup', 'verify', double.address('nothing')], { env: credentials() })
  expect(refused.stderr).toContain('has no finished backup')
})
