import type { IncomingMessage, ServerResponse } from 'node:http'
import type findMyWay from 'find-my-way'
import { sendRedirect, sendText } from './http.ts'

type Router = Pick<ReturnType<typeof findMyWay>, 'find'>

const methods = ['GET', 'HEAD', 'POST'] as const

/**
 * Answers a request without a route if another method of the path, or the path without the slash at its end,
 * has one. OPTIONS and 405 name the methods (RFC 9110 §15.5.6). GET and HEAD of a path with a slash at its end
 * redirect to the path without it. Other methods are handled as if the slash were missing, because a request
 * whose body is already being sent cannot be redirected. Returns false if there is no such route.
 */
export function answerMethodNotAllowed(
  router: Router,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method = '', url = '' } = request
  if (url === '*' && method === 'OPTIONS') {
    response.writeHead(204, { Allow: 'GET, HEAD, POST, OPTIONS' }).end()
    return true
  }
  const allowed = methodsOf(router, url)
  if (allowed.length > 0) {
    refuseMethod(request, response, allowed)
    return true
  }
  const shorter = withoutSlash(url)
  if (shorter === null) return false
  const offered = methodsOf(router, shorter)
  if (offered.length === 0) return false
  if (!offered.some((one) => one === method)) refuseMethod(request, response, offered)
  else if (method === 'POST') takeWithout(router, shorter, request, response)
  else sendRedirect(response, 308, shorter, { 'Access-Control-Allow-Origin': '*' })
  return true
}

/** Routes have `isRoute` as their store. A path that cannot be decoded matches without a store. */
export const isRoute = Symbol('isRoute')

function methodsOf(router: Router, url: string): string[] {
  return methods.filter((method) => router.find(method, url)?.store === isRoute)
}

function refuseMethod(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void {
  const headers = { Allow: [...allowed, 'OPTIONS'].join(', ') }
  if (request.method === 'OPTIONS') response.writeHead(204, headers).end()
  else sendText(response, 405, `nothing here answers ${request.method} ${request.url}`, headers)
}

function takeWithout(router: Router, url: string, request: IncomingMessage, response: ServerResponse): void {
  const found = router.find('POST', url)
  if (found) found.handler(request, response, found.params, found.store, found.searchParams)
}

/** The URL without slashes at the end of its path. Null if there are none, or if the path has only slashes. */
function withoutSlash(url: string): string | null {
  const [path = '', ...search] = url.split(/(?=\?)/)
  if (!path.startsWith('/') || !path.endsWith('/')) return null
  let end = path.length
  while (path[end - 1] === '/') end--
  return end === 0 ? null : path.slice(0, end) + search.join('')
}
