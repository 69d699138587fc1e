import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '../config.ts'
import { isFromOtherSite } from '../from-other-site.ts'
import { siteUrl } from '../site-url.ts'
import { sessionSecretIn } from '../users/credentials.ts'
import { cookiesOfNoSession, cookiesOfSession } from './session-cookies.ts'

/** What signing in and out needs of a request and its answer. */
export type Browser = {
  /** What it says of itself, cut to some hundred characters. */
  userAgent: string
  /** A page of another site made the browser send this. */
  isFromOtherSite: boolean
  /** The secret of the session that the request has; null: it has none. */
  sessionSecret: string | null
  /** The answer gives this session to the browser. */
  giveSession: (secret: string) => void
  /** The answer takes the session from the browser. */
  endSession: () => void
}

const maxUserAgentLength = 300

export function browserOf(
  request: Pick<IncomingMessage, 'headers'>,
  response: Pick<ServerResponse, 'setHeader' | 'headersSent'>,
  config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
): Browser {
  const isSecure = siteUrl(request, config).startsWith('https:')
  // The last one counts: who signs out and in within one request is signed in.
  const setCookies = (cookies: string[]) => {
    if (!response.headersSent) response.setHeader('Set-Cookie', cookies)
  }
  return {
    userAgent: (request.headers['user-agent'] ?? '').slice(0, maxUserAgentLength),
    isFromOtherSite: isFromOtherSite(request, config),
    sessionSecret: sessionSecretIn(request, config),
    giveSession: (secret) => setCookies(cookiesOfSession(secret, { isSecure })),
    endSession: () => setCookies(cookiesOfNoSession({ isSecure })),
  }
}
