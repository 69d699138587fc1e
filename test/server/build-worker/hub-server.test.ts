import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeCommand } from '../../../server/formats/builder-command-encoder.ts'
import type { ExtensionMessage } from '../../../server/formats/worker-extension.ts'
import { temporaryDir } from '../../app.ts'
import { giveRun, takeEnd, takeLines, welcomeSlot } from './hub-peer.ts'
import { isRunning, sandboxesHere } from './script-site.ts'
import { nextFrame, nextMessage, peerOf, platform, say, testServer, testWorker } from './worker-site.ts'

const uuidOf = (n: number) => `20000000-0000-4000-8000-00000000000${n}`
const hasSandbox = (await sandboxesHere()).length > 1

test('a run is given to a slot, its lines come with their times, its files with their modes; then the slot asks again', async () => {
  const server = await testServer()
  await testWorker(server.port, { readToken: async () => 'bhub_token' })
  const { peer, introduction } = await welcomeSlot(server)
  expect(introduction).toEqual({
    ...{
      kind: 'introduction',
      name: 'test-worker',
      platform,
      slot: 0,
      slots: 1,
      software: 'test',
      token: 'bhub_token',
    },
  })
  for (const n of [1, 2]) {
    const uuid = uuidOf(n)
    await giveRun(
      peer,
      uuid,
      `echo one; sleep 0.1; echo two; mkdir bin; echo ${n} > bin/run; chmod 755 bin/run; : > empty; exit ${n}`,
    )
    const lines: (ExtensionMessage & { kind: 'lines' })['lines'][number][] = []
    while (lines.length < 2) {
      lines.push(...(await nextMessage(peer, 'lines')).lines)
      await say(peer, { kind: 'linesStored', uuid, count: lines.length })
    }
    expect(lines.map(({ text }) => Buffer.from(text).toString())).toEqual(['one', 'two'])
    const [one, two] = lines.map(({ deltaNs }) => deltaNs)
    expect((two ?? 0n) - (one ?? 0n)).toBeGreaterThan(50_000_000n)
    expect(await takeEnd(peer, uuid)).toMatchObject({
      result: { kind: 'exited', code: BigInt(n) },
      detail: '',
      files: [
        { path: 'bin/run', mode: '755', content: `${n}\n` },
        { path: 'empty', mode: '644', content: '' },
      ],
    })
    await say(peer, { kind: 'stored', uuid })
  }
  await nextMessage(peer, 'request')
})

test('slots are connections, and run at once', async () => {
  const server = await testServer()
  await testWorker(server.port, { slots: 2 })
  const slots = [await welcomeSlot(server), await welcomeSlot(server)]
  expect(slots.map(({ introduction }) => introduction.slot).toSorted()).toEqual([0, 1])
  for (const [n, { peer }] of slots.entries()) await giveRun(peer, uuidOf(n), `echo begin; sleep 100`)
  for (const [n, { peer }] of slots.entries())
    expect(await takeLines(peer, uuidOf(n), 0, 1)).toEqual(['begin'])
})

