import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'
import { sendTestMail, setEmailOfUser } from '../server/notifications/change-address.ts'
import { subscribe } from '../server/notifications/change-subscriptions.ts'
import { usualTransitions } from '../server/notifications/transition.ts'

/** Gives the administrator an address, subscriptions and a first mail. */
export async function subscribeAdministrator(
  deps: Pick<Deps, 'clock' | 'config' | 'db' | 'events' | 'writer'>,
  name: string,
): Promise<void> {
  const { clock, db, writer } = deps
  const { id } = await db.user.findUniqueOrThrow({ where: { name }, select: { id: true } })
  await setEmailOfUser(writer, byServer(), name, 'admin@builds.example')
  const events = [...usualTransitions]
  await subscribe(writer, id, { jobs: ['*'], platforms: null, events, digest: 'INSTANT' }, clock.now())
  await subscribe(
    writer,
    id,
    { jobs: ['dns-*'], platforms: ['freebsd-14'], events: ['REPRODUCED'], digest: 'DAILY' },
    clock.now(),
  )
  await sendTestMail(deps, id)
}
