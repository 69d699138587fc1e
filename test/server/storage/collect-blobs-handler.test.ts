import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { collectBlobsHandler } from '../../../server/storage/collect-blobs-handler.ts'
import { bytesOf, testApp } from '../../app.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { doors, send } from '../../durability/doors.ts'
import { startWatched } from '../../durability/server.ts'
import { sampleRecord } from '../../record.ts'
import { sha256 } from '../graphql-site.ts'

const twoDaysMs = 2 * 24 * 3_600_000

/** A file of the store that no row names. */
function leave(blobDir: string, text: string, ageMs: number): string {
  const id = sha256(text)
  const file = join(blobDir, id.slice(0, 2), id)
  mkdirSync(join(blobDir, id.slice(0, 2)), { recursive: true })
  writeFileSync(file, text)
  age(file, ageMs)
  return id
}

function age(file: string, ageMs: number): void {
  const writtenAt = new Date(Date.now() - ageMs)
  utimesSync(file, writtenAt, writtenAt)
}

const filesIn = (blobDir: string) =>
  readdirSync(blobDir).flatMap((folder) => readdirSync(join(blobDir, folder)))

test('a server deletes old content without a row, and keeps the content of builds and what is young', async () => {
  const config = configOf(makeDataDir())
  const old = leave(config.blobDir, 'old', twoDaysMs)
  const young = leave(config.blobDir, 'young', 0)
  const { url, deps, errors } = await startWatched({ config, runsTasks: true })
  await vi.waitUntil(() => !filesIn(config.blobDir).includes(old), { timeout: 60_000 })
  const { verdict } = await send(doors[0], url, await bytesOf(encodeExecRecord(sampleRecord())))
  expect(verdict).toBe('stored')
  const kept = filesIn(config.blobDir)
    .filter((id) => id !== young)
    .sort()
  expect(kept.length).toBeGreaterThan(3)
  for (const id of kept) age(join(config.blobDir, id.slice(0, 2), id), twoDaysMs)
  const other = leave(config.blobDir, 'other', twoDaysMs)
  // The next day.
  await expect
    .poll(() =>
      deps.db.queuedTask.count({ where: { kind: 'COLLECT_BLOBS', state: 'PENDING', progress: null } }),
    )
    .toBe(1)
  await deps.writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ where: { kind: 'COLLECT_BLOBS' }, data: { dueAt: new Date(0) } }),
  )
  deps.runner.wake()
  await vi.waitUntil(() => !filesIn(config.blobDir).includes(other), { timeout: 60_000 })
  expect(filesIn(config.blobDir).sort()).toEqual([...kept, young].sort())
  expect(errors).toEqual([])
})

/** A site with so many old blobs to which no row refers. */
async function siteWithOrphans(count: number) {
  const { deps } = await testApp()
  for (let n = 0; n < count; n++) {
    const staged = await deps.blobs.stage(
      (async function* () {
        yield Buffer.from(`orphan ${n}`)
      })(),
    )
    await deps.blobs.commit([staged])
  }
  const { list } = deps.blobs
  const blobs = {
    ...deps.blobs,
    async *list() {
      for await (const one of list()) yield { ...one, writtenAt: new Date(0) }
    },
  }
  const left = async () => {
    let found = 0
    for await (const _one of list()) found += 1
    return found
  }
  return { deps: { ...deps, blobs }, left }
}

test('a collection is done in parts; after a restart it begins anew', async () => {
  const { deps, left } = await siteWithOrphans(350)
  const task = { kind: 'COLLECT_BLOBS', key: '', progress: null } as ClaimedTask
  // A run ends after the step at which it is stopped.
  const stopped = AbortSignal.abort()
  const handler = collectBlobsHandler(deps)
  const recordOf = async (one: typeof handler, progress: string | null) =>
    one.record?.(await one.run({ ...task, progress }, stopped)) ?? {}
  const first = await recordOf(handler, null)
  expect(first).toMatchObject({ isPartial: true })
  expect(await left()).toBe(250)
  const second = await recordOf(handler, first.progress ?? null)
  expect(second.progress).toBe(first.progress)
  expect(await left()).toBe(150)
  const restarted = collectBlobsHandler(deps)
  const third = await recordOf(restarted, second.progress ?? null)
  expect(third.progress).not.toBe(first.progress)
  expect(await left()).toBe(50)
  const fourth = await recordOf(restarted, third.progress ?? null)
  expect(await left()).toBe(0)
  expect(await recordOf(restarted, fourth.progress ?? null)).toEqual({})
})
