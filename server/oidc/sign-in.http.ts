import type { IncomingMessage, ServerResponse } from 'node:http'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Deps } from '../deps.ts'
import { sendRedirect, sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { perServer } from '../per-server.ts'
import { requestIdOf } from '../request-id.ts'
import { siteKey } from '../secrets/site-key.ts'
import { browserOf } from '../sessions/browser.ts'
import { auditFailure } from '../sessions/sign-in.ts'
import { siteUrl } from '../site-url.ts'
import { networkOf } from '../users/authenticate.ts'
import { clientAddress } from '../users/credentials.ts'
import { cookieOfBegun, cookieOfNoneBegun, findBegun } from './begun-sign-in.ts'
import { ownPath } from './own-path.ts'
import { beginSignIn, finishSignIn } from './sign-in-elsewhere.ts'
import { SignInRefusedError } from './sign-in-refused.ts'
import { findSignInSettings, type SignInSite } from './sign-in-settings.ts'

type Parts = Pick<Deps, 'clock' | 'config' | 'events' | 'log' | 'writer'>

const callbackPath = '/oidc/callback'

/** The address has a code of the issuer: no other site may learn it. */
const headers = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }

/** Each sign-in that comes back costs requests to the issuer. */
const maxAttempts = 60
const attemptsOf = perServer(() => new RateLimiterMemory({ points: maxAttempts, duration: 300 }))

/** Signing in at another site, by OpenID Connect: to it, and back from it. */
export function signInRoutes(deps: Parts): HttpRoute[] {
  const whereConfigured =
    (handle: (site: SignInSite, ...rest: Parameters<HttpHandler>) => Promise<void>): HttpHandler =>
    async (context) => {
      const site = findSignInSettings(deps)
      if (site) await handle(site, context)
      else sendText(context.response, 404, 'nobody signs in at another site here: see /login', headers)
    }
  return [
    {
      methods: ['GET'],
      path: '/oidc/sign-in',
      needs: 'none',
      handle: whereConfigured(async (site, { request, response, query }) => {
        const next = ownPath(query.get('next'))
        await orRefuse(deps, { request, response, site, next }, async () => {
          const url = siteUrl(request, deps.config)
          const asked = { callback: url + callbackPath, next, isAgain: query.get('again') === 'true' }
          const { address, begun } = await beginSignIn(deps, site, asked)
          const cookie = cookieOfBegun(siteKey(deps.config.dataDir), begun, url.startsWith('https:'))
          response.setHeader('Set-Cookie', cookie)
          response.writeHead(302, { ...headers, Location: address.href, 'Content-Length': 0 }).end()
        })
      }),
    },
    {
      methods: ['GET'],
      path: callbackPath,
      needs: 'none',
      handle: whereConfigured(async (site, { request, response, query }) => {
        const url = siteUrl(request, deps.config)
        const isSecure = url.startsWith('https:')
        const found = findBegun(siteKey(deps.config.dataDir), request.headers, {
          isSecure,
          now: deps.clock.now(),
        })
        // Another state: begun in another window, or a page of another site sends its own code.
        const begun = found?.state === query.get('state') ? found : null
        await orRefuse(deps, { request, response, site, next: begun?.next ?? '/' }, async () => {
          if (!begun)
            throw new SignInRefusedError('expired', 'this browser has not begun it, or too long ago')
          // Each beginning counts once.
          response.setHeader('Set-Cookie', cookieOfNoneBegun(isSecure))
          const address = new URL(`${url}${callbackPath}?${query}`)
          const client = await clientOf(deps, request, response)
          const { secret } = await finishSignIn(deps, site, { address, begun, client })
          browserOf(request, response, deps.config).giveSession(secret)
          response.appendHeader('Set-Cookie', cookieOfNoneBegun(isSecure))
          sendRedirect(response, 302, begun.next, headers)
        })
      }),
    },
  ]
}

/** Throws SignInRefusedError if there were too many. */
async function clientOf({ config, events }: Parts, request: IncomingMessage, response: ServerResponse) {
  const address = clientAddress(request, config.trustedProxies)
  const { consumedPoints } = await attemptsOf(events).penalty(networkOf(address))
  if (consumedPoints > maxAttempts)
    throw new SignInRefusedError('too-many', `${consumedPoints} sign-ins within five minutes`)
  const { userAgent, sessionSecret } = browserOf(request, response, config)
  return { address, requestId: requestIdOf(request, config), userAgent, endedSecret: sessionSecret }
}

type Visit = { request: IncomingMessage; response: ServerResponse; site: SignInSite; next: string }

/** What is refused ends at the page for signing in, which says why, in the log, and in the audit log. */
async function orRefuse(
  parts: Parts,
  { request, response, site, next }: Visit,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof SignInRefusedError)) throw error
    const { problem, user, message: reason } = error
    const { issuer } = site.signIn
    const address = clientAddress(request, parts.config.trustedProxies)
    const requestId = requestIdOf(request, parts.config)
    parts.log.warn({ problem, reason, user, issuer, address, requestId }, 'sign-in at another site refused')
    if (problem !== 'too-many')
      await auditFailure(parts, { user, detail: { issuer, problem } }, { address, requestId })
    sendRedirect(response, 302, `/login?${new URLSearchParams({ problem, next })}`, headers)
  }
}
