import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BuilderCommand } from '../../../server/formats/builder-commands.ts'
import { encodeFrame } from '../../../server/formats/builder-frames.ts'
import { text } from '../../formats/sample-record.ts'
import { choice } from '../../formats/builder/sample-commands.ts'
import { addTry, openProtocolSite, type ProtocolSite, protocolSite } from './protocol-site.ts'
import { ask, dial, greet } from './wire-peer.ts'

let site: ProtocolSite
beforeAll(async () => {
  site = await openProtocolSite()
})
afterAll(() => site.close())

const success: BuilderCommand = { kind: 'success' }
const failure = (message: string): BuilderCommand => ({ kind: 'failure', message })
const script = Buffer.from('#!/bin/sh\ntrue\n')
const scriptJob = (name: string, platform = 'debian-12') => ({ name, script, platform })

test('a client schedules, asks, runs, drops and takes back', async () => {
  const { address, app } = site
  const say = (command: BuilderCommand) => ask(address, command)
  expect(await say({ kind: 'schedule', period: 'WEEKLY', job: scriptJob('hello') })).toEqual([success])
  expect(await say({ kind: 'schedule', period: 'DAILY', job: scriptJob('hello', 'freebsd-14') })).toEqual([
    failure('job name already used'),
  ])
  expect(
    await say({ kind: 'scheduleOrbBuild', period: 'NEVER', job: { name: 'dns', opamPackage: 'dns' } }),
  ).toEqual([success])
  const next = new Date('2027-01-01T00:00:00Z')
  expect(await say({ kind: 'reschedule', name: 'hello', next, period: 'DAILY' })).toEqual([success])
  expect(await say({ kind: 'reschedule', name: 'nope', next, period: null })).toEqual([
    failure("couldn't find job nope"),
  ])
  expect(await say({ kind: 'execute', name: 'hello', platform: 'openbsd' })).toEqual([
    failure('execute failed: job is for a different platform: debian-12'),
  ])
  expect(await say({ kind: 'execute', name: 'dns', platform: null })).toEqual([success])
  const [info, end] = await say({ kind: 'info' })
  expect(end).toEqual(success)
  expect(info).toMatchObject({
    kind: 'infoReply',
    info: {
      schedules: [
        { next, period: 'DAILY', job: { kind: 'SCRIPT', job: { name: 'hello', platform: 'debian-12' } } },
        { next: new Date('9999-12-31T23:59:59.999Z'), period: 'NEVER', job: { kind: 'OPAM_PACKAGE' } },
      ],
      queues: [{ platform: 'debian-12', jobs: [{ job: { name: 'dns' } }, { job: { name: 'hello' } }] }],
      running: [],
      droppedPlatforms: [],
    },
  })
  expect(await say({ kind: 'unschedule', name: 'nope' })).toEqual([failure('unknown job nope')])
  expect(await say({ kind: 'unschedule', name: 'dns' })).toEqual([success])
  expect(await say({ kind: 'dropPlatform', platform: 'debian-12' })).toEqual([success])
  expect(await say({ kind: 'schedule', period: 'DAILY', job: scriptJob('other') })).toEqual([
    failure("platform dropped; can't schedule jobs"),
  ])
  expect(await say({ kind: 'undropPlatform', platform: 'openbsd' })).toEqual([
    failure('unknown platform openbsd'),
  ])
  expect(await say({ kind: 'undropPlatform', platform: 'debian-12' })).toEqual([success])
  expect((await say({ kind: 'info' }))[0]).toMatchObject({ info: { schedules: [], queues: [] } })
  const [entry] = await app.deps.db.auditEntry.findMany({ where: { action: 'schedule.add' } })
  expect(entry).toMatchObject({ actor: null, via: 'nobody', address: '127.0.0.1', target: 'hello' })
})

