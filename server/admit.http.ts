import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendRedirect, sendText } from './http.ts'
import { authenticateRequest, type AuthenticateDeps } from './users/authenticate-request.ts'
import { BadCredentialsError, TooManyAttemptsError } from './users/bad-credentials.ts'
import { NotAuthorizedError } from './users/not-authorized.ts'
import { checkRight } from './users/viewer.ts'

/**
 * Whether a request to a private site is that of a user who may read. Otherwise it is answered: browsers that open a page are sent to
 * the page for signing in, all others get 401. No answer of a private site may be stored on its way.
 */
export async function admit(
  deps: AuthenticateDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  forbidStoring(response)
  try {
    checkRight(await authenticateRequest(deps, request), 'read')
    return true
  } catch (error) {
    if (error instanceof TooManyAttemptsError)
      sendText(response, 429, error.message, { 'Retry-After': String(error.retryAfterSeconds) })
    else if (error instanceof NotAuthorizedError) sendText(response, 403, error.message)
    else if (!(error instanceof BadCredentialsError)) throw error
    else if (isPageVisit(request)) sendRedirect(response, 302, loginPath(request.url ?? '/'))
    else sendText(response, 401, error.message, { 'WWW-Authenticate': challengeOf(request) })
    return false
  }
}

const loginPath = (next: string) => `/login?next=${encodeURIComponent(next)}`

function isPageVisit({ headers, method }: IncomingMessage): boolean {
  const isReading = method === 'GET' || method === 'HEAD'
  return isReading && headers.authorization === undefined && /\btext\/html\b/i.test(headers.accept ?? '')
}

/** A browser would ask for a password by itself, in the midst of a page, if the challenge was Basic. */
function challengeOf({ headers }: IncomingMessage): string {
  const scheme = headers['sec-fetch-mode'] === undefined ? 'Basic' : 'Bearer'
  return `${scheme} realm="builder-hub"`
}

/** Whatever the handler says of storing. Node calls `writeHead` for answers without it, too. */
export function forbidStoring(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response)
  const privately = (status: number, ...rest: unknown[]) => {
    const headers = rest.find((one) => typeof one === 'object' && one !== null) ?? {}
    const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'cache-control')
    response.setHeader('Cache-Control', 'private, no-store')
    return writeHead(status, Object.fromEntries(others))
  }
  response.writeHead = privately
}