test('the script goes on while the connection is lost, and every line arrives: from where the hub has stored them', async () => {
  const server = await testServer()
  await testWorker(server.port)
  const { peer } = await welcomeSlot(server)
  const uuid = uuidOf(1)
  await giveRun(
    peer,
    uuid,
    'i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); [ $((i % 500)) = 0 ] && sleep 0.1; done; echo x > file',
  )
  await takeLines(peer, uuid, 0, 1, true)
  peer.destroy()
  // The hub has stored ten of those that it got, and loses the connection again.
  for (const stored of [10, 700]) {
    const { peer: again } = await welcomeSlot(server)
    expect(await nextMessage(again, 'resume')).toEqual({ kind: 'resume', uuid })
    await say(again, { kind: 'resumed', uuid, lineCount: stored })
    expect((await takeLines(again, uuid, stored, 1))[0]).toBe(String(stored))
    again.destroy()
  }
  const { peer: last } = await welcomeSlot(server)
  await nextMessage(last, 'resume')
  await say(last, { kind: 'resumed', uuid, lineCount: 1_500 })
  const texts = await takeLines(last, uuid, 1_500, 500)
  expect(texts).toEqual(Array.from({ length: 500 }, (_, n) => String(1_500 + n)))
  expect((await takeEnd(last, uuid)).files).toHaveLength(1)
  // The hub has stored it, but the answer is lost: the files come again, or the hub says that it is over.
  last.destroy()
  const { peer: after } = await welcomeSlot(server)
  await nextMessage(after, 'resume')
  await say(after, { kind: 'resumed', uuid, lineCount: 2_000 })
  expect((await takeEnd(after, uuid)).files).toHaveLength(1)
  after.destroy()
  const { peer: over } = await welcomeSlot(server)
  await nextMessage(over, 'resume')
  await say(over, { kind: 'refused', uuid, reason: 'the run is over' })
  await nextMessage(over, 'request')
})

test('no more than eight megabytes of lines are on the way that the hub has not stored', async () => {
  const server = await testServer()
  await testWorker(server.port)
  const { peer } = await welcomeSlot(server)
  const uuid = uuidOf(1)
  await giveRun(peer, uuid, 'yes "$(printf %01000d 1)" | head -n 20000')
  let bytes = 0
  let count = 0
  const first = async () => {
    const { lines } = await nextMessage(peer, 'lines')
    bytes += lines.reduce((sum, { text }) => sum + text.length, 0)
    count += lines.length
  }
  while (bytes < 8 * 2 ** 20) await first()
  const next = nextMessage(peer, 'lines')
  const quiet = new Promise<'quiet'>((resolve) => setTimeout(() => resolve('quiet'), 200))
  expect(await Promise.race([next, quiet])).toBe('quiet')
  expect(bytes).toBeLessThan(9 * 2 ** 20)
  await say(peer, { kind: 'linesStored', uuid, count })
  count += (await next).lines.length
  while (count < 20_000) {
    await say(peer, { kind: 'linesStored', uuid, count })
    await first()
  }
  await takeEnd(peer, uuid)
})

test('a cancelled script is killed, nothing more of it is sent, and the slot asks for the next', async () => {
  const mark = `95${process.pid}`
  const workDir = join(temporaryDir(), 'worker')
  const server = await testServer()
  await testWorker(server.port, { workDir })
  const { peer } = await welcomeSlot(server)
  await giveRun(peer, uuidOf(1), `trap "" TERM; echo begin; sleep ${mark}; echo end`)
  await takeLines(peer, uuidOf(1), 0, 1)
  await say(peer, { kind: 'cancel', uuid: uuidOf(1), reason: 'cancelled by alice' })
  await giveRun(peer, uuidOf(2), 'echo next')
  expect(isRunning(`sleep ${mark}`)).toBe(false)
  expect(await takeLines(peer, uuidOf(2), 0, 1)).toEqual(['next'])
  await takeEnd(peer, uuidOf(2))
  await say(peer, { kind: 'stored', uuid: uuidOf(2) })
  await nextMessage(peer, 'request')
  expect(readdirSync(workDir).filter((name) => name.startsWith('run-'))).toEqual([])
})

test('limits are those of the run, or those of the worker where these are smaller', async () => {
  const server = await testServer()
  const own = {
    timeMs: null,
    memoryBytes: 200 * 2 ** 20,
    diskBytes: null,
    cpus: null,
    maxProcesses: 10_000,
    network: 'run',
  } as const
  await testWorker(server.port, { limits: own })
  const { peer } = await welcomeSlot(server)
  const fill = `exec perl -e 'my $x = "x" x 200_000_000; $y = $x; sleep 100'`
  for (const [n, memoryBytes, words] of [
    [1, 100 * 2 ** 20, '100 MiB'],
    [2, null, '200 MiB'],
  ] as const) {
    await giveRun(peer, uuidOf(n), fill, { memoryBytes })
    expect(await takeEnd(peer, uuidOf(n))).toMatchObject({
      result: { kind: 'exited', code: 137n },
      detail: `killed: more than ${words} of memory`,
    })
    await say(peer, { kind: 'stored', uuid: uuidOf(n) })
  }
})

