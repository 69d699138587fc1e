import type { EndpointFormat } from './endpoint-format.ts'
import { messageOf, standardBody, type StoredEvent } from './event-message.ts'
import { secretText, signatureOfGithub, signatureV1, signatureV1a } from './signatures.ts'

/** Secrets of an endpoint, opened. `secrets`: the newest first. */
export type EndpointSecrets = {
  secrets: readonly Uint8Array[]
  signingSeed: Uint8Array | null
  accessToken: string | null
}

export type WebhookRequest = {
  method: 'POST' | 'PUT'
  url: string
  headers: Record<string, string>
  body: string
}

/** The specification wants less; longer data would be a fault of the hub. */
const maxBodyBytes = 20_000
/** Discord takes no longer message. */
const maxMessageCharacters = 2_000

/**
 * The request that tells an endpoint of an event. Its id is that of the event, in each attempt: receivers know by it what they have
 * got before. `at` is the time of the attempt, which is signed.
 */
export function webhookRequest(
  endpoint: { url: string; format: EndpointFormat },
  secrets: EndpointSecrets,
  event: StoredEvent,
  { at, site, version }: { at: Date; site: string; version: string },
): WebhookRequest {
  const body = bodyOf(endpoint.format, event, site)
  if (Buffer.byteLength(body) > maxBodyBytes)
    throw new Error(`the body of event ${event.uuid} has more than ${maxBodyBytes} bytes`)
  const timestamp = Math.floor(at.getTime() / 1_000)
  const signed = { id: event.uuid, timestamp, body }
  const signatures = [
    ...secrets.secrets.map((secret) => signatureV1(secret, signed)),
    ...(secrets.signingSeed ? [signatureV1a(secrets.signingSeed, signed)] : []),
  ]
  const url = targetOf(endpoint, event)
  return {
    ...{ method: methodOf(url, event.uuid), url, body },
    headers: {
      'content-type': endpoint.format === 'NTFY' ? 'text/plain; charset=utf-8' : 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': `Builder-Hub/${version}`,
      'webhook-id': event.uuid,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
      ...headersOf(endpoint.format, secrets, event, body, site),
      ...(secrets.accessToken === null ? {} : { authorization: `Bearer ${secrets.accessToken}` }),
    },
  }
}

/** Of Matrix the event's id is that of the transaction, too: sending it again has no effect. */
function targetOf({ format, url }: { format: EndpointFormat; url: string }, { uuid }: StoredEvent) {
  if (format !== 'MATRIX') return url
  const target = new URL(url)
  target.pathname = `${target.pathname.replace(/\/+$/, '')}/${uuid}`
  return target.href
}

/** The method of a request to `url` for the event: PUT for Matrix, whose addresses alone end with the id of the event. */
export const methodOf = (url: string, eventId: string): WebhookRequest['method'] =>
  new URL(url).pathname.endsWith(`/${eventId}`) ? 'PUT' : 'POST'

function headersOf(
  format: EndpointFormat,
  { secrets: [secret] }: EndpointSecrets,
  event: StoredEvent,
  body: string,
  site: string,
): Record<string, string> {
  if (format === 'GITHUB')
    return {
      'x-github-event': event.type,
      'x-github-delivery': event.uuid,
      ...(secret ? { 'x-hub-signature-256': signatureOfGithub(secretText(secret), body) } : {}),
    }
  if (format !== 'NTFY') return {}
  const { url } = messageOf(event, site)
  return {
    title: `Builder Hub: ${event.type}`,
    ...(url === null ? {} : { click: new URL(url).href }),
  }
}

function bodyOf(format: EndpointFormat, event: StoredEvent, site: string): string {
  if (format === 'STANDARD' || format === 'GITHUB') return standardBody(event, site)
  const { text, url } = messageOf(event, site)
  const shown = text.length > maxMessageCharacters / 2 ? `${text.slice(0, maxMessageCharacters / 2)}…` : text
  const withUrl = url === null || url.length > maxMessageCharacters / 2 - 10 ? shown : `${shown}\n${url}`
  switch (format) {
    case 'SLACK':
      return JSON.stringify({ text: escapeSlack(withUrl) })
    case 'DISCORD':
      // Names of jobs mention nobody.
      return JSON.stringify({ content: withUrl, allowed_mentions: { parse: [] } })
    case 'MATRIX':
      // The same: without this property, servers look for "@room" in the body (MSC3952).
      return JSON.stringify({ msgtype: 'm.notice', body: withUrl, 'm.mentions': {} })
    case 'NTFY':
      return shown
  }
}

/**
 * https://docs.slack.dev/messaging/formatting-message-text: the first three characters begin what is no text. Mattermost tells all
 * people of a channel of "@channel", but not with a zero-width space in it.
 */
const escapeSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('@', '@\u200b')
