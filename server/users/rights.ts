/** What a user is. */
export const roles = ['ADMIN', 'UPLOADER', 'READER', 'WORKER'] as const
export type Role = (typeof roles)[number]

/**
 * What somebody may do. `read`: what everybody may on a public site. `upload`: builds, of which jobs the access list
 * and the scopes of a token say. `attest`: register keys, and send what they have signed. `schedule`: say what is built. `work`: take runs as
 * a worker. `admin:read`: see what only administrators see. `admin`: change it.
 */
export const rights = ['read', 'upload', 'attest', 'schedule', 'work', 'admin:read', 'admin'] as const
export type Right = (typeof rights)[number]

const rightsOfRoles: Record<Role, readonly Right[]> = {
  READER: ['read'],
  UPLOADER: ['read', 'upload', 'attest'],
  ADMIN: rights,
  WORKER: ['work'],
}

export const rightsOf = (role: Role): readonly Right[] => rightsOfRoles[role]

/** The role that a row of the table of users has. */
export function roleOf(text: string): Role {
  if (!isRole(text)) throw new Error(`no role: ${JSON.stringify(text)}`)
  return text
}

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text)
