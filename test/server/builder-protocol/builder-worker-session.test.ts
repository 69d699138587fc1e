import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { encodeFrame, frameLength } from '../../../server/formats/builder-frames.ts'
import { seq, text, tlv } from '../../formats/sample-record.ts'
import { choice } from '../../formats/builder/sample-commands.ts'
import { openProtocolSite, type ProtocolSite, protocolSite } from './protocol-site.ts'
import { greet, type WirePeer } from './wire-peer.ts'

let site: ProtocolSite
beforeAll(async () => {
  site = await openProtocolSite()
})
beforeEach(async () => {
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout: 60_000 })
  site.logged.length = 0
  site.scheduler.forget()
})
afterAll(() => site.close())

const exited = { kind: 'exited', code: 0n } as const
const lines = async ({ app }: ProtocolSite, uuid: string) =>
  (await app.deps.consoles.find(uuid)?.read(0, 100))?.map((line) => Buffer.from(line.text).toString())

async function begin(site: ProtocolSite): Promise<{ worker: WirePeer; uuid: string }> {
  const worker = await greet(site.address, 'worker')
  worker.send({ kind: 'jobRequested', platform: 'debian-12' })
  const { uuid } = await site.scheduler.queue('#!/bin/sh\ntrue\n')
  expect(await worker.read()).toEqual({
    kind: 'jobSchedule',
    uuid,
    job: { name: 'hello', script: Buffer.from('#!/bin/sh\ntrue\n'), platform: 'debian-12' },
  })
  return { worker, uuid }
}

test('a worker gets a job, tells its lines, and gives back its files', async () => {
  const { worker, uuid } = await begin(site)
  const output = (line: string) => ({ kind: 'output', uuid, text: Buffer.from(line) }) as const
  worker.send(output('one'), output(''), output('\u001b[32mtwo'))
  await vi.waitFor(async () => expect(await lines(site, uuid)).toEqual(['one', '', '\u001b[32mtwo']), {
    timeout: 60_000,
  })
  worker.send({
    kind: 'jobFinished',
    uuid,
    result: exited,
    files: [{ path: 'bin/a', data: Buffer.from('data') }],
  })
  expect(await worker.readAll()).toEqual([])
  expect(site.scheduler.finished).toEqual([
    { uuid, result: exited, files: [{ path: 'bin/a', data: 'data' }] },
  ])
  expect(site.scheduler).toMatchObject({
    lost: [],
    started: [uuid],
    workers: [
      {
        name: 'debian-12@127.0.0.1',
        ...{ platform: 'debian-12', protocol: 'BUILDER', software: 'builder-worker', slots: 1 },
      },
    ],
  })
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout: 60_000 })
})

test('a worker that waits is noticed when it goes, and gets no job', async () => {
  const worker = await greet(site.address, 'worker')
  worker.send({ kind: 'jobRequested', platform: 'debian-12' })
  await vi.waitUntil(() => site.scheduler.connections() === 1, { timeout: 60_000 })
  worker.socket.destroy()
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout: 60_000 })
  const { uuid } = await begin(site)
  expect(site.scheduler).toMatchObject({ lost: [], workers: [{}, {}] })
  expect(uuid).toBeDefined()
})

