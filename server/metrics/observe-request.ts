import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from './metrics.ts'

const routes = new WeakMap<IncomingMessage, string>()

/** The request has a route; `pattern` is its path as in the list of routes, e.g. `/job/:job/build/:uuid`. */
export function noteRoute(request: IncomingMessage, pattern: string): void {
  routes.set(request, pattern)
}

const methods = new Set(['GET', 'HEAD', 'POST', 'OPTIONS'])

/** Counts the request when it has ended. One that is answered without a route has the route `other`. */
export function observeRequest(
  { httpDuration, httpRequests }: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const startedAt = performance.now()
  response.once('close', () => {
    const route = routes.get(request) ?? 'other'
    const method = methods.has(request.method ?? '') ? String(request.method) : 'other'
    const status = response.headersSent ? String(response.statusCode) : 'none'
    httpRequests.inc({ method, route, status })
    // Subscriptions last as long as somebody listens.
    const isStream = String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')
    if (!isStream) httpDuration.observe({ route }, (performance.now() - startedAt) / 1_000)
  })
}
