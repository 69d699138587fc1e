import type { IncomingMessage } from 'node:http'
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api'

/** Of the W3C, Trace Context, section 3.2: version, trace id, span id, flags. Ids of zeros only are no ids. */
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/

/** The trace that the client says a request belongs to; undefined: none. */
export function traceIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const given = headers['traceparent']
  return typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined
}

/** The trace of the span that is active. Without an SDK there is none. */
export const activeTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId

/**
 * Runs what answers a request, as a part of the trace that its `traceparent` names. If an instrumentation of HTTP has begun a
 * span, that one is the parent.
 */
export function inTraceOf<Value>({ headers }: Pick<IncomingMessage, 'headers'>, action: () => Value): Value {
  if (headers['traceparent'] === undefined || trace.getActiveSpan()) return action()
  return context.with(propagation.extract(context.active(), headers), action)
}

type SpanOptions = {
  /** Names by the semantic conventions of OpenTelemetry, else with the prefix `builder_hub.`. Called only if the span is kept. */
  attributes?: () => Attributes
  kind?: SpanKind
}

export { SpanKind }

/**
 * Runs an action within a span, whose status is the outcome of the action. Without an SDK, which operators bring
 * (docs/operating.md), this is a call of the action.
 */
export async function inSpan<Value>(
  name: string,
  { attributes, kind = SpanKind.INTERNAL }: SpanOptions,
  action: (span: Span) => Promise<Value>,
): Promise<Value> {
  return trace.getTracer('builder-hub').startActiveSpan(name, { kind }, async (span) => {
    if (attributes && span.isRecording()) span.setAttributes(attributes())
    try {
      return await action(span)
    } catch (error) {
      failSpan(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** The action of a span has failed. */
export function failSpan(span: Span, error: unknown): void {
  if (!span.isRecording()) return
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  span.setAttribute('error.type', name)
  span.recordException(error instanceof Error ? error : message)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}
