import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Peer } from '../../../server/builder-protocol/peer.ts'
import { decodeCommand } from '../../../server/formats/builder-command-decoder.ts'
import { encodeCommand, encodeHello } from '../../../server/formats/builder-command-encoder.ts'
import type { BuilderCommand } from '../../../server/formats/builder-commands.ts'
import { encodeExtensionHello } from '../../../server/formats/worker-extension.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { isRunning } from './script-site.ts'
import { nextFrame, peerOf, platform, testServer, testWorker, type TestServer } from './worker-site.ts'

/** The values of the frames in one direction of a recorded session. */
function recorded(session: string, direction: 'from-server' | 'to-server'): Buffer[] {
  const bytes = readFileSync(corpusPath('wire', `${session}-${direction}.bin`))
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 8 + Number(bytes.readBigInt64BE(at))
    frames.push(bytes.subarray(at + 8, end))
    at = end
  }
  return frames
}

/** A connection with the hello of builder's worker, answered as builder's server does. */
async function nextBuilderWorker(server: TestServer): Promise<Peer> {
  const peer = peerOf(await server.next())
  expect(Buffer.from(await nextFrame(peer))).toEqual(Buffer.from(encodeHello('worker')))
  await peer.send(encodeCommand({ kind: 'serverHello' }))
  return peer
}

/** builder's server closes a connection with a version that it does not know. */
async function refuseExtension(server: TestServer): Promise<void> {
  for (let n = 0; n < 2; n++) {
    const peer = peerOf(await server.next())
    expect(Buffer.from(await nextFrame(peer))).toEqual(Buffer.from(encodeExtensionHello('worker')))
    peer.close()
  }
}

async function jobOf(peer: Peer, uuid: string, script: string): Promise<void> {
  expect(decodeCommand(await nextFrame(peer))).toEqual({ kind: 'jobRequested', platform })
  const job = { name: 'job', script: Buffer.from(script), platform }
  await peer.send(encodeCommand({ kind: 'jobSchedule', uuid, job }))
}

/** What a worker sends for a job: its lines, and how it ended. */
async function takeJob(
  peer: Peer,
): Promise<{ lines: string[]; finished: BuilderCommand & { kind: 'jobFinished' } }> {
  const lines: string[] = []
  for (;;) {
    const command = decodeCommand(await nextFrame(peer))
    if (command.kind === 'output') lines.push(Buffer.from(command.text).toString())
    else if (command.kind === 'jobFinished') return { lines, finished: command }
    else throw new Error(`the worker sent ${command.kind}`)
  }
}

const uuidOf = (n: number) => `10000000-0000-4000-8000-00000000000${n}`
const sorted = (command: BuilderCommand): BuilderCommand =>
  command.kind === 'jobFinished'
    ? { ...command, files: command.files.toSorted((one, other) => (one.path < other.path ? -1 : 1)) }
    : command

test.skipIf(!hasCorpus).each([
  ['a script that succeeds', '001', {}],
  ['a script that fails', '005', {}],
  ['a script that takes too long', '150', { timeMs: 1_000 }],
])('for %s builder-server gets the bytes that builder-worker has sent', async (_what, session, limits) => {
  const server = await testServer()
  const network = 'run' as const
  await testWorker(server.port, {
    isBuilderProtocol: true,
    limits: {
      timeMs: null,
      memoryBytes: null,
      diskBytes: null,
      cpus: null,
      maxProcesses: 10_000,
      network,
      ...limits,
    },
  })
  const peer = peerOf(await server.next())
  const [hello, job] = recorded(session, 'from-server')
  const expected = recorded(session, 'to-server')
  const sent: Buffer[] = []
  for (let n = 0; n < expected.length; n++) {
    const frame = Buffer.from(await nextFrame(peer))
    // A reason that builder-worker does not tell.
    if (frame.includes('hub worker: killed: ')) n--
    else sent.push(frame)
    if (n === 0) await peer.send(hello ?? Buffer.alloc(0))
    if (n === 1) await peer.send(job ?? Buffer.alloc(0))
  }
  expect(sent.slice(0, -1)).toEqual(expected.slice(0, -1))
  // builder-worker sends files in the order of the file system, and hub worker sorted.
  const [last, lastExpected] = [sent.at(-1), expected.at(-1)].map((frame) =>
    sorted(decodeCommand(frame ?? Buffer.alloc(0))),
  )
  expect(last).toEqual(lastExpected)
})

test('a server that hangs up on the hello of a hub worker twice gets the protocol of builder, also for the next job', async () => {
  const server = await testServer()
  await testWorker(server.port)
  await refuseExtension(server)
  for (const n of [1, 2]) {
    const peer = await nextBuilderWorker(server)
    await jobOf(peer, uuidOf(n), `#!/bin/sh\necho job ${n}; echo content > file; exit ${n}\n`)
    const { lines, finished } = await takeJob(peer)
    expect(lines).toEqual([`job ${n}`])
    expect(finished).toMatchObject({ uuid: uuidOf(n), result: { kind: 'exited', code: BigInt(n) } })
    expect(finished.files.map(({ path, data }) => [path, Buffer.from(data).toString()])).toEqual([
      ['file', 'content\n'],
    ])
    expect(await peer.frames.open()).toBeNull()
    peer.close()
  }
})

test('what has killed a script is its last line, and after a signal there are no files', async () => {
  const server = await testServer()
  await testWorker(server.port, { isBuilderProtocol: true })
  const peer = await nextBuilderWorker(server)
  await jobOf(peer, uuidOf(1), '#!/bin/sh\necho x > file; echo begin; kill -KILL $PPID; sleep 100\n')
  const { lines, finished } = await takeJob(peer)
  expect(lines).toEqual(['begin', 'hub worker: killed by SIGKILL'])
  expect(finished).toMatchObject({ result: { kind: 'signalled', signal: -7n }, files: [] })
})

test('a script whose connection is lost is ended: the server gives its job to another worker', async () => {
  const mark = `96${process.pid}`
  const server = await testServer()
  await testWorker(server.port, { isBuilderProtocol: true })
  const peer = await nextBuilderWorker(server)
  await jobOf(peer, uuidOf(1), `#!/bin/sh\necho begin\nsleep ${mark}\n`)
  await nextFrame(peer)
  expect(isRunning(`sleep ${mark}`)).toBe(true)
  peer.destroy()
  const next = await nextBuilderWorker(server)
  expect(isRunning(`sleep ${mark}`)).toBe(false)
  await jobOf(next, uuidOf(2), '#!/bin/sh\necho next\n')
  expect((await takeJob(next)).lines).toEqual(['next'])
})

test('a worker that drains leaves at once if it waits, and after its job if it has one', async () => {
  const server = await testServer()
  const waiting = await testWorker(server.port, { isBuilderProtocol: true })
  const idle = await nextBuilderWorker(server)
  await nextFrame(idle)
  waiting.drain()
  await waiting.done
  const busy = await testWorker(server.port, { isBuilderProtocol: true })
  const peer = await nextBuilderWorker(server)
  await jobOf(peer, uuidOf(1), '#!/bin/sh\necho begin; sleep 0.3; echo end\n')
  await nextFrame(peer)
  busy.drain()
  expect((await takeJob(peer)).lines).toEqual(['end'])
  peer.close()
  await busy.done
})

test('a worker waits for a server that is not there yet', async () => {
  const server = await testServer()
  const socket = server.next()
  const { port } = server
  await testWorker(port, { isBuilderProtocol: true })
  const first = await socket
  first.destroy()
  await once(first, 'close')
  expect(await nextBuilderWorker(server)).toBeDefined()
})
