import type { IncomingMessage } from 'node:http'
import type { SessionId, TokenId } from '../ids.ts'
import type { User } from '../generated/prisma/client.ts'
import type { Uploader } from './authenticate.ts'
import { authenticateRequest, type AuthenticateDeps } from './authenticate-request.ts'
import { BadCredentialsError, TooManyAttemptsError } from './bad-credentials.ts'
import { carriesCredentials, readCredentials, type Credentials } from './credentials.ts'
import { NotAuthorizedError } from './not-authorized.ts'
import { rightsOf, roleOf, type Right, type Role } from './rights.ts'

/** How a viewer has shown who it is. */
export type Credential =
  | { kind: 'password' }
  /** `jobs`: the only ones that it may upload builds of; null: those of its user. */
  | { kind: 'token'; id: TokenId; prefix: string; jobs: readonly string[] | null }
  /** `authenticatedAt`: when the user last gave a password, or came from the site that signs people in. */
  | { kind: 'session'; id: SessionId; authenticatedAt: Date }

/** The user who sends a request, and what this request may do. */
export type Viewer = Uploader & {
  role: Role
  /** Those of the role that the credential has, too. */
  rights: ReadonlySet<Right>
  credential: Credential
  /** The user signs in at another site, and has no password unless an administrator gave one. */
  isFromIssuer: boolean
}

/** `granted`: what the credential allows, if the role does; default: all of the role. */
export function viewerOf(
  {
    id,
    name,
    role: text,
    unrestricted,
    oidcIssuer,
  }: Pick<User, 'id' | 'name' | 'role' | 'unrestricted' | 'oidcIssuer'>,
  credential: Credential,
  granted?: ReadonlySet<Right>,
): Viewer {
  const role = roleOf(text)
  const rights = new Set(rightsOf(role).filter((right) => !granted || granted.has(right)))
  return {
    ...{ id, name, role, rights, credential },
    unrestricted: unrestricted || role === 'ADMIN',
    isFromIssuer: oidcIssuer !== null,
  }
}

/** Of the request of an operation. */
export type Viewing = {
  /**
   * The user who sends the request; null if it carries no credentials. Answers to requests that carry some are never
   * shared or stored, so that every field may depend on this. Throws NotAuthorizedError if the credentials are wrong.
   */
  viewer: () => Promise<Viewer | null>
  /** The user who sends the request, and has this right. Throws NotAuthorizedError. */
  requireRight: (right: Right) => Promise<Viewer>
  /** Whether the credentials of the request still count, and give this right: they may have ended since it came. */
  stillHasRight: (right: Right) => Promise<boolean>
  /** The user whose password this is. Throws NotAuthorizedError. */
  checkPassword: (name: string, password: string) => Promise<Viewer>
  /** The name in the credentials, unchecked: for the log alone. */
  claimedName: string | null
}

/**
 * The credentials are checked when a field asks for the first time. `onEndedSession`: the browser
 * has the cookie of a session that is over.
 */
export function viewingOf(
  deps: AuthenticateDeps,
  request: IncomingMessage,
  address: string,
  onEndedSession: () => void,
): Viewing {
  const credentials = readCredentials(request, deps.config)
  const check = () => authenticateRequest(deps, request).catch(asNotAuthorized)
  // What shares answers asks the same function: a request that it takes for nobody's is nobody's here, too.
  const isNobodys = credentials === null || !carriesCredentials(request.headers)
  return {
    viewer: () =>
      isNobodys ? Promise.resolve(null) : check().catch(asNobodyAfter(credentials, onEndedSession)),
    async requireRight(right) {
      const viewer = await check()
      checkRight(viewer, right)
      return viewer
    },
    async stillHasRight(right) {
      try {
        checkRight(await deps.authenticate(credentials, address), right)
        return true
      } catch (error) {
        if (error instanceof BadCredentialsError || error instanceof NotAuthorizedError) return false
        throw error
      }
    },
    checkPassword: (name, password) =>
      deps.authenticate({ kind: 'password', name, password }, address).catch(asNotAuthorized),
    claimedName: credentials?.name ?? null,
  }
}

/** Throws NotAuthorizedError if the viewer lacks the right. */
export function checkRight({ name, role, rights, credential }: Viewer, right: Right): void {
  if (rights.has(right)) return
  if (credential.kind === 'password' && rightsOf(role).includes(right))
    throw new NotAuthorizedError(
      `user ${name} has a second factor, without which a password does not give the right ${right}: sign in in a browser, or create a token`,
    )
  throw new NotAuthorizedError(
    credential.kind === 'token'
      ? `the token ${credential.prefix}… of user ${name} lacks the right ${right}: create one with this scope, by a user who has it`
      : `user ${name} has the role ${role}, which lacks the right ${right}: an administrator can change the role`,
  )
}

/** A browser keeps the cookie of a session that is over: whoever sends it reads on as nobody. */
function asNobodyAfter({ kind }: Credentials, onEndedSession: () => void): (error: unknown) => null {
  return (error) => {
    const isOver =
      kind === 'session' && error instanceof NotAuthorizedError && error.code === 'UNAUTHENTICATED'
    if (!isOver) throw error
    onEndedSession()
    return null
  }
}

function asNotAuthorized(error: unknown): never {
  if (error instanceof BadCredentialsError) throw new NotAuthorizedError(error.message, 'UNAUTHENTICATED')
  if (error instanceof TooManyAttemptsError)
    throw new NotAuthorizedError(error.message, 'RATE_LIMIT', error.retryAfterSeconds)
  throw error
}
