import { builder } from '../graphql/builder.ts'
import type { Right, Role } from './rights.ts'

export const RoleEnum = builder.enumType('Role', {
  description: 'What a user is.',
  values: {
    ADMIN: { description: 'May do everything.' },
    UPLOADER: { description: 'May read, and upload builds of the jobs of its access list.' },
    READER: { description: 'May read, also where the site is private.' },
    WORKER: {
      description: 'A machine that runs builds: its tokens may connect workers, and it may do nothing else.',
    },
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
    ATTEST: { value: 'attest', description: 'Register keys, and send statements that they have signed.' },
    SCHEDULE: { value: 'schedule', description: 'Say what is to be built.' },
    WORK: { value: 'work', description: 'Take runs as a worker, and give back what it made.' },
    ADMIN_READ: { value: 'admin:read', description: 'See what only administrators see.' },
    ADMIN: { value: 'admin', description: 'Change what only administrators change.' },
  } satisfies Record<string, { value: Right; description: string }>,
})
