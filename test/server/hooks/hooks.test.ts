import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { readSitePolicy } from '../../../server/policy/site-policy.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { alice, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'
import { endedRuns, hookSite } from './hook-site.ts'

let app: TestApp
let configDir: string
let hooks: ReturnType<typeof hookSite>

beforeAll(async () => {
  configDir = mkdtempSync(join(tmpdir(), 'builder-hub-hooks-'))
  app = await testApp({
    keep: true,
    env: {
      ...{ BUILDER_HUB_CONFIG_DIR: configDir, BUILDER_HUB_HOOK_SLOTS: '4', BUILDER_HUB_HOOK_TIMEOUT: '600' },
    },
  })
  hooks = hookSite(configDir)
  await app.deps.runner.start()
})
afterAll(async () => {
  await app.close()
  hooks.remove()
})
beforeEach(async () => {
  hooks.remove()
  await app.deps.writer.transact([], (tx) => tx.hookRun.deleteMany())
})

let number = 0
const upload = async (parts: Parameters<typeof sampleRecord>[0] = {}) => {
  const record = sampleRecord({ uuid: uuidOf(++number), ...parts })
  expect((await app.upload(record)).status).toBe(201)
  return record
}

/** A record whose main binary, and whose input, no other has. */
const distinct = (output = `output ${number}`, input = `input ${number}`) => ({
  artifacts: [
    file('bin/hello.hvt', output),
    file('opam-switch', 'opam-version: "2.0"\n'),
    file('build-environment', input),
    file('system-packages', 'gcc=12.2.0\n'),
  ],
})

const outputOf = async ({ outputSha256 }: { outputSha256: string | null }) =>
  outputSha256 === null ? null : text((await app.deps.blobs.open(toBlobId(outputSha256)))!)

test('an upload hook gets the flags of builder-web in their order, and the main binary', async () => {
  hooks.install(
    'show.sh',
    'printf "%s\\n" "$@"; cat "$(eval echo "\\${$#}")"; echo; echo "$BUILDER_HUB_EVENT_ID"; pwd',
  )
  const { uuid } = await upload(distinct('a unikernel'))
  const [run] = await endedRuns(app)
  const { dataDir, hookScratchDir } = app.deps.config
  const lines = (await outputOf(run!))?.trimEnd().split('\n') ?? []
  expect(lines.slice(0, 8)).toEqual([
    '--build-time=20261101100000',
    expect.stringMatching(/^--sha256=[0-9a-f]{64}$/),
    '--job=hello',
    `--uuid=${uuid}`,
    '--platform=debian-12',
    `--cache-dir=${dataDir}/_cache`,
    `--data-dir=${dataDir}`,
    '--main-binary-filepath=bin/hello.hvt',
  ])
  expect(lines.slice(9)).toEqual([
    'a unikernel',
    run!.eventId,
    expect.stringMatching(`^${hookScratchDir}/run-`),
  ])
  expect(run).toMatchObject({ state: 'SUCCEEDED', attempts: 1, exitStatus: 0, signal: null, error: null })
  expect(readdirSync(hookScratchDir)).toEqual([])
})

test('only executable files that end in .sh run, in their order; a change counts from the next upload on', async () => {
  hooks.install('b.sh', 'exit 0')
  hooks.install('a.sh', 'exit 0')
  hooks.install('c.sh.sample', 'exit 0')
  hooks.install('d.sh', 'exit 0', { mode: 0o644 })
  // Links that lead nowhere, to themselves, and to a name that is too long.
  symlinkSync('nowhere', hooks.pathOf('f.sh'))
  symlinkSync('g.sh', hooks.pathOf('g.sh'))
  symlinkSync('x'.repeat(300), hooks.pathOf('h.sh'))
  await upload()
  chmodSync(hooks.pathOf('d.sh'), 0o755)
  chmodSync(hooks.pathOf('a.sh'), 0o644)
  await upload()
  hooks.install('e.sh', 'exit 0')
  await upload()
  expect((await endedRuns(app)).map(({ hook }) => hook)).toEqual(
    ['a', 'b', 'b', 'd', 'b', 'd', 'e'].map((name) => `${name}.sh`),
  )
})

