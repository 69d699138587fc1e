import { Option } from 'commander'
import { isRole, roles, type Role } from '../users/rights.ts'

/** The flag `--role`: a role in small letters. */
export function roleOption(description: string): Option {
  return new Option('--role <role>', description).choices(roles.map((role) => role.toLowerCase()))
}

/** The role that the flag names; commander has checked it. */
export function roleOfFlag(text: string | undefined): Role | undefined {
  const role = text?.toUpperCase()
  return role !== undefined && isRole(role) ? role : undefined
}
