import type { EventType } from '../event-log/event-types.ts'

/** An event as a row has it. */
export type StoredEvent = { uuid: string; type: string; at: Date; data: string }

/** What texts take from the data of an event; docs/webhooks.md has all. */
type Told = {
  build?: { job: string; platform: string; uuid: string; path: string }
  job?: { name: string; path: string }
  cause?: { job: string }
  changed?: { count: number }
  text?: string
}

/** The schema of the data: a number that grows when a receiver could notice. */
export const schemaVersion = 1

/** The body that the Standard Webhooks specification describes. `site`: address of the hub, empty if it is not known. */
export function standardBody({ type, at, data }: StoredEvent, site: string): string {
  const told = JSON.parse(data) as Record<string, unknown>
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: { version: schemaVersion, site: site === '' ? null : site, ...told },
  })
}

/** One line for people, and the address of its page; `url` null: there is none, or the address of the hub is not known. */
export function messageOf({ type, data }: StoredEvent, site: string): { text: string; url: string | null } {
  const told = JSON.parse(data) as Told
  const path = told.build?.path ?? told.job?.path
  const place = told.build ? `${told.build.job} on ${told.build.platform}` : (told.job?.name ?? 'the site')
  return {
    text: sentenceOf(type as EventType, place, told),
    url: site === '' || path === undefined ? null : `${site}${path}`,
  }
}

function sentenceOf(type: EventType, place: string, { changed, text }: Told): string {
  switch (type) {
    case 'build.stored':
      return `${place}: a build has arrived`
    case 'build.failed':
      return `${place}: a build has failed`
    case 'build.newly_failing':
      return `${place} fails now: the build before succeeded`
    case 'build.fixed':
      return `${place} is fixed: the build before failed`
    case 'build.reproduced':
      return `${place} is reproduced`
    case 'build.not_reproducible':
      return `${place} is not reproducible: one input gave different outputs${changed && changed.count > 0 ? `, and ${changed.count} earlier ${changed.count === 1 ? 'build has' : 'builds have'} that verdict now` : ''}`
    case 'output.changed':
      return `${place} has another output than before`
    case 'job.silent':
    case 'storage.low':
    case 'backup.failed':
      return text ?? `${place}: ${type}`
    case 'test.ping':
      return 'This is a test of the webhook, and it works'
  }
}