test.skipIf(!hasSandbox)('a run has the network if the hub allows it', async () => {
  const server = await testServer()
  await testWorker(server.port)
  const { peer } = await welcomeSlot(server)
  for (const [n, allowsNetwork] of [false, true].entries()) {
    await giveRun(peer, uuidOf(n), `readlink /proc/self/ns/net`, { allowsNetwork })
    const [name] = await takeLines(peer, uuidOf(n), 0, 1)
    expect(name === readlinkSync('/proc/self/ns/net')).toBe(allowsNetwork)
    await takeEnd(peer, uuidOf(n))
    await say(peer, { kind: 'stored', uuid: uuidOf(n) })
  }
})

test('a worker that the hub refuses tries again, with the token that the file has then', async () => {
  const server = await testServer()
  const tokens = ['old', 'new']
  await testWorker(server.port, { readToken: async () => tokens.shift() ?? 'none' })
  const peer = peerOf(await server.next())
  await nextFrame(peer)
  await peer.send(encodeCommand({ kind: 'serverHello' }))
  expect((await nextMessage(peer, 'introduction')).token).toBe('old')
  await say(peer, { kind: 'refused', uuid: '00000000-0000-0000-0000-000000000000', reason: 'no such token' })
  expect((await welcomeSlot(server)).introduction.token).toBe('new')
})

test('a hub that was spoken to stays a hub, also when it hangs up on a hello while it stops', async () => {
  const server = await testServer()
  await testWorker(server.port)
  const { peer } = await welcomeSlot(server)
  peer.destroy()
  for (let n = 0; n < 3; n++) {
    const stopping = peerOf(await server.next())
    await nextFrame(stopping)
    stopping.destroy()
  }
  await welcomeSlot(server)
})

test('a worker that drains says so, ends what runs, and delivers it also over a new connection', async () => {
  const server = await testServer()
  const worker = await testWorker(server.port)
  const { peer } = await welcomeSlot(server)
  await giveRun(peer, uuidOf(1), 'echo begin; sleep 0.5; echo end')
  await takeLines(peer, uuidOf(1), 0, 1)
  worker.drain()
  peer.destroy()
  const { peer: again } = await welcomeSlot(server)
  await nextMessage(again, 'resume')
  await say(again, { kind: 'resumed', uuid: uuidOf(1), lineCount: 1 })
  expect(await takeLines(again, uuidOf(1), 1, 1)).toEqual(['end'])
  await takeEnd(again, uuidOf(1))
  await say(again, { kind: 'stored', uuid: uuidOf(1) })
  await nextMessage(again, 'leaving')
  await worker.done
})

test('a worker that is stopped ends what runs, and leaves nothing', async () => {
  const mark = `94${process.pid}`
  const workDir = join(temporaryDir(), 'worker')
  const server = await testServer()
  const worker = await testWorker(server.port, { workDir })
  const { peer } = await welcomeSlot(server)
  await giveRun(peer, uuidOf(1), `echo begin; sleep ${mark}`)
  await takeLines(peer, uuidOf(1), 0, 1)
  worker.stop()
  await worker.done
  expect(isRunning(`sleep ${mark}`)).toBe(false)
  expect(readdirSync(workDir)).toEqual(['worker.lock'])
})

test('two workers do not share a folder', async () => {
  const workDir = join(temporaryDir(), 'worker')
  const server = await testServer()
  await testWorker(server.port, { workDir })
  await expect(testWorker(server.port, { workDir })).rejects.toThrow(`another worker uses ${workDir}`)
})
