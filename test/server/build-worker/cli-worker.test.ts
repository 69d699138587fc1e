import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand } from '../../../server/formats/builder-command-encoder.ts'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'
import { isLong } from '../../long.ts'
import { builtProgram } from '../../programs.ts'
import { isRunning, sandboxesHere } from './script-site.ts'
import { nextFrame, peerOf, platform, testServer, type TestServer } from './worker-site.ts'

const uuid = '30000000-0000-4000-8000-000000000000'
const kinds = (await sandboxesHere()).map(([name]) => name)

/** `hub worker` as a process, with the protocol of builder. */
function startWorker(port: number, args: readonly string[] = []) {
  const child = spawn(
    process.execPath,
    [
      builtProgram('hub'),
      'worker',
      '--server',
      `127.0.0.1:${port}`,
      '--platform',
      platform,
      '--builder-protocol',
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const log: Record<string, unknown>[] = []
  createInterface(child.stderr).on('line', (line) => log.push(JSON.parse(line) as Record<string, unknown>))
  return { child, log, exited: once(child, 'exit') as Promise<[number | null, string | null]> }
}

/** Gives the next worker a job, and waits for its first line. */
async function runJob(server: TestServer, script: string) {
  const peer = peerOf(await server.next())
  await nextFrame(peer)
  await peer.send(encodeCommand({ kind: 'serverHello' }))
  await nextFrame(peer)
  const job = { name: 'job', script: Buffer.from(`#!/bin/sh\n${script}\n`), platform }
  await peer.send(encodeCommand({ kind: 'jobSchedule', uuid, job }))
  const line = decodeCommand(await nextFrame(peer))
  return { peer, line }
}

describe.each(kinds)('hub worker with the sandbox %s', (kind) => {
  const sandbox = ['--sandbox', kind]

  test('killed, it leaves no script behind, and the next one removes its folders', async () => {
    const mark = kind === 'none' ? `931${process.pid}` : `932${process.pid}`
    const workDir = join(temporaryDir(), 'worker')
    const server = await testServer()
    const killed = startWorker(server.port, [...sandbox, '--work-dir', workDir])
    await runJob(
      server,
      `trap "" TERM HUP; sleep ${mark} & (trap "" TERM; sleep ${mark}) & echo begin; mkdir a; chmod 500 a; sleep ${mark}`,
    )
    expect(isRunning(`sleep ${mark}`)).toBe(true)
    killed.child.kill('SIGKILL')
    await killed.exited
    await expect.poll(() => isRunning(`sleep ${mark}`)).toBe(false)
    expect(readdirSync(workDir)).toContain(`run-${uuid}`)
    const next = startWorker(server.port, [...sandbox, '--work-dir', workDir])
    await server.next()
    expect(readdirSync(workDir)).not.toContain(`run-${uuid}`)
    expect(next.log).toContainEqual(expect.objectContaining({ runs: [uuid] }))
    next.child.kill('SIGTERM')
    expect(await next.exited).toEqual([0, null])
  })

  test('SIGTERM lets the script end, a second one ends it', async () => {
    const server = await testServer()
    const drained = startWorker(server.port, [...sandbox, '--work-dir', join(temporaryDir(), 'worker')])
    const { peer } = await runJob(server, 'echo begin; sleep 0.3; echo end > file')
    drained.child.kill('SIGTERM')
    const finished = decodeCommand(await nextFrame(peer))
    expect(finished).toMatchObject({ kind: 'jobFinished', result: { kind: 'exited', code: 0n } })
    peer.close()
    expect(await drained.exited).toEqual([0, null])

    const mark = kind === 'none' ? `933${process.pid}` : `934${process.pid}`
    const stopped = startWorker(server.port, [...sandbox, '--work-dir', join(temporaryDir(), 'worker')])
    await runJob(server, `echo begin; sleep ${mark}`)
    stopped.child.kill('SIGTERM')
    await expect
      .poll(() => stopped.log.some(({ msg }) => String(msg).startsWith('the worker drains')))
      .toBe(true)
    stopped.child.kill('SIGTERM')
    expect(await stopped.exited).toEqual([0, null])
    expect(isRunning(`sleep ${mark}`)).toBe(false)
  })
})

test('files are sent as they are read: memory does not grow with them', async () => {
  const sizeMb = isLong ? 1_024 : 64
  const server = await testServer()
  const { child } = startWorker(server.port, ['--work-dir', join(temporaryDir(), 'worker')])
  const { peer } = await runJob(
    server,
    `echo begin; head -c ${sizeMb * 2 ** 20} /dev/zero > big; echo small > small`,
  )
  const peakOf = () =>
    Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1])
  const head = await peer.frames.open()
  expect(head?.sizeBytes).toBeGreaterThan(sizeMb * 2 ** 20)
  const before = peakOf()
  let last: Uint8Array = new Uint8Array()
  for await (const chunk of peer.frames.chunks()) last = chunk
  expect(Buffer.from(last).toString()).toMatch(/small\n$/)
  expect(peakOf() - before).toBeLessThan(48 * 1024)
})

test.each([
  [['--platform', platform], 'give --server'],
  [['--server', 'localhost:1234'], 'give --platform'],
  [['--server', 'localhost'], 'it must be HOST:PORT'],
  [['--server', 'localhost:1', '--platform', 'a/b'], '--platform'],
  [['--server', 'localhost:1', '--platform', platform, '--memory', '5X'], 'it must be a size'],
  [['--server', 'localhost:1', '--platform', platform, '--cpus', '0'], 'it must be a number'],
  [['--server', 'localhost:1', '--platform', platform, '--jobs', '0'], 'it must be a whole number'],
  [['--server', 'localhost:1', '--platform', platform, '--tls-ca', 'ca.pem'], '--tls-ca is for --tls'],
  [
    ['--server', 'localhost:1', '--platform', platform, '--writable', '/no/cache'],
    '/no/cache does not exist',
  ],
  [['--server', 'localhost:1', '--platform', platform, '--sandbox', 'jail'], 'Allowed choices'],
  [
    ['--server', 'localhost:1', '--platform', platform, '--token-file', '/dev/null'],
    'is empty: it has to hold a token',
  ],
])('hub worker %s says what is wrong', async (args, words) => {
  const { status, stderr } = await hub(['worker', ...args])
  expect(status).toBe(2)
  expect(stderr).toContain(words)
})

test('hub worker refuses a folder that others can write to', async () => {
  const dir = temporaryDir()
  chmodSync(dir, 0o777)
  const { status, stderr } = await hub([
    'worker',
    '--server',
    '127.0.0.1:9',
    '--platform',
    platform,
    '--work-dir',
    dir,
  ])
  expect([status, stderr]).toEqual([
    1,
    `${dir} belongs to another user, or others can write to it: choose another --work-dir\n`,
  ])
})
