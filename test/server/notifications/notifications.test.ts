import { expect, test } from 'vitest'
import type { Choice } from '../../../server/notifications/subscription.ts'
import { sampleRecord } from '../../record.ts'
import { mailServer } from './mail-server.ts'
import { notifySite, siteUrl } from './notify-site.ts'

const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

async function subscribed(more: Partial<Choice> = {}) {
  const smtp = await mailServer()
  const site = await notifySite(smtp.url)
  await site.subscribe(more)
  await site.tick()
  return { smtp, ...site }
}

test('a job that fails is told once, ten minutes later, with the headers of a list', async () => {
  const { smtp, event, pass, db } = await subscribed()
  await event('build.newly_failing', 'hello', uuid(1))
  await pass(9, 3)
  expect(smtp.received).toEqual([])
  await pass(120, 30)
  expect(smtp.subjects()).toEqual(['hello on debian-12: newly failing'])
  const [{ mail, to } = { to: [] }] = smtp.received
  expect(to).toEqual(['alice@example.org'])
  expect(mail?.text).toContain(`${siteUrl}/job/hello/build/${uuid(1)}`)
  expect(mail?.html).toContain(`href="${siteUrl}/job/hello/build/${uuid(1)}"`)
  expect(mail?.messageId).toMatch(/^<mail\.[0-9a-f]{32}@hub\.example\.org>$/)
  expect(mail?.inReplyTo).toMatch(/^<thread\.[0-9a-f]{32}@hub\.example\.org>$/)
  expect(mail?.references).toBe(mail?.inReplyTo)
  const headers = Object.fromEntries(mail?.headerLines.map(({ key, line }) => [key, line]) ?? [])
  expect(headers['auto-submitted']).toBe('Auto-Submitted: auto-generated')
  expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  expect(headers['list-unsubscribe']?.replace(/\s+/g, ' ')).toMatch(
    /^List-Unsubscribe: <https:\/\/hub\.example\.org\/unsubscribe\/[\d.]+\.[\w-]{43}>$/,
  )
  expect(headers['list-id']).toContain('<notifications.hub.example.org>')
  expect(await db.mail.findMany()).toMatchObject([{ state: 'SENT', kind: 'NOTIFICATION' }])
})

test('mails of one job on one platform are a thread', async () => {
  const { smtp, event, pass } = await subscribed()
  await event('build.newly_failing', 'hello', uuid(1))
  await pass(20)
  await event('build.fixed', 'hello', uuid(2))
  await event('build.newly_failing', 'other', uuid(3))
  await pass(20)
  const threads = new Map(smtp.received.map(({ mail }) => [mail.subject, mail.inReplyTo]))
  const [failing, fixed, other] = [
    'hello on debian-12: newly failing',
    'hello on debian-12: fixed',
    'other on debian-12: newly failing',
  ].map((subject) => threads.get(subject))
  expect(fixed).toBe(failing)
  expect(other).not.toBe(failing)
})

test('a subscription tells of its jobs, platforms and changes alone, and of each once', async () => {
  const { smtp, event, pass, subscribe } = await subscribed({
    ...{ jobs: ['mirage-*', 'dns'], platforms: ['debian-12'], events: ['FIXED'] },
  })
  await subscribe({ jobs: ['mirage-www'], events: ['FIXED', 'OUTPUT_CHANGED'] })
  await event('build.fixed', 'mirage-www', uuid(1))
  await event('build.fixed', 'www-mirage-', uuid(2))
  await event('build.newly_failing', 'dns', uuid(3))
  await event('output.changed', 'dns', uuid(4))
  await event('output.changed', 'mirage-www', uuid(5))
  await pass(60, 20)
  expect(smtp.subjects().sort()).toEqual([
    'mirage-www on debian-12: fixed',
    'mirage-www on debian-12: output changed',
  ])
})

test('nobody is told of copies, of the time before the subscription, or without a confirmed address', async () => {
  const { smtp, event, pass, tick, subscribe, deps, alice } = await subscribed({ jobs: ['no job'] })
  await event('build.newly_failing', 'before', uuid(1))
  await pass(1, 1)
  await subscribe()
  await event('build.newly_failing', 'copy', uuid(2), { isCopy: true })
  await tick()
  const address = { where: { id: alice.id }, data: { emailConfirmedAt: null } }
  await deps.writer.transact([], (tx) => tx.user.update(address))
  await event('build.newly_failing', 'unconfirmed', uuid(3))
  await pass(120, 30)
  expect(smtp.subjects()).toEqual([])
})

test('a known issue of the newest build is told, and told again when a further advisory is about it', async () => {
  const { smtp, event, pass, db } = await subscribed({ events: ['KNOWN_ISSUE'] })
  await event('advisory.matched', 'hello', uuid(1))
  await pass(20, 10)
  expect(smtp.subjects()).toEqual(['hello on debian-12: known issue in its packages'])
  expect(smtp.received[0]?.mail.text).toContain(`${siteUrl}/job/hello/build/${uuid(1)}#issues`)
  // Within six hours, more of that waits for the daily digest.
  await pass(7 * 60, 60)
  await event('advisory.matched', 'hello', uuid(1), { isCopy: false })
  await pass(20, 10)
  expect(smtp.subjects()).toHaveLength(2)
  expect(await db.notification.count()).toBe(1)
})

