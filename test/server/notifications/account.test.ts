import { expect, test } from 'vitest'
import { siteKey } from '../../../server/secrets/site-key.ts'
import { unsubscribeToken } from '../../../server/notifications/unsubscribe-token.ts'
import { alice } from '../../app.ts'
import { openBrowser } from '../sessions/browser.ts'
import { mailServer } from './mail-server.ts'
import { notifySite, siteUrl } from './notify-site.ts'

const viewer = `{ viewer { canGetMail email { address confirmedAt problem } quietHours { from until timeZone }
  subscriptions { id jobs platforms events digest } } }`

async function signedIn() {
  const smtp = await mailServer()
  const site = await notifySite(smtp.url, new Date().toISOString())
  const browser = openBrowser(site.app)
  await browser.signIn(alice)
  const mutate = async (field: string, variables: Record<string, unknown> = {}, header = '') => {
    const query = `mutation ${header} { it: ${field} { __typename ... on Refusal { message } } }`
    const { data, errors } = await browser.graphql(query, { variables })
    if (errors) throw new Error(errors[0]?.message)
    return data.it as { __typename: string; message?: string }
  }
  return { smtp, browser, mutate, ...site }
}

const linkIn = (text: string | undefined, pattern: RegExp) => pattern.exec(text ?? '')?.[1] ?? ''

test('an address counts once the link of the mail was opened by its user', async () => {
  const { smtp, browser, mutate, sendAll, wait, deps } = await signedIn()
  for (const bad of ['alice', 'a@example.org, b@example.org', 'a@example.org\nBcc: b@example.org'])
    expect(await mutate('setEmail(email: $email)', { email: bad }, '($email: String)')).toMatchObject({
      __typename: 'BadAddressError',
    })
  expect((await mutate('setEmail(email: "alice@example.org")')).__typename).toBe('SetEmailSuccess')
  expect((await mutate('sendTestMail')).message).toContain('no confirmed address')
  await sendAll()
  const code = linkIn(smtp.received[0]?.mail.text, /\/account\?confirm-email=([\w-]+)/)
  expect((await mutate(`confirmEmail(code: "A${code}")`)).__typename).toBe('BadAddressError')
  expect((await mutate(`confirmEmail(code: "${code}")`)).__typename).toBe('ConfirmEmailSuccess')
  const { data } = await browser.graphql(viewer)
  expect(data.viewer).toMatchObject({
    canGetMail: true,
    email: { address: 'alice@example.org', confirmedAt: expect.any(String), problem: null },
  })
  expect((await mutate('sendTestMail')).__typename).toBe('SendTestMailSuccess')
  await sendAll()
  expect(smtp.subjects()).toEqual(['Confirm your address for notifications', 'Notifications arrive'])
  expect(smtp.received[1]?.mail.headers.has('list-unsubscribe')).toBe(false)
  expect((await mutate('setEmail(email: "other@example.org")')).__typename).toBe('SetEmailSuccess')
  expect((await mutate(`confirmEmail(code: "${code}")`)).message).toContain('another one meanwhile')
  await sendAll()
  const late = linkIn(smtp.received[2]?.mail.text, /confirm-email=([\w-]+)/)
  wait(8 * 24 * 60)
  await browser.signIn(alice)
  expect((await mutate(`confirmEmail(code: "${late}")`)).message).toContain('too old')
  const entries = await deps.db.auditEntry.findMany({ where: { action: 'user.email' } })
  expect(entries).toHaveLength(2)
  expect(JSON.stringify(entries)).not.toContain('example.org')
})

test('a user asks for five mails in an hour at most', async () => {
  const { mutate } = await signedIn()
  for (let number = 0; number < 5; number++) await mutate(`setEmail(email: "a${number}@example.org")`)
  expect((await mutate('setEmail(email: "more@example.org")')).__typename).toBe('MailUnavailableError')
})

