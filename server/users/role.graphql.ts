import { builder } from '../graphql/builder.ts'
import type { Right, Role } from './rights.ts'

export const RoleEnum = builder.enumType('Role', {
  description: 'What a user is.',
  values: {
    ADMIN: { description: 'May do everything.' },
    UPLOADER: { description: 'May read, and upload builds of the jobs of its access list.' },
    READER: { description: 'May read, also where the site is private.' },
  } satisfies Record<Role, unknown>,
})

export const RightEnum = builder.enumType('Right', {
  description: 'What somebody may do.',
  values: {
    READ: { value: 'read', description: 'Read builds. On a public site everybody may.' },
    UPLOAD: {
      value: 'upload',
      description: 'Upload builds: of which jobs the access list and the token say.',
    },
    SCHEDULE: { value: 'schedule', description: 'Say what is to be built.' },
    ADMIN_READ: { value: 'admin:read', description: 'See what only administrators see.' },
    ADMIN: { value: 'admin', description: 'Change what only administrators change.' },
  } satisfies Record<string, { value: Right; description: string }>,
})
