import type { IncomingMessage } from 'node:http'
import {
  BadCredentialsError,
  TooManyAttemptsError,
  type Authenticator,
  type Uploader,
} from './authenticate.ts'
import { carriesCredentials, readCredentials } from './credentials.ts'
import { NotAuthorizedError } from './not-authorized.ts'

/** The user who sends a request. */
export type Viewer = Uploader

/** What a user may do. Every user may upload builds; of which jobs, the access list says. */
export type Role = 'uploader'

/** Of the request of an operation. */
export type Viewing = {
  /**
   * The user who sends the request; null if it carries no credentials. Answers to requests that carry some are never
   * shared or stored, so that every field may depend on this. Throws NotAuthorizedError if the credentials are wrong.
   */
  viewer: () => Promise<Viewer | null>
  /** The user who sends the request, and has this role. Throws NotAuthorizedError. */
  requireRole: (role: Role) => Promise<Viewer>
  /** The name in the credentials, unchecked: for the log alone. */
  claimedName: string | null
}

/** The password is checked when a field asks for the first time, and once for each request. */
export function viewingOf(
  { authenticate }: { authenticate: Authenticator },
  request: IncomingMessage,
  address: string,
): Viewing {
  const credentials = readCredentials(request)
  let checked: Promise<Viewer> | undefined
  const check = () => (checked ??= authenticate(credentials, address).catch(asNotAuthorized))
  // What shares answers asks the same function: a request that it takes for nobody's is nobody's here, too.
  const isNobodys = credentials === null || !carriesCredentials(request.headers)
  return {
    viewer: () => (isNobodys ? Promise.resolve(null) : check()),
    async requireRole(role) {
      const viewer = await check()
      if (!rolesOf(viewer).has(role))
        throw new NotAuthorizedError(`user ${viewer.name} lacks the role ${role}: the operator can give it`)
      return viewer
    },
    claimedName: credentials?.name ?? null,
  }
}

function rolesOf(_viewer: Viewer): ReadonlySet<Role> {
  return new Set(['uploader'])
}

function asNotAuthorized(error: unknown): never {
  if (error instanceof BadCredentialsError) throw new NotAuthorizedError(error.message, 'UNAUTHENTICATED')
  if (error instanceof TooManyAttemptsError)
    throw new NotAuthorizedError(error.message, 'RATE_LIMIT', error.retryAfterSeconds)
  throw error
}
