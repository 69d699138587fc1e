import { fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { analysisHandlers } from '../../../server/analyses/analysis-handlers.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { openDeps } from '../../../server/start-server.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { alice, projectDir, temporaryDir } from '../../app.ts'
import { buildOf } from './hostile-app.ts'
import { testProgram } from '../../programs.ts'
import { hostileKinds } from './hostile-kinds.ts'
import { hostileWorkers } from './hostile-workers.ts'

/** A data directory with one build whose analysis notes in a file that it began, and goes on for minutes. */
async function slowBuild() {
  const dataDir = makeDataDir()
  const log = join(temporaryDir(), 'runs')
  const deps = await openDeps(configOf(dataDir), projectDir)
  onTestFinished(async () => {
    await deps.workers.close()
    await deps.closeDatabase()
  })
  const shared = { ...deps, analyses: { ...deps.analyses, kinds: hostileKinds() } }
  const user = await deps.authenticate({ kind: 'password', ...alice }, 'test')
  await receiveBuild(shared, user, encodeExecRecord(buildOf(`slow:${log}`)))
  const runs = () =>
    existsSync(log) ? (readFileSync(log, 'utf8').match(/\d+(?=\n)/g) ?? []).map(Number) : []
  const row = () => deps.db.queuedTask.findFirstOrThrow({ where: { kind: 'SOLO5' } })
  const engine = (slots = 1) =>
    createTaskRunner(
      deps,
      analysisHandlers(deps, { kinds: hostileKinds(), workers: hostileWorkers(), slots, retryPauseMs: 10 }),
      { drainMs: 0 },
    )
  return { dataDir, deps, runs, row, engine }
}

/** A process has to start for it, beside those of other tests. */
const starts = { timeout: 200_000 }

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a stopping server releases its running analyses, and the attempts do not count', async () => {
  const { runs, row, engine } = await slowBuild()
  const first = engine()
  await first.start()
  await expect.poll(runs, starts).toHaveLength(1)
  expect(await row()).toMatchObject({ state: 'RUNNING', attempts: 1 })
  await first.close()
  expect(await row()).toMatchObject({ state: 'PENDING', attempts: 0, error: null })
  const [pid = 0] = runs()
  await expect.poll(() => isAlive(pid)).toBe(false)
})

test('analyses of a killed server run again, and the attempts count', async () => {
  const { dataDir, runs, row, engine } = await slowBuild()
  const child = fork(testProgram('killed-server'), [dataDir, projectDir])
  onTestFinished(() => void child.kill('SIGKILL'))
  await expect.poll(runs, starts).toHaveLength(1)
  child.kill('SIGKILL')
  const [pid = 0] = runs()
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(await row()).toMatchObject({ state: 'RUNNING', attempts: 1 })
  const idle = engine(0)
  await idle.start()
  expect(await row()).toMatchObject({ attempts: 1, error: 'the server ended meanwhile' })
  await idle.close()
  const next = engine()
  await next.start()
  await expect.poll(runs, starts).toHaveLength(2)
  expect(await row()).toMatchObject({ state: 'RUNNING', attempts: 2 })
  await next.close()
})

test('an analysis that servers keep dying of fails in the end', async () => {
  const { deps, row, engine } = await slowBuild()
  await deps.writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ where: { kind: 'SOLO5' }, data: { state: 'RUNNING', attempts: 3 } }),
  )
  const next = engine()
  await next.start()
  expect(await row()).toMatchObject({
    state: 'DEAD',
    error: 'the server ended meanwhile; it was tried 3 times',
  })
  // Nor is it tried again as outdated.
  await next.settled()
  expect(await row()).toMatchObject({ state: 'DEAD', attempts: 3 })
  await next.close()
})
