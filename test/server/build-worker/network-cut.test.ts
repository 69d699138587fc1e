import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startBuilderListener, type BuilderListener } from '../../../server/builder-protocol/listener.ts'
import { findRun } from '../../../server/scheduling/runs.ts'
import { temporaryDir, testApp, type TestApp } from '../../app.ts'
import { isLong } from '../../long.ts'
import { builtProgram } from '../../programs.ts'
import { ask } from '../builder-protocol/wire-peer.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, scriptJob } from '../scheduling/scheduling-site.ts'
import { patience } from '../scheduling/work.ts'
import { isRunning, noPlaces } from './script-site.ts'
import { platform, testWorker } from './worker-site.ts'

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })

/** Whether this user may make networks: root with ip(8). */
function canMakeNetworks(): boolean {
  const name = `probe${process.pid}`
  try {
    ip('netns', 'add', name)
    ip('netns', 'delete', name)
    return true
  } catch {
    return false
  }
}

/** A network of a process of its own, and a cable from there to this machine, which can be cut. */
const network = {
  namespace: `hubw${process.pid}`,
  there: `hubw${process.pid}b`,
  address: '10.213.7.1',
  open() {
    const { namespace, there, address } = network
    const here = `hubw${process.pid}a`
    ip('netns', 'add', namespace)
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', namespace)
    ip('address', 'add', `${address}/30`, 'dev', here)
    ip('link', 'set', here, 'up')
    ip('-n', namespace, 'address', 'add', '10.213.7.2/30', 'dev', there)
    ip('-n', namespace, 'link', 'set', there, 'up')
  },
  // At the end of the worker: the address of the hub stays one of this machine, for others.
  cut: () => ip('-n', network.namespace, 'link', 'set', network.there, 'down'),
  mend: () => ip('-n', network.namespace, 'link', 'set', network.there, 'up'),
  close: () => ip('netns', 'delete', network.namespace),
}

const hasNetworks = canMakeNetworks()
/** The hub gives up a worker that is silent for three heartbeats. */
const heartbeatMs = 1_000
const clock = fakeClock()
let app: TestApp
let listener: BuilderListener

beforeAll(async () => {
  if (!hasNetworks) return
  network.open()
  app = await testApp({
    ...{ keep: true, clock },
    env: { BUILDER_HUB_BUILDER_LISTEN: `${network.address}:0` },
  })
  await app.deps.scheduler.start()
  listener = await startBuilderListener(app.deps, { heartbeatMs })
})
afterAll(async () => {
  if (!hasNetworks) return
  await listener.close()
  await app.close()
  network.close()
})

/** `hub worker` behind the cable. Scripts see `shared`. */
function startDistantWorker(shared: string): void {
  const worker = spawn(
    'ip',
    [
      ...['netns', 'exec', network.namespace, process.execPath, builtProgram('hub'), 'worker'],
      ...['--server', listener.address, '--platform', platform, '--name', 'distant'],
      ...['--readable', shared, '--work-dir', join(temporaryDir(), 'worker')],
    ],
    { stdio: 'ignore' },
  )
  onTestFinished(() => void worker.kill('SIGKILL'))
}

const runOf = async (uuid: string) => {
  const run = await findRun(app.deps.db, uuid)
  if (!run) throw new Error(`no run ${uuid}`)
  return run
}

const until = (what: string, found: () => unknown) =>
  vi.waitFor(async () => expect(await found(), what).toBe(true), patience)
const untilIs = (uuid: string, state: string) =>
  vi.waitFor(async () => expect(await runOf(uuid)).toMatchObject({ state }), patience)
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function linesOf(uuid: string): Promise<string[]> {
  const answers = await ask(listener.address, { kind: 'observe', uuid })
  return answers.flatMap((one) =>
    one.kind === 'outputTimestamped' ? [Buffer.from(one.text).toString()] : [],
  )
}

test.skipIf(!hasNetworks || !isLong)(
  'a network that is cut for 5 seconds: the run goes on, no line is lost, none comes twice',
  async () => {
    startDistantWorker(temporaryDir())
    const text = 'i=0; while [ $i -lt 400 ]; do echo $i; i=$((i+1)); sleep 0.05; done; echo done > file'
    const { runs } = await add(app.deps, scriptJob('short-cut', platform, text), actAt(clock.now()))
    const uuid = runs[0] ?? ''
    const lineCount = () => app.deps.consoles.find(uuid)?.lineCount ?? 0
    await until('lines came', () => lineCount() > 20)
    const seen = linesOf(uuid)
    network.cut()
    await sleep(5_000)
    network.mend()
    await untilIs(uuid, 'DONE')
    expect((await runOf(uuid)).tries).toMatchObject([{ ending: 'STORED', lineCount: 400 }])
    expect(await seen).toEqual([...Array.from({ length: 400 }, (_, n) => String(n)), 'exited 0'])
    const build = await app.deps.db.build.findUniqueOrThrow({ where: { uuid }, include: { artifacts: true } })
    expect(build.artifacts).toMatchObject([{ path: 'file', sizeBytes: 5n }])
  },
)

const cuts = [
  ['2 minutes', 120_000, 'near'],
  ['an hour', 3_600_000, 'distant'],
] as const

test.skipIf(!hasNetworks).each(isLong ? cuts : cuts.slice(0, 1))(
  'a network that is cut for %s: the run is tried again, which is shown, and the first try leaves no build',
  async (_what, ms, next) => {
    const shared = temporaryDir()
    startDistantWorker(shared)
    const mark = `9${ms}${process.pid}`
    const text = `if [ -e ${shared}/again ]; then echo second; else echo first; sleep ${mark}; fi`
    const { runs } = await add(app.deps, scriptJob(`cut-${ms}`, platform, text), actAt(clock.now()))
    const uuid = runs[0] ?? ''
    await until('it began', () => app.deps.consoles.find(uuid)?.lineCount === 1)
    const seen = linesOf(uuid)
    writeFileSync(join(shared, 'again'), '')

    network.cut()
    const isAway = { where: { uuid, leaseUntil: { not: null } } }
    await until('its worker is away', async () => (await app.deps.db.runTry.count(isAway)) === 1)
    clock.advance(ms)
    await untilIs(uuid, 'QUEUED')
    expect(await seen).toEqual(['first', 'put back: its worker distant did not come back'])
    if (next === 'near') {
      const port = Number(listener.address.split(':').at(-1))
      await testWorker(port, {
        ...{ name: 'near', server: { host: network.address, port, tls: null } },
        places: { ...noPlaces, readable: [shared] },
      })
      await untilIs(uuid, 'DONE')
    }
    network.mend()

    await untilIs(uuid, 'DONE')
    expect((await runOf(uuid)).tries).toMatchObject([
      { number: 1, workerName: 'distant', ending: 'PUT_BACK', error: 'its worker distant did not come back' },
      { number: 2, workerName: next, ending: 'STORED' },
    ])
    // The worker that was away is told that its try is over.
    await until('its script is ended', () => !isRunning(`sleep ${mark}`))
    const builds = await app.deps.db.build.findMany({ where: { job: { name: `cut-${ms}` } } })
    expect(builds).toMatchObject([{ status: 'SUCCEEDED', consoleLineCount: 1 }])
  },
)
