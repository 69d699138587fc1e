import { analysisKinds } from '../analyses/kind.ts'
import { eventTypeNames, eventTypes, type EventType } from '../event-log/event-types.ts'
import { outcomes } from '../policy/judge.ts'
import { schemaVersion } from './event-message.ts'

const text = { type: 'string' }
const time = { type: 'string', format: 'date-time' }
const uuid = { type: 'string', format: 'uuid' }
const path = { type: 'string', description: 'Of the page, without the address of the hub.' }
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
const status = { enum: ['SUCCEEDED', 'FAILED'] }
const verdict = { enum: ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT'] }
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' }

/** All properties are there, and others may come. */
const record = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

const place = { uuid, job: text, platform: text, path, startedAt: time, verdict }

const build = record(
  {
    ...place,
    section: orNull(text),
    finishedAt: time,
    receivedAt: time,
    result: record({
      ...{ status, kind: { enum: ['EXITED', 'SIGNALLED', 'STOPPED', 'ABORTED'] } },
      code: orNull({
        type: 'number',
        description: 'Exit code, or number of the signal: negative ones are those of OCaml.',
      }),
    }),
    inputId: orNull(sha256),
    output: orNull(record({ path: text, sha256, sizeBytes: { type: 'integer' } })),
  },
  // Events of earlier builds, whose verdict a later one has changed, have no more than their place; those of analyses the result, too.
  ['section', 'finishedAt', 'receivedAt', 'result', 'inputId', 'output'],
)

const previous = orNull(record({ uuid, path, startedAt: time, status, verdict }))
const changed = record({ count: { type: 'integer' }, builds: { type: 'array', items: uuid, maxItems: 20 } })
const ofBuild = { build, previous, isLate: { type: 'boolean' } }
const ofVerdict = {
  ...{ build, changed, previous, isLate: { type: 'boolean' }, previousVerdict: verdict },
  cause: record({ uuid, job: text, platform: text, path }),
}

const outcome = { enum: outcomes }

const data: Record<EventType, object> = {
  'build.stored': record(ofBuild),
  'build.failed': record(ofBuild),
  'build.newly_failing': record(ofBuild),
  'build.fixed': record(ofBuild),
  'build.reproduced': record(ofVerdict, ['previous', 'isLate', 'previousVerdict', 'cause']),
  'build.not_reproducible': record(ofVerdict, ['previous', 'isLate', 'previousVerdict', 'cause']),
  'output.changed': record({ ...ofBuild, previousOutput: record({ build: uuid, sha256 }) }),
  'trust.changed': record({
    ...{
      job: record({ name: text, path }),
      platform: text,
      sha256,
      outcome,
      previousOutcome: orNull(outcome),
    },
    ...{ groups: { type: 'array', items: text }, reason: orNull(text) },
  }),
  'analysis.finished': record({
    build,
    analysis: record({ kind: { enum: analysisKinds }, state: { enum: ['READY', 'FAILED'] } }),
  }),
  'advisory.matched': record({
    build,
    advisories: {
      type: 'array',
      items: record({
        ...{ id: text, summary: text, path },
        severity: orNull({ enum: ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] }),
        score: orNull({ type: 'number' }),
      }),
    },
  }),
  'job.silent': record(
    {
      ...{ text, job: record({ name: text, path }), platform: text, newestBuildAt: time },
      days: { type: 'integer' },
    },
    // Earlier versions did not tell it.
    ['platform'],
  ),
  'storage.low': record({ text, freeBytes: { type: 'integer' }, sizeBytes: { type: 'integer' } }),
  'backup.failed': record({ text, folder: text }),
  'test.ping': record({ endpoint: { type: 'integer' } }),
}

const isCopy = { type: 'boolean', description: 'The build came from another site, or from a file.' }

/** What the data of each event has. */
const common = record(
  { version: { const: schemaVersion }, site: orNull({ type: 'string', format: 'uri' }), isCopy },
  ['isCopy'],
)

/** The JSON Schema (2020-12) of the bodies of events. */
export const eventSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An event of Builder Hub',
  description: `Version ${schemaVersion}. Receivers ignore properties and types that they do not know.`,
  oneOf: eventTypeNames.map((type) => ({
    title: type,
    description: eventTypes[type],
    type: 'object',
    properties: {
      type: { const: type },
      timestamp: time,
      data: {
        allOf: [common, data[type]],
      },
    },
    required: ['type', 'timestamp', 'data'],
  })),
}
