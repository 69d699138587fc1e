import * as z from 'zod'
import { parseEventData, type EventData } from '../event-log/event-data.ts'
import type { EventType } from '../event-log/event-types.ts'

/** An event as a row has it. */
export type StoredEvent = { uuid: string; type: string; at: Date; data: string }

/** Everything that the data of an event has, for its receivers. */
const Whole = z.record(z.string(), z.unknown())

/** The schema of the data: a number that grows when a receiver could notice. */
export const schemaVersion = 1

/** The body that the Standard Webhooks specification describes. `site`: address of the hub, empty if it is not known. */
export function standardBody({ type, at, data }: StoredEvent, site: string): string {
  const told = Whole.parse(JSON.parse(data))
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: { version: schemaVersion, site: site === '' ? null : site, ...told },
  })
}

/** One line for people, and the address of its page; `url` null: there is none, or the address of the hub is not known. */
export function messageOf({ type, data }: StoredEvent, site: string): { text: string; url: string | null } {
  const told = parseEventData(data)
  const path = told.build?.path ?? told.job?.path
  const { job, platform = told.platform } = told.build ?? {}
  const place = [job ?? told.job?.name ?? 'the site', ...(platform === undefined ? [] : [platform])].join(
    ' on ',
  )
  return {
    text: sentenceOf(type as EventType, place, told),
    url: site === '' || path === undefined ? null : `${site}${path}`,
  }
}

/** What the policy says of an output, as a sentence has it. */
const outcomeWords: Readonly<Record<string, string>> = {
  ...{ TRUSTED: 'trusted', NOT_YET: 'not trusted yet', DISPUTED: 'disputed', EXEMPT: 'exempt' },
  NO_RULE: 'without a rule',
}

/** What an analysis is of. */
const analysisWords: Readonly<Record<string, string>> = {
  ...{ SOLO5: 'the Solo5 unikernel', DEPENDENCIES: 'the dependencies', BINARY_SIZE: 'the binary size' },
  ...{ FAILURE: 'the failure', COMPONENTS: 'the components', MODULES: 'the modules' },
}

const inWords = (words: Readonly<Record<string, string>>, value = '') => words[value] ?? value

function sentenceOf(
  type: EventType,
  place: string,
  { advisories = [], analysis, changed, outcome, reason, text }: EventData,
): string {
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
      return `${place} is repeated: another build gave the same output`
    case 'build.not_reproducible':
      return `${place} is not reproducible: one input gave different outputs${changed && changed.count > 0 ? `, and so ${changed.count === 1 ? 'is 1 earlier build' : `are ${changed.count} earlier builds`}` : ''}`
    case 'output.changed':
      return `${place} has another output than before`
    case 'trust.changed':
      return `${place}: the policy says ${inWords(outcomeWords, outcome)}${reason == null ? '' : `, ${reason}`}`
    case 'analysis.finished':
      return `${place}: the analysis of ${inWords(analysisWords, analysis?.kind)} ${analysis?.state === 'FAILED' ? 'has failed' : 'is ready'}`
    case 'advisory.matched':
      return `${place} has known issues: ${advisories.map(({ id }) => id).join(', ')}`
    case 'job.silent':
    case 'storage.low':
    case 'backup.failed':
      return text ?? `${place}: ${type}`
    case 'test.ping':
      return 'This is a test of the webhook, and it works'
  }
}
