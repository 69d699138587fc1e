import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { diskBlobStore } from '../../../server/blobs/disk-blob-store.ts'
import { sqliteIntegrity } from '../../../server/database/sqlite/check-sqlite.ts'
import type { Writer } from '../../../server/database/writer.ts'
import { createRepairs, type Repaired } from '../../../server/verify/repair.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'

const main = toBlobId(sha256('main'))
const record = (n: number) => sampleRecord({ uuid: uuidOf(n), artifacts: [file('bin/a', 'main')] })

/** A site whose main binary is damaged, and a repair of it. `meanwhile` runs after its look, before its transaction. */
async function damagedSite(meanwhile: (site: Awaited<ReturnType<typeof openSite>>) => Promise<unknown>) {
  const site = await openSite()
  let looks = 0
  const transact: Writer['transact'] = async (changes, act) => {
    if (looks++ === 0) await meanwhile(site)
    return site.deps.writer.transact(changes, act)
  }
  const repair = createRepairs({
    ...{ db: site.deps.db, writer: { ...site.deps.writer, transact }, store: site.store },
    ...{ quarantineDir: site.quarantineDir, whenAlone: async () => false },
    integrity: sqliteIntegrity,
  })
  return {
    ...site,
    repair: () =>
      repair({
        ...{ kind: 'BLOB_DAMAGED', subject: { sha256: main }, detail: '' },
        repairs: [{ act: 'SET_ASIDE', id: main }],
      }),
  }
}

async function openSite() {
  const dir = temporaryDir()
  const quarantineDir = join(dir, 'quarantine')
  const store = diskBlobStore({ dir: join(dir, 'blobs'), stagingDir: join(dir, 'staging'), quarantineDir })
  const app = await testApp({ blobs: store })
  await receiveAll(app, [record(1)])
  writeFileSync(store.fileOf(main), 'MAIN')
  return { app, deps: app.deps, store, quarantineDir }
}

test('a repair leaves content alone that an upload has replaced since it was looked at', async () => {
  const { deps, store, quarantineDir, repair } = await damagedSite(({ app }) => receiveAll(app, [record(2)]))
  expect(await repair()).toEqual({ acts: ['it is whole by now'], isMended: true })
  expect(readFileSync(store.fileOf(main), 'utf8')).toBe('main')
  expect(existsSync(quarantineDir) ? 'moved' : 'left').toBe('left')
  expect(await deps.db.damagedBlob.count()).toBe(0)
})

test('a repair beside an upload whose content is there, and whose rows are not: the upload is stored', async () => {
  const { app, deps, store, repair } = await damagedSite(async () => {})
  // The upload has replaced the file, and its transaction has not begun.
  const { transact } = deps.writer
  onTestFinished(() => void (deps.writer.transact = transact))
  const repairs: Repaired[] = []
  const { commit } = deps.blobs
  deps.blobs.commit = async (staged) => {
    await commit(staged)
    if (!staged.some(({ id }) => id === main)) return
    // What the upload put there is damaged, too: the repair takes it away.
    writeFileSync(`${store.fileOf(main)}.new`, 'Main')
    renameSync(`${store.fileOf(main)}.new`, store.fileOf(main))
    repairs.push(await repair())
  }
  await receiveAll(app, [record(2)])
  expect(repairs).toMatchObject([{ acts: [expect.stringMatching(/^moved to /)] }])
  expect(await deps.db.build.count()).toBe(2)
  expect(readFileSync(store.fileOf(main), 'utf8')).toBe('main')
})