test('subscriptions are added, changed and ended, and bad ones refused', async () => {
  const { app, browser, mutate } = await signedIn()
  const input = { jobs: ['a*', 'b'], events: ['FIXED'], digest: 'DAILY' }
  const header = '($input: SubscriptionInput!)'
  expect((await mutate('subscribe(input: $input)', { input }, header)).__typename).toBe('SubscribeSuccess')
  for (const bad of [
    { jobs: [] },
    { jobs: [''] },
    { jobs: ['*a*b*c*'] },
    { jobs: ['x'.repeat(1_001)] },
    { events: [] },
    { platforms: [] },
  ])
    expect(
      (await mutate('subscribe(input: $input)', { input: { ...input, ...bad } }, header)).__typename,
    ).toBe('BadSubscriptionError')
  const subscriptions = async () => (await browser.graphql(viewer)).data.viewer.subscriptions
  app.takeQueries()
  await subscriptions()
  // Of the session two, and one each of the address, the quiet hours and the subscriptions.
  expect(app.takeQueries().length).toBeLessThanOrEqual(5)
  const [{ id, ...row }] = await subscriptions()
  expect(row).toEqual({ ...input, platforms: null })
  const changed = { ...input, platforms: ['debian-12'], digest: 'INSTANT' }
  const field = (number: string) => `updateSubscription(id: "${number}", input: $input)`
  expect((await mutate(field(id), { input: changed }, header)).__typename).toBe('UpdateSubscriptionSuccess')
  // Of the session two; the subscription is changed by one, in a transaction.
  app.takeQueries()
  await mutate(field(id), { input: changed }, header)
  expect(app.takeQueries().length).toBeLessThanOrEqual(6)
  expect((await mutate(field('999'), { input: changed }, header)).__typename).toBe(
    'SubscriptionNotFoundError',
  )
  expect(await subscriptions()).toEqual([{ id, ...changed }])
  expect((await mutate(`unsubscribe(id: "${id}")`)).__typename).toBe('UnsubscribeSuccess')
  expect((await mutate(`unsubscribe(id: "${id}")`)).__typename).toBe('SubscriptionNotFoundError')
})

test('quiet hours need both ends and a time zone', async () => {
  const { browser, mutate } = await signedIn()
  const set = (args: string) => mutate(`setQuietHours(${args})`)
  for (const bad of [
    'from: 5, timeZone: "UTC"',
    'from: 1440, until: 0, timeZone: "UTC"',
    'from: 0, until: 5, timeZone: "Mars/Olympus"',
  ])
    expect((await set(bad)).__typename).toBe('BadAddressError')
  expect((await set('from: 1320, until: 420, timeZone: "Europe/Berlin"')).__typename).toBe(
    'SetQuietHoursSuccess',
  )
  expect((await browser.graphql(viewer)).data.viewer.quietHours).toEqual({
    ...{ from: 1320, until: 420, timeZone: 'Europe/Berlin' },
  })
})

test('a mail ends its subscription by POST without signing in, and never by GET', async () => {
  const { smtp, app, event, pass, subscribe, tick, db, deps, alice: user } = await signedIn()
  await subscribe({ jobs: ['hello'] })
  const other = await subscribe({ jobs: ['other'] })
  await tick()
  await event('build.newly_failing', 'hello', '00000000-0000-4000-8000-000000000001')
  await pass(20)
  const link = linkIn(smtp.received[0]?.mail.text, /Unsubscribe: (\S+)/)
  expect(link.startsWith(`${siteUrl}/unsubscribe/`)).toBe(true)
  const address = link.replace(siteUrl, app.url)
  const page = await fetch(address)
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self'")
  expect(await page.text()).toMatch(/<form method="post"><button/)
  expect((await fetch(address, { method: 'HEAD' })).status).toBeLessThan(500)
  expect(await db.subscription.count()).toBe(2)
  const oneClick = {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  }
  for (const forged of [
    `${address}x`,
    address.replace(/unsubscribe\/\d+/, 'unsubscribe/999'),
    `${app.url}/unsubscribe/1.all.`,
  ])
    expect((await fetch(forged, oneClick)).status).toBe(404)
  for (let twice = 0; twice < 2; twice++) expect((await fetch(address, oneClick)).status).toBe(200)
  expect(await db.subscription.findMany()).toMatchObject([{ id: other.id }])
  const all = unsubscribeToken(siteKey(deps.config.dataDir), { userId: user.id, subscriptions: null })
  expect((await fetch(`${app.url}/unsubscribe/${all}`, oneClick)).status).toBe(200)
  expect(await db.subscription.count()).toBe(0)
})
