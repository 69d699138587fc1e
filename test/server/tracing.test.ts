import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api'
import { pino } from 'pino'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { traceOfLine } from '../../server/log.ts'
import { inSpan, traceIdOf } from '../../server/tracing.ts'
import { alice, basicAuth, bytesOf, testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'

type Ended = {
  name: string
  attributes: Record<string, unknown>
  traceId: string
  parent: string | null
  isError: boolean
}

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

/** An SDK of a few lines: it keeps the spans that have ended. */
function registerSdk(): Ended[] {
  const ended: Ended[] = []
  const active = new AsyncLocalStorage<Context>()
  let count = 0
  const start = (name: string, options: SpanOptions, parent: Context): Span => {
    const above = trace.getSpanContext(parent)
    const spanContext = {
      ...{ traceId: above?.traceId ?? String(++count).padStart(32, 'a'), traceFlags: 1 },
      spanId: String(++count).padStart(16, '0'),
    }
    const facts: Ended = {
      ...{ name, attributes: { ...options.attributes }, traceId: spanContext.traceId, isError: false },
      parent: above?.spanId ?? null,
    }
    const span: Span = {
      spanContext: () => spanContext,
      setAttribute: (key, value) => ((facts.attributes[key] = value), span),
      setAttributes: (more) => (Object.assign(facts.attributes, more), span),
      setStatus: ({ code }) => ((facts.isError = code === SpanStatusCode.ERROR), span),
      updateName: () => span,
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      recordException() {},
      isRecording: () => true,
      end: () => void ended.push(facts),
    }
    return span
  }
  context.setGlobalContextManager({
    active: () => active.getStore() ?? ROOT_CONTEXT,
    with: (one, action, self, ...args) => active.run(one, () => action.call(self, ...args)),
    bind: (_one, target) => target,
    enable() {
      return this
    },
    disable() {
      return this
    },
  })
  propagation.setGlobalPropagator({
    inject() {},
    fields: () => ['traceparent'],
    extract(one, carrier) {
      const [, traceId = '', spanId = ''] =
        (carrier as Record<string, string>)['traceparent']?.split('-') ?? []
      return trace.setSpanContext(one, { traceId, spanId, traceFlags: 1, isRemote: true })
    },
  })
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (name, options = {}, parent = context.active()) => start(name, options, parent),
      startActiveSpan(name: string, ...rest: unknown[]) {
        const action = rest.at(-1) as (span: Span) => ReturnType<() => never>
        const span = start(name, (rest.length > 1 ? rest[0] : {}) as SpanOptions, context.active())
        return context.with(trace.setSpan(context.active(), span), () => action(span))
      },
    }),
  })
  onTestFinished(unregister)
  return ended
}

function unregister(): void {
  for (const api of [trace, context, propagation]) api.disable()
}

// Files of this project share a process.
beforeEach(unregister)

test('an upload, its transaction, its tasks and operations are spans, in the trace that the request names', async () => {
  const spans = registerSdk()
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { level: 'debug', mixin: traceOfLine },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  )
  const app = await testApp({ log })
  const record = sampleRecord()
  const sent = await fetch(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice), traceparent },
    body: await bytesOf(encodeExecRecord(record)),
  })
  expect(sent.status).toBe(201)
  const upload = spans.find(({ name }) => name === 'upload')
  expect(upload).toMatchObject({
    ...{ traceId, parent: '00f067aa0ba902b7', isError: false },
    attributes: {
      'user.name': alice.name,
      'builder_hub.job.name': record.job,
      'builder_hub.build.uuid': record.uuid,
    },
  })
  expect(spans).toContainEqual(
    expect.objectContaining({ name: 'db.transaction', traceId, attributes: { 'db.system.name': 'sqlite' } }),
  )
  expect(lines.find(({ msg }) => msg === 'build stored')).toMatchObject({ traceId })

  await app.deps.runner.start()
  await app.deps.runner.settled()
  const tasks = spans.filter(({ attributes }) => 'builder_hub.task.kind' in attributes)
  const kindsOf = (span: string) =>
    tasks.filter(({ name }) => name === span).map(({ attributes }) => attributes['builder_hub.task.kind'])
  expect(kindsOf('analysis')).toContain('SOLO5')
  expect(kindsOf('task')).toContain('DESCRIBE_JOB')
  expect(tasks.every((one) => one.traceId !== traceId)).toBe(true)

  await app.graphql('query Mine { site { buildCount } }')
  await app.graphql('{ node(id: "x") { id } }')
  const operations = spans.filter(({ name }) => name === 'GraphQL Operation')
  expect(operations).toMatchObject([
    { isError: false, attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Mine' } },
    {
      isError: true,
      attributes: { 'graphql.operation.type': 'query', 'error.type': expect.any(String) as string },
    },
  ])
})

test('an error ends its span with the status of an error, and goes on', async () => {
  const spans = registerSdk()
  await expect(inSpan('a', {}, () => Promise.reject(new TypeError('b')))).rejects.toThrow('b')
  expect(spans).toMatchObject([{ name: 'a', isError: true, attributes: { 'error.type': 'TypeError' } }])
})

test('without an SDK the trace of a request is in its line of the log', async () => {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const app = await testApp({ log })
  await fetch(`${app.url}/robots.txt`, { headers: { traceparent } })
  await fetch(`${app.url}/robots.txt`, { headers: { traceparent: 'secret' } })
  const requests = () => lines.filter(({ msg }) => msg === 'request')
  await expect.poll(() => requests().map((line) => line['traceId'])).toEqual([traceId, undefined])
  let isAsked = false
  await inSpan('a', { attributes: () => ((isAsked = true), {}) }, () => Promise.resolve())
  expect(isAsked).toBe(false)
})

test.each([
  [traceparent, traceId],
  [`01-${traceId}-00f067aa0ba902b7-01-more`, traceId],
  [`ff-${traceId}-00f067aa0ba902b7-01`, undefined],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  [`00-${traceId}-${'0'.repeat(16)}-01`, undefined],
  [traceparent.toUpperCase(), undefined],
  [`00-${traceId}`, undefined],
  ['', undefined],
])('traceparent %j names the trace %j', (given, expected) => {
  expect(traceIdOf({ headers: { traceparent: given } })).toBe(expected)
})
