import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { testProgram } from '../../programs.ts'
import { uuidOf } from '../graphql-site.ts'
import { binary, copySite, flipLastByte, leaveOld, makeSite, result, type Copy } from './verified-site.ts'

/** One fault for each act of repairing. */
function plantAll(copy: Copy): void {
  flipLastByte(copy.blob(binary))
  flipLastByte(copy.blob(result))
  writeFileSync(join(copy.config.blobDir, 'notes.txt'), 'notes')
  leaveOld(join(copy.config.stagingDir, 'left.blob'), 'left')
  copy.sql(`UPDATE JobPlatform SET failedCount = 7 WHERE jobId = 1;
    UPDATE Build SET inputId = zeroblob(32) WHERE uuid = '${uuidOf(1)}';
    UPDATE Build SET uploaderId = 999 WHERE uuid = '${uuidOf(2)}';
    INSERT INTO Artifact (buildId, path, sha256, sizeBytes, startedAt) VALUES (999, 'a', x'${binary}', 600, 0)`)
}

const run = (copy: Copy, number: number) =>
  spawnSync(process.execPath, [testProgram('killed-verify'), copy.config.dataDir, String(number)], {
    encoding: 'utf8',
  })

test('a repair that is killed between its acts, again and again, is run again, and mends the rest', async () => {
  const site = temporaryDir()
  await makeSite(site)
  const copy = copySite(site)
  plantAll(copy)
  // Each run does two acts more than the run before, and is killed then.
  let kills = 0
  let last = run(copy, 3)
  for (; last.signal === 'SIGKILL' && kills < 20; last = run(copy, 3)) kills += 1
  expect(last.stderr).toBe('')
  expect(last.status).toBe(0)
  expect(kills).toBeGreaterThan(2)
  const { kinds } = await copy.verify('--full')
  expect(kinds).toEqual(['BLOB_MISSING'])
  expect(copy.aside()).toEqual([binary, 'left.blob', 'notes.txt', result].sort())
})
