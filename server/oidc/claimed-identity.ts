import type { SignInSettings } from '../settings/identity-file.ts'
import { roles, type Role } from '../users/rights.ts'

/** What an issuer says of a person. */
export type Claims = Readonly<Record<string, unknown>>

/** The value of a claim, also of one within another, such as `realm_access.roles`; undefined: there is none. */
export function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  const dot = name.indexOf('.')
  const outer = dot < 0 || !Object.hasOwn(claims, name.slice(0, dot)) ? null : claims[name.slice(0, dot)]
  return typeof outer === 'object' && outer !== null
    ? claimOf(outer as Claims, name.slice(dot + 1))
    : undefined
}

/**
 * The highest role that a group of the person has; without such a group that of `*`. Null: none. A claim is a text or a list of texts:
 * all else is no group.
 */
export function roleOfClaims(
  { rolesClaim, roles: rolesOfGroups }: Pick<SignInSettings, 'roles'> & { rolesClaim: string },
  claims: Claims,
): Role | null {
  const groups = [claimOf(claims, rolesClaim)].flat()
  const given = Object.entries(rolesOfGroups)
  const ofGroups = given.filter(([group]) => group !== '*' && groups.includes(group)).map(([, role]) => role)
  const others = given.find(([group]) => group === '*')?.[1] ?? null
  return roles.find((role) => ofGroups.includes(role)) ?? others
}

/** When the person has signed in there, not in the future; null: the issuer does not say. */
export function authenticatedAtOf({ auth_time: seconds }: Claims, now: Date): Date | null {
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < 1e11)) return null
  return new Date(Math.min(seconds * 1000, now.getTime()))
}
