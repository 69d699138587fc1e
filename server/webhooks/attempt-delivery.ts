import type { IncomingHttpHeaders } from 'node:http'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { Event, WebhookEndpoint } from '../generated/prisma/client.ts'
import { AddressRefusedError, sendSafely, type SafeAnswer } from '../safe-request.ts'
import { readVersion } from '../site/read-version.ts'
import { failSpan, inSpan, SpanKind } from '../tracing.ts'
import { isEndpointFormat } from './endpoint-format.ts'
import { openSecrets } from './endpoint-secrets.ts'
import { reachOf } from './webhook-reach.ts'
import { webhookRequest, type WebhookRequest } from './webhook-request.ts'

/** A request that was sent and what came back, as its row has it. */
export type Attempt = {
  at: Date
  url: string
  requestHeaders: string
  requestBody: string
  /** null: no answer came. */
  status: number | null
  durationMs: number
  responseHead: string | null
  /** Why it is no success; null: it is one. */
  error: string | null
  /** The header, for who waits. */
  retryAfter: string | undefined
}

const maxAnswerBytes = 64 * 1024
const maxHeadCharacters = 2_000

/** Sends an event to an endpoint once. Whatever goes wrong is part of the result. */
export async function attemptDelivery(
  { clock, config }: Pick<Deps, 'clock' | 'config'>,
  endpoint: WebhookEndpoint,
  event: Event,
  timeoutMs: number,
): Promise<Attempt> {
  const at = clock.now()
  const startedAt = performance.now()
  const attributes = () => ({ 'builder_hub.event.id': event.uuid, 'builder_hub.event.type': event.type })
  return inSpan('webhook', { kind: SpanKind.CLIENT, attributes }, async (span) => {
    let request: WebhookRequest | null = null
    let answer: SafeAnswer | null = null
    let accessToken: string | null = null
    let error: string | null
    try {
      const format = isEndpointFormat(endpoint.format) ? endpoint.format : 'STANDARD'
      const secrets = openSecrets(config.dataDir, endpoint, at)
      accessToken = secrets.accessToken
      const how = { at, site: config.publicUrl, version: readVersion() }
      request = webhookRequest({ url: endpoint.url, format }, secrets, event, how)
      const reach = reachOf(config.webhookAllow, request.url)
      answer = await sendSafely(request.url, reach, { ...request, timeoutMs }, maxAnswerBytes)
      span.setAttribute('http.response.status_code', answer.status)
      error = faultOf(answer.status)
    } catch (caught) {
      error = reasonOf(caught)
    }
    if (error !== null) failSpan(span, new Error(error))
    return {
      ...{ at, url: request?.url ?? endpoint.url, requestBody: request?.body ?? '', error },
      requestHeaders: JSON.stringify(withoutSecrets(request?.headers ?? {})),
      status: answer?.status ?? null,
      durationMs: Math.round(performance.now() - startedAt),
      responseHead: answer && headOf(answer, accessToken),
      retryAfter: answer?.headers['retry-after'],
    }
  })
}

/** Why an answer is no success; null: it is one. */
function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400)
    return `the receiver answered ${status}: redirections are not followed, so give the address that it leads to`
  return `the receiver answered ${status}`
}

function reasonOf(error: unknown): string {
  if (error instanceof AddressRefusedError)
    return `${error.message}: the setting --webhook-allow says where webhooks may go`
  if (error instanceof DomainError || error instanceof TypeError) return error.message
  const { code, message } = error as { code?: string; message?: string }
  return message === undefined || message === '' ? `no connection: ${code ?? String(error)}` : message
}

const withoutSecrets = (headers: Record<string, string>) =>
  'authorization' in headers ? { ...headers, authorization: 'Bearer …' } : headers

/** The first lines of an answer, without the access token: some receivers repeat what they got. PostgreSQL stores no NUL. */
function headOf({ headers, body }: SafeAnswer, accessToken: string | null): string {
  const text = `${linesOf(headers)}\n\n${body.toString('utf8')}`
  const shown = accessToken === null ? text : text.replaceAll(accessToken, '…')
  return shown.replaceAll('\0', '\ufffd').slice(0, maxHeadCharacters)
}

const linesOf = (headers: IncomingHttpHeaders) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n')
