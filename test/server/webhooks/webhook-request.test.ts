import { expect, test } from 'vitest'
import type { EndpointFormat } from '../../../server/webhooks/endpoint-format.ts'
import { webhookRequest } from '../../../server/webhooks/webhook-request.ts'

const at = new Date('2026-11-30T08:00:00Z')
const secrets = { secrets: [], signingSeed: null, accessToken: null }
/** A name that an uploader may give to a job, and that would call everybody or be markup. */
const job = '@channel <!here> & @room "\u2028"'
const path = `/job/${encodeURIComponent(job)}/build/5`
const build = { uuid: '5', job, platform: 'debian-12', path }
const event = { uuid: 'c0ffee', type: 'build.failed', at, data: JSON.stringify({ build }) }
const requestOf = (format: EndpointFormat, url = 'https://chat.example/hook') =>
  webhookRequest({ url, format }, secrets, event, { at, site: 'https://hub.example', version: '1' })

const line = `${job} on debian-12: a build has failed`
const page = `https://hub.example${path}`

test.each([
  [
    'SLACK',
    {
      text: `@\u200bchannel &lt;!here&gt; &amp; @\u200broom "\u2028" on debian-12: a build has failed\n${page}`,
    },
  ],
  ['DISCORD', { content: `${line}\n${page}`, allowed_mentions: { parse: [] } }],
  ['MATRIX', { msgtype: 'm.notice', body: `${line}\n${page}`, 'm.mentions': {} }],
] as const)('a message for %s mentions nobody, whatever a job is called', (format, message) => {
  expect(JSON.parse(requestOf(format).body)).toEqual(message)
})

test('headers for ntfy are ASCII', () => {
  const { body, headers } = requestOf('NTFY')
  expect(body).toBe(line)
  for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/)
  expect(headers['click']).toBe(page)
})

test.each([
  ['https://matrix.example/send/m.room.message', 'https://matrix.example/send/m.room.message/c0ffee'],
  ['https://matrix.example/send//', 'https://matrix.example/send/c0ffee'],
  ['https://matrix.example/send?user_id=%40hub', 'https://matrix.example/send/c0ffee?user_id=%40hub'],
])('of the Matrix address %s the transaction is %s', (url, target) => {
  expect(requestOf('MATRIX', url)).toMatchObject({ method: 'PUT', url: target })
})
