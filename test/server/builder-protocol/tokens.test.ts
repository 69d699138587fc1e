import { afterAll, beforeAll, expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { watchEveryMs } from '../../../server/builder-protocol/watch-tokens.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { sha256Of } from '../../../server/users/token-text.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { openProtocolSite, type ProtocolSite } from './protocol-site.ts'
import { ask, greet, greetExtended } from './wire-peer.ts'

const clock = fakeClock()
let site: ProtocolSite
beforeAll(async () => {
  site = await openProtocolSite({}, { BUILDER_HUB_BUILDER_TOKEN_REQUIRED: 'true' }, { clock })
  const { writer } = site.app.deps
  await addUser(writer, byServer(), { name: 'root', password: null, role: 'ADMIN' })
  await addUser(writer, byServer(), { name: 'builders', password: null, role: 'WORKER' })
})
afterAll(() => site.close())

const tokenFor = async (scope: 'schedule' | 'work' | 'read', userName = 'root') =>
  (await createToken(site.app.deps.writer, byServer(), { userName, name: scope, scopes: [scope] })).text

async function introduce(token: string) {
  const worker = await greetExtended(site.address, 'worker')
  worker.tell({
    ...{ kind: 'introduction', name: 'w1', platform: 'debian-12', slot: 0, slots: 1 },
    ...{ software: 'builder-hub 1.0', token },
  })
  return worker.hear()
}

test('programs of builder are refused where a token is required', async () => {
  const [answer, ...more] = await ask(site.address, { kind: 'info' })
  expect(answer).toMatchObject({ kind: 'failure' })
  expect(answer?.kind === 'failure' && answer.message).toContain('serves only those who send a token')
  expect(more).toEqual([])
  const worker = await greet(site.address, 'worker')
  worker.send({ kind: 'jobRequested', platform: 'debian-12' })
  expect(await worker.readAll()).toEqual([])
})

test('a worker of the hub needs the scope work', async () => {
  expect(await introduce(await tokenFor('work'))).toMatchObject({ kind: 'welcome' })
  // It alone goes on with a run of this user.
  const { id } = await site.app.deps.db.user.findUniqueOrThrow({ where: { name: 'root' } })
  expect(site.scheduler.workers).toMatchObject([{ name: 'w1', userId: id }])
  expect(await introduce('')).toMatchObject({ kind: 'refused' })
  expect(await introduce('bhub_wrong')).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('wrong token') as string,
  })
  expect(await introduce(await tokenFor('schedule'))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('lacks the right work') as string,
  })
})

test('a user with the role of a worker connects workers, and has no token for anything else', async () => {
  expect(await introduce(await tokenFor('work', 'builders'))).toMatchObject({ kind: 'welcome' })
  for (const scope of ['schedule', 'read'] as const)
    await expect(tokenFor(scope, 'builders')).rejects.toThrow('has the role WORKER, which lacks the right')
})

test('a client that sends a token needs the scope schedule', async () => {
  const command = async (token: string) => {
    const client = await greetExtended(site.address, 'client')
    client.tell({ kind: 'authorization', token })
    client.send({ kind: 'unschedule', name: 'nope' })
    return client.readAll()
  }
  expect(await command(await tokenFor('schedule'))).toEqual([
    { kind: 'failure', message: 'unknown job nope' },
  ])
  const [refused] = await command(await tokenFor('read'))
  expect(refused?.kind === 'failure' && refused.message).toContain('lacks the right schedule')
})

test('what was refused is in the audit log', async () => {
  await site.app.deps.background.settled()
  const entries = await site.app.deps.db.auditEntry.findMany({
    where: { action: { in: ['worker.connect', 'client.connect', 'user.authenticate'] } },
    orderBy: { id: 'asc' },
  })
  expect(entries.map(({ action, actor, result }) => [action, actor, result])).toEqual([
    ['client.connect', null, 'REFUSED'],
    ['worker.connect', null, 'REFUSED'],
    ['worker.connect', null, 'REFUSED'],
    ['user.authenticate', null, 'FAILED'],
    ['worker.connect', 'root', 'REFUSED'],
    ['client.connect', 'root', 'REFUSED'],
  ])
})

test('a connection ends when its token is revoked; its run is lost with the reason, and others stay', async () => {
  const [kept, revoked] = [await tokenFor('work'), await tokenFor('work')]
  const connectWith = async (token: string) => {
    const worker = await greetExtended(site.address, 'worker')
    worker.tell({
      ...{ kind: 'introduction', name: 'w1', platform: 'debian-12', slot: 0, slots: 1 },
      ...{ software: 'builder-hub 1.0', token },
    })
    expect(await worker.hear()).toMatchObject({ kind: 'welcome' })
    return worker
  }
  const worker = await connectWith(revoked)
  const other = await connectWith(kept)
  worker.tell({ kind: 'request' })
  const { uuid } = await site.scheduler.queue('echo')
  expect(await worker.hear()).toMatchObject({ kind: 'run', uuid })
  const { writer, db } = site.app.deps
  const row = await db.token.findUniqueOrThrow({ where: { sha256: sha256Of(revoked) } })
  await writer.transact([], (tx) =>
    tx.token.update({ where: { id: row.id }, data: { revokedAt: new Date() } }),
  )
  const closed = worker.hear()
  const ticking = setInterval(() => clock.advance(watchEveryMs), 20)
  expect(await closed).toBeNull()
  clearInterval(ticking)
  await expect
    .poll(() => site.scheduler.lost)
    .toContainEqual({ uuid, why: 'the token of the worker does not count any more' })
  other.tell({ kind: 'resume', uuid: '00000000-0000-0000-0000-000000000001' })
  expect(await other.hear()).toMatchObject({ kind: 'refused' })
})