test.each([
  [
    'closes the connection',
    (worker: WirePeer) => void worker.socket.end(),
    'the worker has closed the connection',
  ],
  [
    'closes it within a frame',
    (worker: WirePeer) => void worker.socket.end(Buffer.alloc(5)),
    'closed within a frame',
  ],
  ['resets it', (worker: WirePeer) => void worker.socket.resetAndDestroy(), 'the connection was lost'],
  [
    'asks for a job in mid-job',
    (worker: WirePeer) => worker.send({ kind: 'jobRequested', platform: 'debian-12' }),
    'the worker sent jobRequested while its job runs',
  ],
  [
    'sends a line with a time',
    (worker: WirePeer, uuid: string) =>
      worker.send({ kind: 'outputTimestamped', uuid, text: Buffer.of(), deltaNs: 1n }),
    'the worker sent outputTimestamped while its job runs',
  ],
  [
    'sends no command',
    (worker: WirePeer) => worker.write(encodeFrame(Buffer.from('ffff', 'hex'))),
    'a tag number above 30',
  ],
  [
    'sends a line without end',
    (worker: WirePeer) => worker.write(frameLength(17 * 2 ** 20), Buffer.of(0xa4)),
    'a frame has 17825792 bytes; at most 16777216 are allowed',
  ],
  [
    'goes while it sends files',
    (worker: WirePeer, uuid: string) => {
      const id = text(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
      const whole = choice(
        3,
        seq(id, choice(0, tlv(0x02, Buffer.of(0))), seq(seq(text('a'), text('x'.repeat(99))))),
      )
      worker.socket.end(encodeFrame(whole).subarray(0, -50))
    },
    'closed within a frame',
  ],
])('the job of a worker that %s is put back', async (_name, act, why) => {
  const { worker, uuid } = await begin(site)
  act(worker, uuid)
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout: 60_000 })
  expect(site.scheduler.lost).toEqual([{ uuid, why: expect.stringContaining(why) as string }])
  expect(site.scheduler.finished).toEqual([])
  expect(site.logged.filter((line) => line.startsWith('error'))).toEqual([])
})

test.each(['', 'a/b', '../../etc/passwd', 'x\n'])(
  'a worker of the platform %j is hung up on',
  async (platform) => {
    const worker = await greet(site.address, 'worker')
    worker.send({ kind: 'jobRequested', platform })
    expect(await worker.readAll()).toEqual([])
    expect(site.scheduler.workers).toEqual([])
  },
)

test('another UUID is taken for that of the job, and logged once', async () => {
  const { worker, uuid } = await begin(site)
  const other = '00000000-0000-0000-0000-000000000000'
  worker.send(
    { kind: 'output', uuid: other, text: Buffer.from('one') },
    { kind: 'output', uuid: other, text: Buffer.from('two') },
    { kind: 'jobFinished', uuid: other, result: exited, files: [] },
  )
  expect(await worker.readAll()).toEqual([])
  expect(site.scheduler.finished).toMatchObject([{ uuid }])
  expect(site.logged.filter((line) => line.startsWith('warn'))).toEqual([
    'warn a builder-worker names another UUID than that of its job',
  ])
})

test('a line of megabytes becomes lines of one', async () => {
  const { worker, uuid } = await begin(site)
  worker.send({ kind: 'output', uuid, text: Buffer.alloc(2.5 * 2 ** 20, 'x') })
  const console = site.app.deps.consoles.find(uuid)
  await vi.waitUntil(() => console?.lineCount === 3, { timeout: 60_000 })
})

test('a job that somebody stops ends the connection, and is not put back', async () => {
  const { worker, uuid } = await begin(site)
  worker.send({ kind: 'output', uuid, text: Buffer.from('one') })
  await vi.waitUntil(() => site.scheduler.started.length === 1, { timeout: 60_000 })
  await site.scheduler.stop(uuid, { kind: 'CANCELLED', message: 'cancelled by scooby' })
  worker.send({ kind: 'output', uuid, text: Buffer.from('two') })
  expect(await worker.readAll()).toEqual([])
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout: 60_000 })
  expect(site.scheduler.lost).toEqual([])
})

test('a stop of the hub waits for what is being stored', async () => {
  const own = await protocolSite()
  const { worker, uuid } = await begin(own)
  let release = () => {}
  const reached = new Promise<void>((resolve) => {
    own.scheduler.onFinish = () =>
      new Promise((goOn) => {
        release = goOn
        resolve()
      })
  })
  worker.send({ kind: 'jobFinished', uuid, result: exited, files: [] })
  await reached
  const closed = own.listener.close()
  release()
  await closed
  expect(own.scheduler).toMatchObject({ lost: [], finished: [{ uuid }] })
})