test.each([
  ['a command of a worker', choice(16, text('p')), 'bad communication'],
  ['a platform that is no name', choice(17, text('../../etc')), 'unknown platform ../../etc'],
  ['a reserved number', choice(0, Buffer.from('020105', 'hex')), 'reserved'],
  ['a UUID that is too short', choice(10, text('x'.repeat(15))), "couldn't decode UUID"],
  ['a UUID that is too long', choice(10, text('x'.repeat(17))), "couldn't decode UUID"],
  ['a UUID that nobody knows', choice(10, text('x'.repeat(16))), 'uuid not found'],
  ['no DER', Buffer.from('010203', 'hex'), 'malformed command of builder at byte 0'],
  [
    'a name with a slash',
    choice(5, Buffer.from('300fa00205003009' + '0c03612f62' + '0c00' + '3000', 'hex')),
    'contains "/"',
  ],
])('%s is answered by a failure', async (_name, octets, reason) => {
  const { address } = site
  const peer = await greet(address, 'client')
  peer.write(encodeFrame(octets))
  const [answer, ...more] = await peer.readAll()
  expect(answer?.kind === 'failure' && answer.message).toContain(reason)
  expect(more).toEqual([])
})

test('a client that sends no command, or half of one, is told so', async () => {
  const { address } = site
  for (const bytes of [Buffer.of(), Buffer.alloc(4), Buffer.from('0000000000000005a9', 'hex')]) {
    const peer = await greet(address, 'client')
    peer.socket.end(bytes)
    expect(await peer.readAll()).toEqual([failure('end of file')])
  }
})

test('all frames may come at once, and a second command is not read', async () => {
  const { address } = site
  const peer = await dial(address)
  peer.send({ kind: 'clientHello', peer: 'client', version: 13n }, { kind: 'info' }, { kind: 'info' })
  expect((await peer.readAll()).map(({ kind }) => kind)).toEqual(['serverHello', 'infoReply', 'success'])
})

test('an observer gets what was, what comes, and how it ends', async () => {
  const { address, app, scheduler } = site
  const { uuid } = await scheduler.queue('x')
  await addTry(app.deps, uuid)
  const console = app.deps.consoles.find(uuid)
  await console?.append([{ deltaNs: 5n, text: Buffer.from('one') }])
  const peer = await greet(address, 'client')
  peer.send({ kind: 'observe', uuid })
  const line = (text: string, deltaNs: bigint) => ({
    kind: 'outputTimestamped',
    ...{ uuid, deltaNs, text: Buffer.from(text) },
  })
  expect(await peer.read()).toEqual(line('one', 5n))
  await console?.append([{ deltaNs: 7n, text: Buffer.from('two') }])
  expect(await peer.read()).toEqual(line('two', 7n))
  await console?.end('exited 0')
  const [last, ...more] = await peer.readAll()
  expect(last).toMatchObject({ kind: 'outputTimestamped', text: Buffer.from('exited 0') })
  expect(more).toEqual([success])
})

test('an observer of a run that is not over when the hub stops is told so', async () => {
  const { address, app, listener, scheduler } = await protocolSite()
  const { uuid } = await scheduler.queue('x')
  await addTry(app.deps, uuid)
  const peer = await greet(address, 'client')
  peer.send({ kind: 'observe', uuid })
  await app.deps.consoles.find(uuid)?.append([{ deltaNs: 1n, text: Buffer.from('one') }])
  await peer.read()
  await app.deps.consoles.close()
  expect(await peer.readAll()).toEqual([failure('the hub stops: observe it again later')])
  await listener.close()
})

test('a client is told that the disk of the hub is full', async () => {
  const { address, app, logged } = await protocolSite()
  await app.deps.writer.transact([], (tx) => tx.$queryRawUnsafe('PRAGMA max_page_count = 1'))
  const job = { name: 'large', platform: 'debian-12', script: Buffer.alloc(2 ** 20, 'x') }
  expect(await ask(address, { kind: 'schedule', period: 'NEVER', job })).toEqual([
    { kind: 'failure', message: expect.stringContaining('no room left to store this') as string },
  ])
  expect(logged.filter((line) => line.startsWith('error'))).toEqual([])
})