test('hooks of one event have the same event id, and of another one another', async () => {
  hooks.install('a.sh', 'exit 0')
  hooks.install('b.sh', 'exit 0')
  await upload()
  await upload()
  const ids = (await endedRuns(app)).map(({ eventId }) => eventId)
  expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]])
  expect(new Set(ids).size).toBe(2)
})

test('a failed build runs failure hooks, with its result and without a file', async () => {
  hooks.install('up.sh', 'exit 0')
  hooks.install('fail.sh', 'printf "%s\\n" "$@"', { event: 'FAILURE' })
  const { uuid } = await upload({ result: { kind: 'exited', code: 2n }, artifacts: [] })
  await upload({ artifacts: [] })
  const runs = await endedRuns(app)
  expect(runs.map(({ event, hook, buildUuid }) => [event, hook, buildUuid])).toEqual([
    ['FAILURE', 'fail.sh', uuid],
  ])
  expect((await outputOf(runs[0]!))?.trimEnd().split('\n').slice(1)).toEqual([
    '--job=hello',
    `--uuid=${uuid}`,
    '--platform=debian-12',
    expect.stringMatching('^--cache-dir='),
    expect.stringMatching('^--data-dir='),
    '--result=exited:2',
  ])
})

test('a hook is told what the policy says of the main binary', async () => {
  hooks.install('trust.sh', 'printf "%s\n" "$@" | grep trust')
  const toldBy = async (policy: object) => {
    writeFileSync(join(configDir, 'policy.json'), JSON.stringify({ version: 1, ...policy }))
    readSitePolicy(app.deps.config)
    const { uuid } = await upload(distinct())
    return outputOf((await endedRuns(app)).find(({ buildUuid }) => buildUuid === uuid)!)
  }
  const attesters = [{ user: alice.name, group: 'robur' }]
  const told = [
    await toldBy({ attesters, rules: [{ jobs: ['*'], groups: 1 }] }),
    await toldBy({ attesters, rules: [{ jobs: ['*'], groups: 2 }] }),
    await toldBy({ attesters }),
    await toldBy({ exempt: [{ job: 'hello', reason: 'it has the time in it' }] }),
  ]
  expect(told).toEqual(['trusted', 'not-yet', 'no-rule', 'exempt'].map((outcome) => `--trust=${outcome}\n`))
  rmSync(join(configDir, 'policy.json'))
  readSitePolicy(app.deps.config)
})

test('a verdict hook runs for each build whose verdict an upload makes known, the new one too', async () => {
  hooks.install('verdict.sh', 'shift 8; printf "%s " "$1" "$2"; cat "$3"', { event: 'VERDICT' })
  const first = await upload(distinct('one', 'input of verdicts'))
  expect(await endedRuns(app)).toEqual([])
  const second = await upload(distinct('one', 'input of verdicts'))
  await endedRuns(app)
  const third = await upload(distinct('two', 'input of verdicts'))
  const runs = await endedRuns(app)
  const outputs = await Promise.all(runs.map(outputOf))
  const seen = runs.map(({ buildUuid }, index) => [buildUuid, outputs[index]])
  expect(seen.slice(0, 2)).toEqual([
    [second.uuid, '--verdict=reproduced --previous-verdict=none one'],
    [first.uuid, '--verdict=reproduced --previous-verdict=unconfirmed one'],
  ])
  expect(seen.slice(2).toSorted()).toEqual([
    [first.uuid, '--verdict=not-reproducible --previous-verdict=reproduced one'],
    [second.uuid, '--verdict=not-reproducible --previous-verdict=reproduced one'],
    [third.uuid, '--verdict=not-reproducible --previous-verdict=none two'],
  ])
})

