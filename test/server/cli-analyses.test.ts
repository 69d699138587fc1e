import { expect, onTestFinished, test } from 'vitest'
import type { AnalysisCounts } from '../../server/analyses/count-analyses.ts'
import { kinds } from '../../server/analyses/kinds.ts'
import { openDeps, startServer } from '../../server/start-server.ts'
import { receiveBuild } from '../../server/uploads/receive-build.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { configOf, makeDataDir } from '../durability/data-dir.ts'
import { alice, projectDir } from '../app.ts'
import { hub as runHub } from '../hub.ts'
import { file, sampleRecord } from '../record.ts'
import { sha256, uuidOf } from './graphql-site.ts'

/** `hub` on a data directory. */
const hub = (dataDir: string, ...args: string[]) => runHub([...args, '--data-dir', dataDir])

const countsOf = async (dataDir: string) =>
  JSON.parse((await hub(dataDir, 'analyses', 'status', '--json')).stdout) as AnalysisCounts

/** A data directory with a build whose switch is fine, and one whose is not; nothing is analysed yet. */
async function twoBuilds() {
  const dataDir = makeDataDir()
  const deps = await openDeps(configOf(dataDir), projectDir)
  onTestFinished(() => deps.closeDatabase())
  const user = await deps.authenticate({ kind: 'password', ...alice }, 'test')
  for (const [n, opamSwitch] of [
    'opam-version: "2.0"\nroots: ["a.1"]\ninstalled: ["a.1"]\npackage "a" {\n  version: "1"\n}\n',
    'roots: [ "a\u001b[31m.1',
  ].entries()) {
    const artifacts = [file('bin/a', 'no unikernel'), file('opam-switch', opamSwitch)]
    await receiveBuild(deps, user, encodeExecRecord(sampleRecord({ uuid: uuidOf(n), artifacts })))
  }
  return { dataDir, db: deps.db }
}

const of = (counts: AnalysisCounts, kind: string) => counts.kinds.find((one) => one.kind === kind)

test('without a server, analyses run at once, and the state is printed', async () => {
  const { dataDir, db } = await twoBuilds()
  const before = await countsOf(dataDir)
  expect(of(before, 'DEPENDENCIES')).toMatchObject({
    pending: 2,
    ready: 0,
    version: kinds.DEPENDENCIES?.version,
  })
  expect(before.oldestPendingSince).toMatch(/^20/)
  const done = await hub(dataDir, 'analyse')
  expect(done.status).toBe(0)
  expect(done.stdout).toMatch(/^\d+ analyses done; \d failed in total\n$/)
  const after = await countsOf(dataDir)
  expect(of(after, 'DEPENDENCIES')).toMatchObject({ pending: 0, ready: 1, failed: 1 })
  expect(of(after, 'SOLO5')).toMatchObject({ pending: 0, ready: 1 })
  expect(after.failures).toContainEqual(expect.objectContaining({ kind: 'DEPENDENCIES', count: 1 }))
  const failed = after.kinds.reduce((sum, one) => sum + one.failed, 0)
  const told = (await hub(dataDir, 'analyses', 'status')).stdout
  expect(told).toMatch(/^dependencies +0 +0 +1 +1 +0$/m)
  expect(told).toMatch(/^ {2}1 × dependencies: /m)
  expect(told).not.toContain('\u001b')
  // What failed is tried again, what is ready is not.
  const { finishedAt } = await db.queuedTask.findFirstOrThrow({ where: { kind: 'SOLO5' } })
  expect((await hub(dataDir, 'analyse')).stdout).toBe(`${failed} analyses done; ${failed} failed in total\n`)
  expect(await db.queuedTask.findFirst({ where: { kind: 'SOLO5' } })).toMatchObject({ finishedAt })
})

test('one build, one kind, or all are run again', async () => {
  const { dataDir, db } = await twoBuilds()
  await hub(dataDir, 'analyse')
  const startOf = async (kind: string, input: string) =>
    (await db.queuedTask.findFirstOrThrow({ where: { kind, key: sha256(input) } })).startedAt?.getTime() ?? 0
  const before = await startOf('SOLO5', 'no unikernel')
  expect((await hub(dataDir, 'analyse', '--all', '--kind', 'dependencies')).stdout).toMatch(
    /^2 analyses done/,
  )
  expect(await startOf('SOLO5', 'no unikernel')).toBe(before)
  expect((await hub(dataDir, 'analyse', uuidOf(0).toUpperCase())).stdout).toMatch(/^\d analyses done/)
  expect(await startOf('SOLO5', 'no unikernel')).toBeGreaterThan(before)
  expect((await hub(dataDir, 'analyse', '--all')).stdout).toMatch(/^[3-9] analyses done/)
})

test('beside a server it says that the server runs them, which it does', async () => {
  const { dataDir, db } = await twoBuilds()
  const server = await startServer(configOf(dataDir), projectDir)
  onTestFinished(server.stop)
  await server.deps.runner.settled()
  const before = await db.queuedTask.findFirstOrThrow({ where: { kind: 'SOLO5' } })
  const { stdout, status } = await hub(dataDir, 'analyse', '--all')
  expect(status).toBe(0)
  expect(stdout).toMatch(new RegExp(`^\\d analyses wait; the server that uses ${dataDir} runs them`))
  await expect
    .poll(() => db.queuedTask.findFirstOrThrow({ where: { kind: 'SOLO5' } }), { timeout: 200_000 })
    .toSatisfy(
      ({ state, startedAt }: typeof before) =>
        state === 'DONE' && (startedAt?.getTime() ?? 0) > (before.startedAt?.getTime() ?? 0),
    )
})

test.each([
  [['analyse', uuidOf(7)], 1, `there is no build ${uuidOf(7)}`],
  [['analyse', uuidOf(7), '--all'], 2, 'give a UUID or --all, not both'],
  [['analyse', '--kind', 'colour'], 2, 'there are solo5, dependencies, binary-size, failure'],
])('hub %j is refused with status %i', async (args, expected, message) => {
  const { status, stderr } = await hub(makeDataDir(), ...args)
  expect(status).toBe(expected)
  expect(stderr).toContain(message)
})
