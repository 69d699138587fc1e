import { isEventType, eventTypeNames } from '../event-log/event-types.ts'
import { BadWebhookError } from './endpoint-errors.ts'
import { EndpointFilter } from './endpoint-filter.ts'
import { endpointFormatNames, isEndpointFormat, type EndpointFormat } from './endpoint-format.ts'

/** What an administrator says of an endpoint. Absent: it stays, or it is the default. */
export type EndpointInput = {
  url?: string
  description?: string
  format?: string
  /** null: all. */
  types?: readonly string[] | null
  filter?: Partial<Record<keyof EndpointFilter, readonly string[] | null>>
  /** What the receiver wants as `Authorization: Bearer`; empty: nothing. */
  accessToken?: string
}

/** Columns of an endpoint, of what was given. */
export type EndpointColumns = {
  url?: string
  description?: string
  format?: EndpointFormat
  types?: string | null
  filter?: string
}

/** Throws BadWebhookError. */
export function checkedEndpoint(input: EndpointInput): EndpointColumns {
  const { url, description, format, types, filter, accessToken } = input
  if (accessToken !== undefined && !/^[\x21-\x7e]{0,2000}$/.test(accessToken))
    throw new BadWebhookError('an access token has at most 2000 characters of ASCII, and no spaces')
  if (description !== undefined && !/^\P{Cc}{0,200}$/u.test(description))
    throw new BadWebhookError('a description has at most 200 characters, and no control characters')
  if (format !== undefined && !isEndpointFormat(format))
    throw new BadWebhookError(
      `no format: ${JSON.stringify(format)}; formats are ${endpointFormatNames.join(', ').toLowerCase()}`,
    )
  return {
    ...(url === undefined ? {} : { url: checkedUrl(url) }),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format }),
    ...(types === undefined ? {} : { types: checkedTypes(types) }),
    ...(filter === undefined ? {} : { filter: checkedFilter(filter) }),
  }
}

function checkedUrl(text: string): string {
  const fault = 'the address of a webhook is such as https://example.org/hook'
  if (!URL.canParse(text) || text.length > 2_000) throw new BadWebhookError(fault)
  const { protocol, username, password, hash, href } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new BadWebhookError(`${fault}: only http and https`)
  if (username !== '' || password !== '')
    throw new BadWebhookError('the address of a webhook has no user and no password: use an access token')
  if (hash !== '') throw new BadWebhookError('the address of a webhook has no part behind #')
  return href
}

function checkedTypes(types: readonly string[] | null): string | null {
  if (types === null || types.length === 0) return null
  const unknown = types.find((type) => !isEventType(type))
  if (unknown !== undefined)
    throw new BadWebhookError(
      `no type of events: ${JSON.stringify(unknown.slice(0, 100))}; types are ${eventTypeNames.join(', ')}`,
    )
  return JSON.stringify([...new Set(types)])
}

function checkedFilter(filter: NonNullable<EndpointInput['filter']>): string {
  const parts = Object.entries(filter).map(([name, values]) => [name, values?.length ? values : null])
  const parsed = EndpointFilter.safeParse(Object.fromEntries(parts))
  if (parsed.success) return JSON.stringify(parsed.data)
  const [issue] = parsed.error.issues
  throw new BadWebhookError(
    `the filter of a webhook has a fault at ${issue?.path.join('.')}: ${issue?.message}`,
  )
}