test('hooks that fork, print megabytes, remove their folder or die harm nobody else', async () => {
  hooks.install('die.sh', 'kill -KILL $$')
  hooks.install('exit.sh', 'echo wrong >&2; exit 1')
  hooks.install('fork.sh', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done')
  hooks.install('print.sh', 'head -c 5000000 /dev/zero')
  hooks.install('remove.sh', 'rm -rf "$PWD"')
  hooks.install('well.sh', 'echo well')
  await upload()
  const runs = await endedRuns(app)
  expect(runs.map(({ hook, state, error }) => [hook, state, error])).toEqual([
    ['die.sh', 'FAILED', 'it was ended by SIGKILL'],
    ['exit.sh', 'FAILED', 'it exited with status 1'],
    ['fork.sh', 'SUCCEEDED', null],
    ['print.sh', 'SUCCEEDED', null],
    ['remove.sh', 'SUCCEEDED', null],
    ['well.sh', 'SUCCEEDED', null],
  ])
  expect(await outputOf(runs[1]!)).toBe('wrong\n')
  expect(runs[3]).toMatchObject({ printedBytes: 5_000_000n })
  expect(Number(runs[3]!.outputSizeBytes)).toBeLessThan(1_100_000)
  expect(readdirSync(app.deps.config.hookScratchDir)).toEqual([])
})

test('a hook that hangs is ended, whatever it ignores', async () => {
  hooks.install('hang.sh', 'trap "" TERM; sleep 1000; sleep 1000')
  app.deps.config.hookTimeoutSeconds = 1
  await upload()
  const runs = await endedRuns(app)
  app.deps.config.hookTimeoutSeconds = 600
  expect(runs).toMatchObject([{ hook: 'hang.sh', state: 'FAILED', error: 'it took too long, and was ended' }])
  expect(readdirSync(app.deps.config.hookScratchDir)).toEqual([])
})

test('exit status 75 asks for another attempt, which runs later', async () => {
  hooks.install(
    'again.sh',
    'echo x >> "${0%/*}/../tries"; [ "$(wc -l < "${0%/*}/../tries")" -ge 2 ] || exit 75',
  )
  await upload()
  const { db, writer } = app.deps
  await expect
    .poll(() => db.hookRun.findFirst())
    .toMatchObject({
      ...{ state: 'PENDING', attempts: 1, exitStatus: 75 },
      error: 'it exited with status 75, which asks for another attempt',
    })
  const task = await db.queuedTask.findFirstOrThrow({ where: { kind: 'HOOK', state: 'PENDING' } })
  expect(task.dueAt.getTime() - Date.now()).toBeGreaterThan(1_000)
  await writer.transact(['tasks'], (tx) =>
    tx.queuedTask.update({ where: { id: task.id }, data: { dueAt: new Date(0) } }),
  )
  expect(await endedRuns(app)).toMatchObject([
    { state: 'SUCCEEDED', attempts: 2, exitStatus: 0, error: null },
  ])
})

test('an import runs no hooks', async () => {
  hooks.install('up.sh', 'exit 0')
  await receiveBuild(app.deps, null, encodeExecRecord(sampleRecord({ uuid: uuidOf(++number) })))
  expect(await app.deps.db.hookRun.count()).toBe(0)
})

test('uploads go on while 50 hooks wait and run', async () => {
  hooks.install('slow.sh', 'sleep 0.05')
  await Promise.all(Array.from({ length: 50 }, () => upload()))
  const runs = await endedRuns(app)
  expect(runs).toHaveLength(50)
  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['SUCCEEDED']))
})

// The last one: it stops the runner.
test('a server that stops ends its hooks, which run again after the next start', async () => {
  hooks.install('slow.sh', 'echo $$ > "${0%/*}/../pid"; sleep 1000')
  await upload()
  await expect.poll(() => hooks.lines('pid').join('')).toMatch(/^\d+$/)
  await app.deps.runner.close()
  const pid = Number(hooks.lines('pid')[0])
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(
    await app.deps.db.queuedTask.findMany({ where: { kind: 'HOOK', state: { not: 'DONE' } } }),
  ).toMatchObject([{ state: 'PENDING', leaseOwner: null }])
})