test('quiet hours delay, in the time zone of the user', async () => {
  const { smtp, event, pass, deps, alice, now } = await subscribed()
  const hours = { quietFrom: 13 * 60, quietUntil: 8 * 60, timeZone: 'Europe/Berlin' }
  await deps.writer.transact([], (tx) => tx.user.update({ where: { id: alice.id }, data: hours }))
  await event('build.newly_failing', 'one', uuid(1))
  await pass(300, 60)
  await event('build.newly_failing', 'two', uuid(2))
  await pass(14 * 60, 60)
  expect(now().toISOString()).toBe('2026-11-03T07:00:00.000Z')
  expect(smtp.subjects().sort()).toEqual([
    'one on debian-12: newly failing',
    'two on debian-12: newly failing',
  ])
})

test('digests are one mail an hour or a day, in parts by the kind of change', async () => {
  const { smtp, event, pass } = await subscribed({ digest: 'HOURLY' })
  await pass(5, 5)
  for (const number of [1, 2, 3]) await event('build.newly_failing', `job-${number}`, uuid(number))
  await event('build.fixed', 'job-4', uuid(4))
  await pass(50)
  expect(smtp.received).toEqual([])
  await pass(10)
  expect(smtp.subjects()).toEqual(['The last hour: 3 newly failing, 1 fixed'])
  expect(smtp.received[0]?.mail.text).toMatch(/Newly failing[^]*job-1[^]*job-2[^]*job-3[^]*Fixed[^]*job-4/)
  await pass(180, 60)
  expect(smtp.received).toHaveLength(1)
})

test('news of a build that ended the day before waits for the daily digest', async () => {
  const { smtp, event, pass } = await subscribed()
  const finishedAt = '2026-10-31T00:00:00Z'
  await event('build.newly_failing', 'late', uuid(1), { build: { finishedAt } })
  await pass(20 * 60 - 10, 60)
  expect(smtp.subjects()).toEqual([])
  await pass(60)
  expect(smtp.subjects()).toEqual(['The last day: 1 newly failing'])
})

test('a week after the first failure, one reminder is in the daily digest, unless the job is fixed', async () => {
  const { smtp, upload, pass, now } = await subscribed({ events: ['NEWLY_FAILING'] })
  await pass(5, 5)
  let number = 0
  const store = (job: string, exitCode: number) => {
    const startedAt = new Date(now().getTime() - 1_000 + ++number)
    const record = { job, uuid: uuid(number), startedAt, finishedAt: startedAt }
    return upload(sampleRecord({ ...record, result: { kind: 'exited', code: BigInt(exitCode) } }))
  }
  for (const job of ['broken', 'mended']) for (const code of [0, 2]) await store(job, code)
  await pass(70)
  expect(smtp.received).toHaveLength(2)
  await pass(3 * 24 * 60, 6 * 60)
  await store('mended', 0)
  await store('broken', 2)
  await pass(14 * 24 * 60, 6 * 60)
  expect(smtp.subjects().slice(2)).toEqual(['The last day: 1 still failing after a week'])
  expect(smtp.received[2]?.mail.text).toMatch(/Still failing after a week[^]*broken on debian-12/)
  expect(smtp.received[2]?.mail.text).not.toContain('mended')
})

test('jobs that have had no build for some days are one mail, by their names alone', async () => {
  const { smtp, event, pass } = await subscribed({ platforms: ['freebsd-14'], events: ['SILENT'] })
  const silent = (job: string, number: number, platform: string) =>
    event('job.silent', job, uuid(number), { platform }, null)
  await silent('hello', 1, 'freebsd-14')
  await silent('elsewhere', 2, 'debian-12')
  await pass(20)
  expect(smtp.subjects()).toEqual(['hello: no new build for some days'])
  expect(smtp.received[0]?.mail.text).toContain(`${siteUrl}/job/hello/build/${uuid(1)}`)
  expect(smtp.received[0]?.mail.text).not.toContain('freebsd-14')
  await pass(25 * 60, 60)
  for (const number of [3, 4]) await silent(`job-${number}`, number, 'freebsd-14')
  await pass(20)
  expect(smtp.subjects().slice(1)).toEqual(['2 jobs without a new build for some days'])
})

test('more than ten mails in ten minutes become a digest', async () => {
  const { smtp, event, pass } = await subscribed()
  await pass(5, 5)
  for (let number = 1; number <= 14; number++)
    await event('build.newly_failing', `job-${number}`, uuid(number))
  await pass(20)
  expect(smtp.received).toHaveLength(10)
  await pass(60)
  expect(smtp.subjects().slice(10)).toEqual(['The last hour: 4 newly failing'])
})

test('names of builds end no header, and are shown whole', async () => {
  const { smtp, event, pass } = await subscribed()
  const job = 'naïve 単純\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>'
  await event('build.newly_failing', job, uuid(1))
  await pass(20)
  const [{ mail, to } = { to: [] }] = smtp.received
  expect(to).toEqual(['alice@example.org'])
  expect(mail?.bcc).toBeUndefined()
  expect(mail?.subject).toContain('naïve 単純‹U+000D›‹U+000A›Bcc: victim@example.org')
  expect(mail?.html).not.toContain('<script')
  expect(mail?.text).toContain('naïve 単純')
  expect(mail?.text).toContain(`/job/${encodeURIComponent(job)}/build/${uuid(1)}`)
})
