import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { ExtensionMessage } from '../../../server/formats/worker-extension.ts'
import { openProtocolSite, type ProtocolSite, protocolSite } from './protocol-site.ts'
import { greetExtended, type WirePeer } from './wire-peer.ts'

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

const timeout = 60_000
const exited = { kind: 'exited', code: 0n } as const
const introduction: ExtensionMessage = {
  ...{ kind: 'introduction', name: 'w1', platform: 'debian-12', slot: 0, slots: 4 },
  ...{ software: 'builder-hub 1.0', token: '' },
}
const line = (text: string, deltaNs = 5n) => ({ deltaNs, text: Buffer.from(text) })

async function introduce({ address }: ProtocolSite): Promise<WirePeer> {
  const worker = await greetExtended(address, 'worker')
  worker.tell(introduction)
  expect(await worker.hear()).toEqual({ kind: 'welcome', heartbeatSeconds: 15 })
  return worker
}

async function begin(of = site): Promise<{ worker: WirePeer; uuid: string }> {
  const worker = await introduce(of)
  worker.tell({ kind: 'request' })
  const { uuid } = await of.scheduler.queue('true')
  expect(await worker.hear()).toEqual({
    kind: 'run',
    uuid,
    job: { name: 'hello', script: Buffer.from('true'), platform: 'debian-12' },
    timeoutSeconds: 3_600,
    limits: { allowsNetwork: true, memoryBytes: null, diskBytes: null, cpus: 1.5 },
  })
  return { worker, uuid }
}

const linesOf = async (uuid: string) =>
  (await site.app.deps.consoles.find(uuid)?.read(0, 100))?.map(({ deltaNs, text }) => [
    deltaNs,
    Buffer.from(text).toString(),
  ])

test('a worker runs one run after the other on its connection', async () => {
  const { worker, uuid } = await begin()
  worker.tell({ kind: 'lines', uuid, first: 0, lines: [line('one', 1n), line('two', 2n)] })
  expect(await worker.hear()).toEqual({ kind: 'linesStored', uuid, count: 2 })
  expect(await linesOf(uuid)).toEqual([
    [1n, 'one'],
    [2n, 'two'],
  ])
  worker.tell(
    { kind: 'ended', uuid, result: exited, detail: 'more memory than 1 GiB', fileCount: 2 },
    { kind: 'file', uuid, path: 'bin/a', mode: 0o755, sizeBytes: 4 },
    { kind: 'bytes', data: Buffer.from('da') },
    { kind: 'ping' },
    { kind: 'bytes', data: Buffer.from('ta') },
    { kind: 'file', uuid, path: 'b', mode: 0o644, sizeBytes: 0 },
  )
  expect(await worker.hear()).toEqual({ kind: 'pong' })
  expect(await worker.hear()).toEqual({ kind: 'stored', uuid })
  expect(site.scheduler.finished).toEqual([
    {
      ...{ uuid, result: exited },
      files: [
        { path: 'bin/a', data: 'data' },
        { path: 'b', data: '' },
      ],
    },
  ])
  expect((await linesOf(uuid))?.at(-1)).toEqual([2n, 'more memory than 1 GiB'])
  worker.tell({ kind: 'request' })
  const second = await site.scheduler.queue('false')
  expect(await worker.hear()).toMatchObject({ kind: 'run', uuid: second.uuid })
  expect(site.scheduler.workers).toEqual([
    {
      ...{ name: 'w1', platform: 'debian-12', address: '127.0.0.1', protocol: 'HUB' },
      ...{ software: 'builder-hub 1.0', slots: 4, userId: null },
    },
  ])
  worker.socket.destroy()
  await vi.waitFor(() => expect(site.scheduler.lost).toMatchObject([{ uuid: second.uuid }]), { timeout })
})

test('a worker gets the next run in place of one that is stopped before it is told', async () => {
  const { uuid } = await site.scheduler.queue('true')
  await site.scheduler.stop(uuid, { kind: 'CANCELLED', message: 'cancelled by operator' })
  const worker = await introduce(site)
  worker.tell({ kind: 'request' })
  expect(await worker.hear()).toMatchObject({ kind: 'cancel', uuid })
  const second = await site.scheduler.queue('false')
  expect(await worker.hear()).toMatchObject({ kind: 'run', uuid: second.uuid })
  worker.socket.destroy()
})

test('a worker that comes back goes on after the lines that are stored', async () => {
  const { worker, uuid } = await begin()
  worker.tell({ kind: 'lines', uuid, first: 0, lines: [line('one'), line('two')] })
  await worker.hear()
  worker.socket.resetAndDestroy()
  await vi.waitUntil(() => site.scheduler.lost.length === 1, { timeout })
  const again = await introduce(site)
  again.tell({ kind: 'resume', uuid })
  expect(await again.hear()).toEqual({ kind: 'resumed', uuid, lineCount: 2 })
  again.tell({ kind: 'lines', uuid, first: 1, lines: [line('two'), line('three')] })
  expect(await again.hear()).toEqual({ kind: 'linesStored', uuid, count: 3 })
  expect((await linesOf(uuid))?.map(([, text]) => text)).toEqual(['one', 'two', 'three'])
  again.tell({ kind: 'ended', uuid, result: exited, detail: '', fileCount: 0 })
  expect(await again.hear()).toEqual({ kind: 'stored', uuid })
  again.tell({ kind: 'resume', uuid })
  expect(await again.hear()).toEqual({ kind: 'refused', uuid, reason: 'the run is over' })
})

