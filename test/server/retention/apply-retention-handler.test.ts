import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markForRebuild, rebuildNext } from '../../../server/facts/rebuild-facts.ts'
import { applyRetentionHandler } from '../../../server/retention/apply-retention-handler.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

test('the server applies the policy in parts; after a restart it goes on; a fault removes nothing', async () => {
  const policy = join(temporaryDir(), 'retention.json')
  const app = await testApp({ env: { BUILDER_HUB_RETENTION_FILE: policy } })
  const records = Array.from({ length: 24 }, (_, n) =>
    sampleRecord({
      uuid: uuidOf(n),
      startedAt: new Date(Date.UTC(2026, 0, 1 + n)),
      artifacts: [file('bin/hello', `binary ${n}`)],
    }),
  )
  await receiveAll(app, records)
  const task = { kind: 'APPLY_RETENTION', key: '', progress: null } as ClaimedTask
  // A run ends after the step at which it is stopped.
  const stopped = AbortSignal.abort()
  const handler = applyRetentionHandler(app.deps)
  const recordOf = async (one: typeof handler, progress: string | null) =>
    one.record?.(await one.run({ ...task, progress }, stopped)) ?? {}
  const left = () => app.deps.db.build.count()

  writeFileSync(policy, '{"rules": [{"keep": {"newest": 0}}]}')
  await expect(recordOf(handler, null)).rejects.toThrow('rules[0].keep.newest')
  expect(await left()).toBe(24)

  writeFileSync(policy, '{"rules": [{"keep": {"newest": 3}}]}')
  const first = await recordOf(handler, null)
  expect(first).toMatchObject({ isPartial: true })
  const afterFirst = await left()
  await app.deps.writer.transact([], (tx) => markForRebuild(tx, ['job-platforms']))
  expect(await recordOf(handler, first.progress ?? null)).toEqual({ isPartial: true, pauseMs: 10_000 })
  expect(await left()).toBe(afterFirst)
  while (await rebuildNext(app.deps)) {
    // Until no rule is marked.
  }
  expect(afterFirst).toBeLessThan(24)
  expect(afterFirst).toBeGreaterThanOrEqual(4)
  const second = await recordOf(handler, null)
  const restarted = applyRetentionHandler(app.deps)
  let { progress } = second
  for (let part = await recordOf(restarted, progress ?? null); part.isPartial;) {
    progress = part.progress
    part = await recordOf(restarted, progress ?? null)
  }
  expect(await left()).toBe(3)
  expect(await app.deps.db.tombstone.count({ where: { reason: 'retention policy, rule 1' } })).toBe(21)
  await handler.close?.()
  await restarted.close?.()
  // An entry for each application, and for each that was interrupted.
  const entries = await app.deps.db.auditEntry.findMany({ where: { action: 'retention.apply' } })
  expect(entries.map(({ via, target }) => [via, target])).toEqual(entries.map(() => ['server', policy]))
  const counts = entries.map(({ detail }) => JSON.parse(detail ?? '') as { removedCount: number })
  expect(counts.reduce((sum, { removedCount }) => sum + removedCount, 0)).toBe(21)
})

test('without a policy nothing is removed', async () => {
  const app = await testApp()
  await receiveAll(app, [sampleRecord(), sampleRecord()])
  const handler = applyRetentionHandler(app.deps)
  const task = { kind: 'APPLY_RETENTION', key: '', progress: null } as ClaimedTask
  expect(handler.record?.(await handler.run(task, new AbortController().signal))).toEqual({})
  expect(await app.deps.db.build.count()).toBe(2)
})
