import { expect, test, vi } from 'vitest'
import { isLong } from '../../long.ts'
import { addTry, protocolSite, type ProtocolSite } from './protocol-site.ts'
import { ask, greet, greetExtended } from './wire-peer.ts'

const timeout = isLong ? 300_000 : 60_000
const connections = isLong ? 1_000 : 200

test(`${connections} connected workers get their runs, and clients are served beside them`, async () => {
  const { address, scheduler } = await protocolSite()
  const workers = await Promise.all(
    Array.from({ length: connections }, async (_, n) => {
      if (n % 2 === 0) {
        const worker = await greet(address, 'worker')
        worker.send({ kind: 'jobRequested', platform: 'debian-12' })
        return async () => {
          const assigned = await worker.read()
          if (assigned?.kind !== 'jobSchedule') throw new Error(`no job, but ${assigned?.kind}`)
          const result = { kind: 'exited', code: 0n } as const
          worker.send({ kind: 'jobFinished', uuid: assigned.uuid, result, files: [] })
          await worker.readAll()
        }
      }
      const worker = await greetExtended(address, 'worker')
      worker.tell(
        {
          ...{ kind: 'introduction', name: `w${n}`, platform: 'debian-12', slot: 0, slots: 1 },
          ...{ software: 'builder-hub 1.0', token: '' },
        },
        { kind: 'request' },
      )
      return async () => {
        expect((await worker.hear())?.kind).toBe('welcome')
        const assigned = await worker.hear()
        if (assigned?.kind !== 'run') throw new Error(`no run, but ${assigned?.kind}`)
        const { uuid } = assigned
        worker.tell({ kind: 'ended', uuid, result: { kind: 'exited', code: 0n }, detail: '', fileCount: 0 })
        expect((await worker.hear())?.kind).toBe('stored')
        worker.socket.destroy()
      }
    }),
  )
  await vi.waitUntil(() => scheduler.connections() === connections, { timeout })
  expect((await ask(address, { kind: 'info' })).map(({ kind }) => kind)).toEqual(['infoReply', 'success'])
  const done = workers.map((work) => work())
  for (let n = 0; n < connections; n++) await scheduler.queue('true')
  await Promise.all(done)
  expect(new Set(scheduler.finished.map(({ uuid }) => uuid)).size).toBe(connections)
  await vi.waitUntil(() => scheduler.connections() === 0, { timeout })
})

const [lineCount, lineBytes] = [20_000, 1_000]

/** A run with a console longer than the buffers of both sockets hold, and a connection that observes it. */
async function observed(site: ProtocolSite) {
  const { address, app, scheduler } = site
  const { uuid } = await scheduler.queue('x')
  await addTry(app.deps, uuid)
  const console = app.deps.consoles.find(uuid)
  if (!console) throw new Error('no console')
  const peer = await greet(address, 'client')
  peer.send({ kind: 'observe', uuid })
  const line = { deltaNs: 1n, text: Buffer.alloc(lineBytes, '.') }
  for (let written = 0; written < lineCount; written += 1_000)
    await console.append(Array.from({ length: 1_000 }, () => line))
  await console.end('exited 0')
  return peer
}

test('the run does not wait for an observer, which gets all lines however late it reads', async () => {
  const peer = await observed(await protocolSite())
  let count = 0
  let last = ''
  for (let command; (command = await peer.read());) {
    if (command.kind === 'outputTimestamped') last = Buffer.from(command.text).toString()
    count++
  }
  // With the result, and the end of the answer.
  expect([count, last]).toEqual([lineCount + 2, 'exited 0'])
})

test('an observer that reads nothing is hung up on', async () => {
  const site = await protocolSite({ writeMs: 200 })
  const peer = await observed(site)
  const said = 'a peer of the builder protocol has gone'
  await vi.waitFor(() => expect(site.logged.join('\n')).toContain(said), { timeout })
  const kinds = new Set((await peer.readAll().catch(() => [])).map(({ kind }) => kind))
  expect(kinds.has('success')).toBe(false)
})
