import type { IncomingMessage, ServerResponse } from 'node:http'
import type findMyWay from 'find-my-way'
import { sendRedirect, sendText } from './http.ts'

type Router = Pick<ReturnType<typeof findMyWay>, 'find'>

const methods = ['GET', 'HEAD', 'POST'] as const

/**
 * Answers a request that no route takes as it is, where another method, or the same path without a
 * slash at its end, is routed: OPTIONS and 405 name the methods (RFC 9110 §15.5.6); a page with a
 * slash redirects to the one without. What is sent with a slash is taken as if it had none: a body
 * that is on its way cannot be redirected. Gives false for everything else.
 */
export function answerUnrouted(router: Router, request: IncomingMessage, response: ServerResponse): boolean {
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

/** Routes are registered with `isRoute` as their store: a path that cannot be decoded is found too, without. */
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

/** The same URL without slashes at the end of its path; null when it has none, or nothing else. */
function withoutSlash(url: string): string | null {
  const [path = '', ...search] = url.split(/(?=\?)/)
  if (!path.startsWith('/') || !path.endsWith('/')) return null
  let end = path.length
  while (path[end - 1] === '/') end--
  return end === 0 ? null : path.slice(0, end) + search.join('')
}
