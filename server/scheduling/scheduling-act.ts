import { actorOf, type Act } from '../audit/actor.ts'
import type { Clock } from '../clock.ts'
import { requireFreshSession } from '../sessions/require-fresh-session.ts'
import type { Viewing } from '../users/viewer.ts'

type Asked = Pick<Viewing, 'requireRight'> & { clock: Clock; address: string; requestId: string }

/** The user who sends the request and may schedule, for the audit log. Throws NotAuthorizedError. */
export async function schedulingAct(context: Asked): Promise<Act> {
  const viewer = await context.requireRight('schedule')
  return { actor: actorOf(viewer, context), at: context.clock.now() }
}

/**
 * The same, for what workers execute, and for what is removed: the user has given the password a short time ago. Throws
 * NotAuthorizedError, SignInAgainError.
 */
export async function freshSchedulingAct(context: Asked): Promise<Act> {
  const viewer = await context.requireRight('schedule')
  const at = context.clock.now()
  requireFreshSession(viewer, at)
  return { actor: actorOf(viewer, context), at }
}

/**
 * Whether the viewer sees scripts and templates before they run, their history, and where workers are. A script that has run is in
 * the record of its build, which everybody reads who reads the build.
 */
export async function seesScripts({ viewer }: Pick<Viewing, 'viewer'>): Promise<boolean> {
  const rights = (await viewer())?.rights
  return rights !== undefined && (rights.has('schedule') || rights.has('admin:read'))
}
