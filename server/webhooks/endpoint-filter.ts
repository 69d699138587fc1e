import * as z from 'zod'
import type { Verdict } from '../builds/verdict.ts'
import { isEventType } from '../event-log/event-types.ts'
import { isJobOf } from '../users/scopes.ts'

const texts = z.array(z.string().min(1).max(1_000)).max(100)

/** Which events of builds and jobs are sent: an event must meet each condition. Null: any. Events of the site have none of these. */
export const EndpointFilter = z.object({
  /** Names; `*` stands for any characters. */
  jobs: texts.nullable().default(null),
  platforms: texts.nullable().default(null),
  sections: texts.nullable().default(null),
  /** Of the build that the event is of. */
  results: z
    .array(z.enum(['SUCCEEDED', 'FAILED']))
    .nullable()
    .default(null),
  verdicts: z
    .array(z.enum(['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT'] satisfies Verdict[]))
    .nullable()
    .default(null),
})

export type EndpointFilter = z.infer<typeof EndpointFilter>

export const readFilter = (json: string): EndpointFilter => EndpointFilter.parse(JSON.parse(json))

/** The types of an endpoint; null: all. */
export const readTypes = (json: string | null): string[] | null =>
  json === null ? null : z.array(z.string().refine(isEventType)).parse(JSON.parse(json))

/** What filters look at. `section`: the heading of the job. */
export type FilteredEvent = {
  type: string
  job: string | null
  platform: string | null
  section: string | null
  status: string | null
  verdict: string | null
}

/** Whether an endpoint with these types and this filter gets an event. A ping goes to the endpoint that it is for alone. */
export function isWanted(
  types: readonly string[] | null,
  filter: EndpointFilter,
  event: FilteredEvent,
): boolean {
  if (event.type === 'test.ping') return false
  if (types && !types.includes(event.type)) return false
  if (event.job === null) return true
  const { job } = event
  const isOneOf = (wanted: readonly string[] | null, value: string | null) =>
    wanted === null || (value !== null && wanted.includes(value))
  return (
    (filter.jobs === null || filter.jobs.some((pattern) => isJobOf(pattern, job))) &&
    isOneOf(filter.platforms, event.platform) &&
    isOneOf(filter.sections, event.section) &&
    isOneOf(filter.results, event.status) &&
    isOneOf(filter.verdicts, event.verdict)
  )
}
