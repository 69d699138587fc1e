import { expect, test } from 'vitest'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { openDeps } from '../../../server/start-server.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'
import { makeSite, openCopy } from './verified-site.ts'

test('uploads, removals and collections beside a verification raise no false alarm', async () => {
  const dir = temporaryDir()
  await makeSite(dir)
  const copy = openCopy(dir)
  const deps = await openDeps(copy.config, projectDir)
  let isOver = false
  let round = 0
  const work = (async () => {
    for (; !isOver || round < 10; round++) {
      const artifacts = [
        file('bin/hello.hvt', `binary ${round % 3}`),
        file('opam-switch', `switch ${round}`),
        file('build-environment', 'a'),
        file('system-packages', 'a'),
      ]
      await receiveAll({ deps }, [sampleRecord({ job: `job ${round % 2}`, artifacts })])
      if (round % 2 === 0) continue
      const oldest = await deps.db.build.findFirst({ orderBy: { id: 'asc' }, select: { id: true } })
      if (oldest)
        await deps.writer.transact(['builds'], (tx) =>
          removeBuild(tx, oldest.id, { removedAt: new Date(), reason: 'a test' }),
        )
      for await (const _ of collectBlobs(deps, { graceMs: 0 }));
    }
  })()
  try {
    for (const how of ['--quick', '--full', '--full']) {
      const { kinds, lines, status } = await copy.verify(how)
      expect(lines.filter(({ kind }) => kind !== undefined && kind !== 'NOT_REPRODUCIBLE')).toEqual([])
      expect(new Set(['NOT_REPRODUCIBLE', ...kinds]).size).toBe(1)
      expect(status).toBe(0)
    }
  } finally {
    isOver = true
    await work
    await deps.closeDatabase()
  }
  expect(round).toBeGreaterThanOrEqual(10)
})
