import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { requestIdOf } from '../request-id.ts'
import { auditAuthentication, type AuditAuthenticationDeps } from './audit-authentication.ts'
import { BadCredentialsError, TooManyAttemptsError } from './bad-credentials.ts'
import { clientAddress, readCredentials } from './credentials.ts'
import type { Viewer } from './viewer.ts'

const authenticated = new WeakMap<IncomingMessage, Promise<Viewer>>()

export type AuthenticateDeps = Pick<Deps, 'authenticate' | 'config'> & AuditAuthenticationDeps

/**
 * The user who sends a request. Its credentials are checked once, whoever asks: a wrong password counts as one attempt, and a JSON Web
 * Token, which counts once, is exchanged once. Throws BadCredentialsError, TooManyAttemptsError, which the audit log has, too.
 */
export function authenticateRequest(deps: AuthenticateDeps, request: IncomingMessage): Promise<Viewer> {
  const known = authenticated.get(request)
  if (known) return known
  const viewer = check(deps, request)
  authenticated.set(request, viewer)
  return viewer
}

async function check(deps: AuthenticateDeps, request: IncomingMessage): Promise<Viewer> {
  const credentials = readCredentials(request, deps.config)
  const address = clientAddress(request, deps.config.trustedProxies)
  try {
    return await deps.authenticate(credentials, address)
  } catch (error) {
    const isRefused = error instanceof BadCredentialsError || error instanceof TooManyAttemptsError
    if (isRefused && credentials && credentials.kind !== 'session')
      auditAuthentication(deps, error, credentials, { address, requestId: requestIdOf(request, deps.config) })
    throw error
  }
}
