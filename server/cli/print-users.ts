import type { SessionFacts } from '../sessions/list-sessions.ts'
import type { TokenFacts } from '../users/tokens.ts'
import type { UserFacts } from '../users/users.ts'
import { visibleLine } from './visible-line.ts'

/** A user as JSON has it. */
export const shownUser = ({ name, role, unrestricted, disabled, jobs }: UserFacts): UserFacts => ({
  ...{ name, role, unrestricted, disabled, jobs },
})

/** `alice, admin: every job`, or `bob (disabled): dns-primary, dns-secondary`. Uploaders are the usual users. */
export function describeUser({ name, role, unrestricted, disabled, jobs }: UserFacts): string {
  const shown = `${name}${role === 'UPLOADER' ? '' : `, ${role.toLowerCase()}`}${disabled ? ' (disabled)' : ''}`
  if (role === 'WORKER') return `${shown}: takes runs`
  if (role === 'READER') return `${shown}: uploads nothing`
  const isForAll = unrestricted || role === 'ADMIN'
  return `${shown}: ${isForAll ? 'every job' : jobs.length > 0 ? jobs.join(', ') : 'no job'}`
}

/** What commands print of a token. */
export type PrintedToken = Omit<TokenFacts, 'id' | 'scopes'> & { id: number; scopes: readonly string[] }

/** A token as JSON has it. */
export function shownToken(token: PrintedToken): PrintedToken {
  const { id, userName, name, prefix, scopes, networks, createdAt, expiresAt } = token
  const { lastUsedAt, lastUsedFrom, revokedAt, state } = token
  return {
    ...{ id, userName, name, prefix, scopes, networks, createdAt, expiresAt },
    ...{ lastUsedAt, lastUsedFrom, revokedAt, state },
  }
}

/** `7 bhub_Ab3x builder "example.org": upload:*; until 2026-…; last used 2026-… from 10.0.0.1`. */
export function describeToken(token: PrintedToken): string {
  const { id, prefix, userName, name, scopes, networks, state, expiresAt, revokedAt } = token
  const end = {
    ACTIVE: expiresAt ? `until ${expiresAt.toISOString()}` : 'never ends',
    EXPIRED: `expired ${expiresAt?.toISOString()}`,
    REVOKED: `revoked ${revokedAt?.toISOString()}`,
  }[state]
  const from = networks ? ` from ${networks.join(', ')}` : ''
  const use = token.lastUsedAt
    ? `last used ${token.lastUsedAt.toISOString()} from ${token.lastUsedFrom}`
    : 'never used'
  return visibleLine(
    `${id} ${prefix} ${userName} ${JSON.stringify(name)}: ${scopes.join(' ')}${from}; ${end}; ${use}`,
  )
}

/** A session as JSON has it. */
export function shownSession(session: SessionFacts): SessionFacts {
  const { id, userName, createdAt, lastSeenAt, lastSeenFrom, program, expiresAt } = session
  return { id, userName, createdAt, lastSeenAt, lastSeenFrom, program, expiresAt }
}

/** `7 alice: Firefox 128 on Linux; since 2026-…; last used 2026-… from 10.0.0.1; ends by 2026-…`. */
export function describeSession(one: SessionFacts): string {
  const { id, userName, program, createdAt, lastSeenAt, lastSeenFrom, expiresAt } = one
  const use = `last used ${lastSeenAt.toISOString()} from ${lastSeenFrom}`
  return visibleLine(
    `${id} ${userName}: ${program}; since ${createdAt.toISOString()}; ${use}; ends by ${expiresAt.toISOString()}`,
  )
}
