import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { clientAddress, readCredentials } from './credentials.ts'
import type { Viewer } from './viewer.ts'

const authenticated = new WeakMap<IncomingMessage, Promise<Viewer>>()

/**
 * The user who sends a request. Its credentials are checked once, whoever asks: a wrong password counts as one attempt, and a JSON Web
 * Token, which counts once, is exchanged once. Throws BadCredentialsError, TooManyAttemptsError.
 */
export function authenticateRequest(
  { authenticate, config }: Pick<Deps, 'authenticate' | 'config'>,
  request: IncomingMessage,
): Promise<Viewer> {
  const known = authenticated.get(request)
  if (known) return known
  const viewer = authenticate(readCredentials(request), clientAddress(request, config.trustedProxies))
  authenticated.set(request, viewer)
  return viewer
}