test('a cancelled run is told, and what crosses with that is dropped', async () => {
  const { worker, uuid } = await begin()
  worker.tell({ kind: 'lines', uuid, first: 0, lines: [line('one')] })
  await worker.hear()
  await site.scheduler.stop(uuid, { kind: 'CANCELLED', message: 'cancelled by scooby' })
  expect(await worker.hear()).toEqual({ kind: 'cancel', uuid, reason: 'cancelled by scooby' })
  worker.tell(
    { kind: 'lines', uuid, first: 1, lines: [line('two')] },
    { kind: 'ended', uuid, result: exited, detail: '', fileCount: 1 },
    { kind: 'file', uuid, path: 'a', mode: 0o644, sizeBytes: 2 },
    { kind: 'bytes', data: Buffer.from('hi') },
  )
  expect(await worker.hear()).toEqual({ kind: 'refused', uuid, reason: 'the run is over' })
  expect(site.scheduler.finished).toEqual([])
  worker.tell({ kind: 'request' })
  const { uuid: next } = await site.scheduler.queue('true')
  expect(await worker.hear()).toMatchObject({ kind: 'run', uuid: next })
  worker.tell({ kind: 'ended', uuid: next, result: exited, detail: '', fileCount: 0 })
  expect(await worker.hear()).toMatchObject({ kind: 'stored' })
})

test('a worker that leaves takes no run', async () => {
  const worker = await introduce(site)
  worker.tell({ kind: 'request' }, { kind: 'leaving' }, { kind: 'ping' })
  expect(await worker.hear()).toEqual({ kind: 'pong' })
  const other = await introduce(site)
  other.tell({ kind: 'request' })
  const { uuid } = await site.scheduler.queue('true')
  expect(await other.hear()).toMatchObject({ kind: 'run', uuid })
  other.socket.destroy()
  await vi.waitFor(() => expect(site.scheduler.lost).toMatchObject([{ uuid }]), { timeout })
})

test.each<[string, (uuid: string) => ExtensionMessage[], string]>([
  ['skips lines', (uuid) => [{ kind: 'lines', uuid, first: 3, lines: [line('x')] }], 'go on with 3, after 0'],
  ['asks for a second run', () => [{ kind: 'request' }], 'asks for a run while it has one'],
  ['resumes another', (uuid) => [{ kind: 'resume', uuid }], 'resumes a run while it has one'],
  ['sends bytes of nothing', () => [{ kind: 'bytes', data: Buffer.of(1) }], 'sent bytes out of turn'],
  ['speaks for the hub', (uuid) => [{ kind: 'stored', uuid }], 'sent stored out of turn'],
  [
    'sends more than a file has',
    (uuid) => [
      { kind: 'ended', uuid, result: exited, detail: '', fileCount: 1 },
      { kind: 'file', uuid, path: 'a', mode: 0, sizeBytes: 1 },
      { kind: 'bytes', data: Buffer.from('hi') },
    ],
    '2 bytes of a file, of which 1 are missing',
  ],
])('the run of a worker that %s is lost', async (_name, messages, why) => {
  const { worker, uuid } = await begin()
  worker.tell(...messages(uuid))
  while (await worker.hear());
  await vi.waitUntil(() => site.scheduler.connections() === 0, { timeout })
  expect(site.scheduler.lost).toEqual([{ uuid, why: expect.stringContaining(why) as string }])
  expect(site.logged.filter((one) => one.startsWith('error'))).toEqual([])
})

test.each<[string, Partial<ExtensionMessage & { kind: 'introduction' }>, string]>([
  ['a platform that is no name', { platform: 'a/b' }, 'the platform in the introduction '],
  ['no name', { name: '' }, 'the name in the introduction '],
  ['no slots', { slots: 0 }, 'a worker has 1 to 1024 slots, not 0'],
])('a worker with %s is refused', async (_name, other, why) => {
  const worker = await greetExtended(site.address, 'worker')
  worker.tell({ ...introduction, ...other })
  expect(await worker.hear()).toEqual({
    ...{ kind: 'refused', uuid: '00000000-0000-0000-0000-000000000000' },
    reason: expect.stringContaining(why) as string,
  })
  expect(await worker.hear()).toBe(null)
  expect(site.scheduler.workers).toEqual([])
})

test('a worker that answers no heartbeat is given up, and its run lost', async () => {
  const own = await protocolSite({ heartbeatMs: 40 })
  const worker = await greetExtended(own.address, 'worker')
  worker.tell(introduction)
  await worker.hear()
  worker.tell({ kind: 'request' })
  const { uuid } = await own.scheduler.queue('true')
  // It hears the run, and answers heartbeats until then.
  expect(await worker.hear()).toMatchObject({ kind: 'run', uuid })
  await vi.waitUntil(() => own.scheduler.lost.length === 1, { timeout })
  expect(own.scheduler.lost).toEqual([{ uuid, why: 'the peer sent nothing for 0.12 s' }])
})
