import { expect, test } from 'vitest'
import { checkMailServer, checkMailSettings } from '../../../server/doctor/check-mail.ts'
import { isMailAddress } from '../../../server/notifications/mail-address.ts'
import { listMails } from '../../../server/notifications/list-mails.ts'
import { checkSmtp } from '../../../server/notifications/smtp.ts'
import { mailServer, refusal } from './mail-server.ts'
import { notifySite } from './notify-site.ts'

const build = '00000000-0000-4000-8000-000000000001'

/** A site with one mail that is due, to be sent to this server. */
async function siteWithMail(url: string) {
  const site = await notifySite(url)
  await site.subscribe()
  await site.tick()
  await site.event('build.newly_failing', 'hello', build)
  await site.tick()
  site.wait(10)
  return site
}

test('a hub that dies after the mail server has taken a mail sends it again with the same Message-ID', async () => {
  const smtp = await mailServer()
  const site = await siteWithMail(smtp.url)
  const { db, send, tick, deps, sendAll } = site
  const { complete } = send
  // Killed before the transaction that notes it.
  delete send.complete
  await tick()
  expect(await db.mail.findMany()).toMatchObject([{ state: 'PENDING' }])
  Object.assign(send, { complete })
  await sendAll()
  await sendAll()
  expect(smtp.received).toHaveLength(2)
  expect(new Set(smtp.received.map(({ mail }) => mail.messageId)).size).toBe(1)
  expect(await db.mail.findMany()).toMatchObject([{ state: 'SENT' }])
  expect(await deps.metrics.mails.get()).toMatchObject({
    values: [{ value: 2, labels: { outcome: 'sent' } }],
  })
})

test('a mail has a task that tries it again, and waits while the mail server is away', async () => {
  const smtp = await mailServer()
  await smtp.close()
  const { db, tick } = await siteWithMail(smtp.url)
  expect(await tick()).toMatchObject([{ code: 'ESOCKET' }])
  const [mail] = await db.mail.findMany()
  expect(mail).toMatchObject({ state: 'PENDING', sentAt: null })
  expect(await db.queuedTask.findMany({ where: { kind: 'SEND_MAIL' } })).toMatchObject([
    { key: String(mail?.id), state: 'PENDING' },
  ])
  expect(await listMails(db)).toMatchObject([{ state: 'WAITING', userName: 'alice' }])
  expect(await listMails(db, { isFailed: true })).toEqual([])
})

test.each([
  [550, '5.1.1 no such user', 'REFUSED'],
  [550, 'mailbox unavailable', 'REFUSED'],
  [550, '5.7.1 relaying denied', 'PENDING'],
  [552, '5.2.2 mailbox full', 'PENDING'],
  [450, '4.2.0 greylisted', 'PENDING'],
])('after %i %s the mail is %s', async (code, message, state) => {
  const smtp = await mailServer({
    onRcptTo: (_address, _session, callback) => callback(refusal(code, message)),
  })
  const { db, tick, event, pass } = await siteWithMail(smtp.url)
  const errors = await tick()
  const isRefused = state === 'REFUSED'
  expect(errors).toHaveLength(isRefused ? 0 : 1)
  expect(await db.mail.findMany()).toMatchObject([{ state }])
  const user = await db.user.findFirstOrThrow()
  expect(user.emailProblem).toBe(isRefused ? `${code} ${message}` : null)
  if (!isRefused) return
  expect(await listMails(db, { isFailed: true })).toMatchObject([{ state: 'REFUSED' }])
  await event('build.fixed', 'hello', build)
  await pass(60, 30)
  expect(await db.mail.count()).toBe(1)
})

test('a password goes over TLS, and a wrong one is told by the doctor', async () => {
  const smtp = await mailServer({
    ...{ authOptional: false, disabledCommands: [] },
    onAuth({ username, password }, { secure }, callback) {
      if (secure && username === 'hub' && password === 'p@ss') callback(null, { user: 'hub' })
      else callback(new Error('wrong password'))
    },
  })
  const url = (password: string) =>
    `smtp://hub:${password}@127.0.0.1:${smtp.port}?tls.rejectUnauthorized=false`
  const { tick } = await siteWithMail(url('p%40ss'))
  expect(await tick()).toEqual([])
  expect(smtp.received).toMatchObject([{ isSecure: true }])
  const config = { smtpUrl: url('wrong'), mailFrom: 'hub@example.org', publicUrl: 'https://hub.example.org' }
  const [found] = await checkMailServer(config)
  expect(found).toMatchObject({ level: 'problem', text: expect.stringContaining('wrong password') })
  expect(found?.text).not.toContain('wrong@')
  await expect(checkSmtp(url('p%40ss'))).resolves.toBeUndefined()
  expect(checkMailSettings({ ...config, publicUrl: '' })).toMatchObject([
    { level: 'warning', text: 'no mail is sent: --public-url is missing' },
  ])
  expect(checkMailSettings({ smtpUrl: '', mailFrom: '', publicUrl: '' })).toEqual([])
})

test.each([
  ['alice@example.org', true],
  ['ålice@exämple.org', true],
  ['a+b@mail.example.org', true],
  ['alice@localhost', false],
  ['alice', false],
  ['alice@example.org, bob@example.org', false],
  ['Alice <alice@example.org>', false],
  ['alice@example.org\r\nBcc: bob@example.org', false],
  ['"a b"@example.org', false],
  ['a@b@example.org', false],
  [`${'a'.repeat(65)}@example.org`, false],
  [`a@${'b'.repeat(254)}.org`, false],
])('%j is an address: %s', (text, isOne) => {
  expect(isMailAddress(text)).toBe(isOne)
})
