import { userInfo } from 'node:os'
import type { Act } from '../audit/actor.ts'

/** Somebody who runs `hub` at this moment, by the name of the system user. */
export function actOfCommand(): Act {
  const actor = {
    name: systemUser(),
    via: 'command' as const,
    credential: null,
    address: null,
    requestId: null,
  }
  return { actor, at: new Date() }
}

/** Null: the system has no name for the user of this process. */
function systemUser(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}
